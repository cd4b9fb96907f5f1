"""Benchmark models on this machine: quality under a protocol, and speed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from ganzoo import hub, registry
from ganzoo.bench.measurements import Measurement, find_done, list_measurements, protocol_for
from ganzoo.bench.row_file import merge_row, read_row_file, read_rows, row_file, write_rows
from ganzoo.bench.rows import BenchConfig, Row, Target
from ganzoo.bench.speed import count_parameters, sampling_speed, training_speed
from ganzoo.data import Dataset, load_for_model
from ganzoo.errors import ConfigError, RunError
from ganzoo.evaluation import protocols
from ganzoo.evaluation.evaluator import evaluate
from ganzoo.gan import GAN
from ganzoo.runtime.devices import device_name, move_to_device, resolve_device
from ganzoo.runtime.durations import rounded
from ganzoo.runtime.memory import peak_memory
from ganzoo.runtime.progress import say
from ganzoo.runtime.version import VERSION
from ganzoo.sampling import grids, writers
from ganzoo.spec import Recipe
from ganzoo.training import Trainer, train

log = logging.getLogger("ganzoo")


def bench(targets: Iterable[Target | registry.Model], config: BenchConfig) -> Iterator[Row]:
    """Measure models: a row for published or given weights, and one per seed for a training here.

    Each row is yielded as it comes, and is a line in ``rows.jsonl``, with those of earlier calls.
    A model that fails is a row with its error.

    Raises:
        UsageError: no such protocol or device, fewer than 2 samples, or settings of no model.
        RunError: the folder cannot be written.
    """
    if config.protocol is not None:
        protocols.find_protocol(config.protocol)
    if config.n is not None and config.n < 2:
        raise ConfigError(f"a score needs at least 2 samples, not {config.n}")
    if config.seeds < 1:
        raise ConfigError(f"a bench needs at least 1 seed, not {config.seeds}")
    found = [each if isinstance(each, Target) else Target(each.name, each) for each in targets]
    resolve_device(config.device)
    work = list_measurements(found, config)
    try:
        config.folder.mkdir(parents=True, exist_ok=True)
        yield from _rows(work, config)
    except OSError as error:
        raise RunError(f"cannot write {config.folder}: {error.strerror or error}") from error


def _rows(work: list[Measurement], config: BenchConfig) -> Iterator[Row]:
    """Measure what is not done yet, and write each row as it comes."""
    earlier, path = read_rows(config.folder), row_file(config.folder, config.shard)
    own = read_row_file(path)
    new = [_start(each, config) for each in work]
    done = [find_done(earlier, *each, config) for each in zip(work, new, strict=True)]
    kinds = [each.weights for each, row in zip(work, done, strict=True) if row is None]
    start, said = time.monotonic(), _Once()
    for index, each in enumerate(work):
        place, row = f"{index + 1} of {len(work)}: {each.describe(config)}", done[index]
        if row is None:
            left = _seconds_left(kinds, done[:index].count(None), start, config)
            say(f"{place}, about {left} left")
            one = replace(config, seed=each.seed, settings=each.settings)
            with said.filtering():
                row = _measure(each, one, new[index])
            own = merge_row(own, row)
            write_rows(path, own)
        else:
            say(f"{place} was done before")
        yield row


class _Once(logging.Filter):
    """Passes each message on data once: models of a bench read the same data, several times."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        is_new = text not in self.said
        self.said.add(text)
        return is_new or not text.startswith("data ")

    @contextmanager
    def filtering(self) -> Iterator[None]:
        """Drop repeated messages on data inside the block."""
        log.addFilter(self)
        try:
            yield
        finally:
            log.removeFilter(self)


def _seconds_left(kinds: list[str], done: int, start: float, config: BenchConfig) -> str:
    """Time that the rest takes: as long as what is done took, at least the budgets."""
    budgets = config.budget * kinds[done:].count("trained")
    spent = time.monotonic() - start
    before = spent - config.budget * kinds[:done].count("trained")
    beside = max(before, 0) / done if done else 0.0
    return rounded(budgets + beside * (len(kinds) - done))


def _start(work: Measurement, config: BenchConfig) -> Row:
    """The row of a measurement before it is measured."""
    plugin = work.target.model.plugin
    return Row(
        model=work.target.name,
        distribution=plugin.distribution,
        version=plugin.version,
        editable=plugin.editable,
        weights=work.weights,
        seed=work.seed,
        device=device_name(resolve_device(config.device)),
        torch=torch.__version__,
        ganzoo=VERSION,
        settings=work.settings,
    )


def _measure(work: Measurement, config: BenchConfig, row: Row) -> Row:
    """One row; any error of the model becomes the row's."""
    measures = {"published": _loaded, "given": _loaded, "trained": _trained}
    measure = measures.get(work.weights, _untrained)
    try:
        return measure(work, config, resolve_device(config.device), row)
    except Exception as error:
        return replace(row, error=f"{type(error).__name__}: {error}")


def _loaded(work: Measurement, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Quality of published or given weights."""
    target = work.target
    if target.trained:
        gan = target.trained.load(device=str(device))
    else:
        gan = hub.load(target.model, device=str(device))
    return _quality(target, gan, config, row)


def _trained(work: Measurement, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Quality of weights trained here within the budget."""
    target = work.target
    folder = config.folder / config.file_stem(target.name)
    run = work.plan(config)
    with peak_memory(device) as peak:
        result = train(run, out=folder, budget=config.budget, device=str(device))
    if result.stopped:
        raise KeyboardInterrupt
    row = replace(
        row,
        train_images_per_second=result.speed or None,
        peak_megabytes=peak[0] if result.new_images else None,
        kimg=result.images / 1000,
        seconds=result.seconds,
        warnings=tuple(_unfinished_schedule(run.recipe, result.images)),
    )
    gan = hub.load_folder(folder, model=target.model)
    move_to_device(gan, device).eval()
    return _quality(target, gan, config, row)


def _unfinished_schedule(recipe: Recipe, images: int) -> Iterator[str]:
    """A warning if a learning rate was still to fall when the budget ended."""
    optimizers = (recipe.optimizer, *recipe.optimizers.values())
    if images < recipe.kimg * 1000 and any(each.schedule != "constant" for each in optimizers):
        yield (
            f"the budget ended at {images / 1000:.1f} of {recipe.kimg:g} kimg, before the"
            " learning-rate schedule did"
        )


def _untrained(work: Measurement, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Speed alone."""
    run = work.plan(config)
    gan = run.build()
    dataset = load_for_model(gan, run.recipe.data)
    with peak_memory(device) as peak:
        speed = training_speed(Trainer(gan, run.recipe, dataset, seed=run.seed, device=device))
    row = replace(row, train_images_per_second=speed, peak_megabytes=peak[0])
    return _sizes_and_sampling_speed(gan, dataset, row)


def _sizes_and_sampling_speed(gan: GAN, dataset: Dataset, row: Row) -> Row:
    return replace(
        row,
        generator_parameters=count_parameters(gan.generator),
        discriminator_parameters=count_parameters(gan.discriminator),
        sample_images_per_second=sampling_speed(gan, dataset),
    )


def _quality(target: Target, gan: GAN, config: BenchConfig, row: Row) -> Row:
    """Scores under the protocol, sampling speed and a picture."""
    model, data = target.model, config.data or target.data
    protocol = protocol_for(target, gan, config)
    if data == model.preset.recipe.data:
        data = protocol.data or data
    dataset = load_for_model(gan, data)
    row = _sizes_and_sampling_speed(gan, dataset, row)
    scores = evaluate(gan, protocol=protocol, data=data, n=config.n, seed=config.seed)
    return replace(
        row,
        n=scores.n,
        protocol=scores.protocol.name,
        protocol_hash=scores.protocol.hash,
        values=scores.values,
        spread=scores.spread,
        floor=scores.floor,
        classes=scores.classes,
        warnings=(*row.warnings, *scores.warnings),
        picture=_save_samples(gan, dataset, config, f"{target.name}.{row.weights}"),
        data=data,
    )


def _save_samples(gan: GAN, dataset: Dataset, config: BenchConfig, name: str) -> str:
    """Write a grid of samples to the folder; the name of the file."""
    file = config.file_stem(name) + writers.suffix(gan)
    given = gan.sample_conditions(dataset, grids.GRID, config.seed)
    samples = gan.sample(grids.GRID, seed=config.seed, **given)
    made_from = {**gan.prior_rows(grids.GRID, config.seed), **given}
    writers.save(gan, samples, config.folder / file, made_from)
    return file

"""Benchmark models on this machine: quality under a protocol, and speed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

import torch

from ganzoo import hub, registry
from ganzoo.bench.row_file import merge_row, read_rows, write_rows
from ganzoo.bench.rows import BenchConfig, Row, Target
from ganzoo.bench.speed import count_parameters, sampling_speed, training_speed
from ganzoo.data import Dataset, load_for_model
from ganzoo.errors import ConfigError, RunError, UsageError
from ganzoo.evaluation import protocols
from ganzoo.evaluation.evaluator import evaluate
from ganzoo.evaluation.protocol_choice import choose_protocol
from ganzoo.gan import GAN
from ganzoo.runtime.devices import device_name, move_to_device, resolve_device
from ganzoo.runtime.durations import rounded
from ganzoo.runtime.memory import peak_memory
from ganzoo.runtime.progress import say
from ganzoo.runtime.version import VERSION
from ganzoo.sampling import grids, writers
from ganzoo.spec import Recipe
from ganzoo.training import Plan, Trainer, plan, train


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
    _check_settings(found, config)
    work = [(target, *each) for target in found for each in _measurements(target, config)]
    start = time.monotonic()
    try:
        config.folder.mkdir(parents=True, exist_ok=True)
        rows = read_rows(config.folder)
        for done, (target, weights, seed) in enumerate(work):
            left = _seconds_left([each[1] for each in work], done, start, config)
            say(f"{done + 1} of {len(work)}: {target.name} ({weights}), about {left} left")
            row = _measure(target, weights, replace(config, seed=seed))
            rows = merge_row(rows, row)
            write_rows(config.folder, rows)
            yield row
    except OSError as error:
        raise RunError(f"cannot write {config.folder}: {error.strerror or error}") from error


def _check_settings(targets: list[Target], config: BenchConfig) -> None:
    """Refuse settings that fit no model; where they fit some, the others are rows with an error.

    Raises:
        UsageError: the problem of the first model.
    """
    problems: list[UsageError] = []
    for target in targets:
        try:
            _plan(target, config)
        except UsageError as error:
            problems.append(error)
    if problems and len(problems) == len(targets):
        raise problems[0]


def _seconds_left(kinds: list[str], done: int, start: float, config: BenchConfig) -> str:
    """Time that the rest takes: as long as what is done took, at least the budgets."""
    budgets = config.budget * kinds[done:].count("trained")
    spent = time.monotonic() - start
    before = spent - config.budget * kinds[:done].count("trained")
    beside = max(before, 0) / done if done else 0.0
    return rounded(budgets + beside * (len(kinds) - done))


def _measurements(target: Target, config: BenchConfig) -> Iterator[tuple[str, int]]:
    """Weights to measure, each with a seed."""
    if target.trained:
        yield "given", config.seed
        return
    if target.model.pretrained and not config.data and not config.settings:
        yield "published", config.seed
    if not config.budget:
        yield "untrained", config.seed
        return
    for seed in range(config.seed, config.seed + config.seeds):
        yield "trained", seed


def _measure(target: Target, weights: str, config: BenchConfig) -> Row:
    """One row; any error of the model becomes the row's."""
    device = resolve_device(config.device)
    plugin = target.model.plugin
    row = Row(
        model=target.name,
        distribution=plugin.distribution,
        version=plugin.version,
        editable=plugin.editable,
        weights=weights,
        seed=config.seed,
        device=device_name(device),
        torch=torch.__version__,
        ganzoo=VERSION,
    )
    measures = {"published": _loaded, "given": _loaded, "trained": _trained}
    try:
        return measures.get(weights, _untrained)(target, config, device, row)
    except Exception as error:
        return replace(row, error=f"{type(error).__name__}: {error}")


def _plan(target: Target, config: BenchConfig) -> Plan:
    return plan(target.model, settings=config.settings, data=config.data, seed=config.seed)


def _loaded(target: Target, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Quality of published or given weights."""
    if target.trained:
        gan = target.trained.load(device=str(device))
    else:
        gan = hub.load(target.model, device=str(device))
    return _quality(target, gan, config, row)


def _trained(target: Target, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Quality of weights trained here within the budget."""
    folder = config.folder / config.file_stem(target.name)
    run = _plan(target, config)
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


def _untrained(target: Target, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Speed alone."""
    run = _plan(target, config)
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
    protocol = protocols.find_protocol(
        config.protocol or choose_protocol(model, data, gan.sample_spec)
    )
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

"""Rows of quality and speed: what a model is worth here, on this machine, under one protocol."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from ganzoo import hub, registry
from ganzoo.data import Dataset, load_for_model
from ganzoo.errors import ConfigError, GanzooError, RunError
from ganzoo.evaluation import protocols as protocol
from ganzoo.evaluation.evaluator import evaluate
from ganzoo.gan import GAN
from ganzoo.runtime.devices import device_name, resolve_device
from ganzoo.runtime.memory import peak_memory
from ganzoo.runtime.text_table import format_table
from ganzoo.runtime.version import VERSION
from ganzoo.sampling import grids
from ganzoo.sampling import writers as output
from ganzoo.training import Trainer, plan, train

BUDGET = 240.0
"""Seconds of training in a row, unless told otherwise."""
SPEED_SECONDS = 4.0
"""How long a training speed is measured; a sampling speed takes half of it."""
SAMPLING_BATCH = 256


@dataclass(frozen=True)
class BenchConfig:
    """What all rows of a bench have in common.

    Args:
        folder: where rows, runs and pictures go.
        budget: seconds of training; 0 measures speed alone.
        seed: of everything.
        device: as `devices.pick` takes it.
        protocol: left out, each preset's own.
        n: samples; left out, the protocol's.
        seeds: so many trainings of each model, from that seed on.
    """

    folder: Path
    budget: float = BUDGET
    seed: int = 0
    device: str = "auto"
    protocol: str | None = None
    n: int | None = None
    seeds: int = 1

    def named(self, name: str) -> str:
        """What a model's files are called: with the seed where there are several."""
        return f"{name}.seed{self.seed}" if self.seeds > 1 else name


@dataclass(frozen=True)
class Row:
    """One model, measured; a figure that was not measured is None."""

    model: str
    distribution: str
    version: str
    weights: str
    """``trained`` here, ``published``, or ``untrained`` where only speed was asked."""
    seed: int
    device: str
    torch: str
    ganzoo: str
    generator_parameters: int | None = None
    discriminator_parameters: int | None = None
    train_images_per_second: float | None = None
    sample_images_per_second: float | None = None
    peak_megabytes: float | None = None
    kimg: float | None = None
    seconds: float | None = None
    n: int | None = None
    protocol: str = ""
    protocol_hash: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    floor: Mapping[str, float] = field(default_factory=dict)
    classes: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()
    picture: str = ""
    error: str = ""
    editable: bool = False
    """Whether the plugin was installed in place, so that its version does not tell its code."""


def bench(models: list[registry.Model], conditions: BenchConfig) -> Iterator[Row]:
    """A row for each model's published weights, and one a seed for what it learns here, as they
    come.

    Each is also a line in ``rows.jsonl``. A model that fails is a row with its reason.

    Raises:
        UsageError: a protocol that does not exist, or fewer than 2 samples.
        RunError: the folder cannot be written.
    """
    if conditions.protocol is not None:
        protocol.find_protocol(conditions.protocol)
    if conditions.n is not None and conditions.n < 2:
        raise ConfigError(f"a score needs at least 2 samples, not {conditions.n}")
    if conditions.seeds < 1:
        raise ConfigError(f"a bench needs at least 1 seed, not {conditions.seeds}")
    try:
        conditions.folder.mkdir(parents=True, exist_ok=True)
        for model in models:
            for measure, seed in _measures(model, conditions):
                row = _guarded(measure, model, replace(conditions, seed=seed))
                with open(conditions.folder / "rows.jsonl", "a") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
                yield row
    except OSError as error:
        raise RunError(f"cannot write {conditions.folder}: {error.strerror or error}") from error


Measure = Callable[[registry.Model, BenchConfig, Row], Row]


def _measures(model: registry.Model, conditions: BenchConfig) -> Iterator[tuple[Measure, int]]:
    """What is measured of a model, and with which seed."""
    first = conditions.seed
    if model.pretrained:
        yield _published, first
    if not conditions.budget:
        yield _untrained, first
        return
    for seed in range(first, first + conditions.seeds):
        yield _trained, seed


def _guarded(measure: Measure, model: registry.Model, conditions: BenchConfig) -> Row:
    row = Row(
        model=model.name,
        distribution=model.plugin.distribution,
        version=model.plugin.version,
        editable=model.plugin.editable,
        weights=measure.__name__.strip("_"),
        seed=conditions.seed,
        device=device_name(resolve_device(conditions.device)),
        torch=torch.__version__,
        ganzoo=VERSION,
    )
    try:
        return measure(model, conditions, row)
    except (GanzooError, RuntimeError, TypeError, ValueError) as error:
        return replace(row, error=f"{type(error).__name__}: {error}")


def _published(model: registry.Model, conditions: BenchConfig, row: Row) -> Row:
    gan = hub.load(model.qualified, device=conditions.device)
    return _quality(model, gan, conditions, row)


def _trained(model: registry.Model, conditions: BenchConfig, row: Row) -> Row:
    """What the model learns here, within the budget."""
    run = plan(model.qualified, seed=conditions.seed)
    folder = conditions.folder / conditions.named(model.name)
    with peak_memory(resolve_device(conditions.device)) as peak:
        outcome = train(run, out=folder, budget=conditions.budget, device=conditions.device)
    if outcome.stopped:
        raise KeyboardInterrupt
    row = replace(
        row,
        train_images_per_second=outcome.speed or None,
        peak_megabytes=peak[0],
        kimg=outcome.images / 1000,
        seconds=outcome.seconds,
    )
    gan = hub.load(f"local-dir:{folder}", device=conditions.device)
    return _quality(model, gan, conditions, row)


def _untrained(model: registry.Model, conditions: BenchConfig, row: Row) -> Row:
    """Speed alone."""
    run = plan(model.qualified, seed=conditions.seed)
    gan = run.build()
    dataset = load_for_model(gan, run.recipe.data)
    with peak_memory(resolve_device(conditions.device)) as peak:
        trainer = Trainer(
            gan, run.recipe, dataset, seed=run.seed, device=resolve_device(conditions.device)
        )
        speed = training_speed(trainer)
    row = replace(row, train_images_per_second=speed, peak_megabytes=peak[0])
    return _measured(gan, dataset, row)


def _measured(gan: GAN, dataset: Dataset, row: Row) -> Row:
    return replace(
        row,
        generator_parameters=count(gan.generator),
        discriminator_parameters=count(gan.discriminator),
        sample_images_per_second=sampling_speed(gan, dataset),
    )


def _quality(model: registry.Model, gan: GAN, conditions: BenchConfig, row: Row) -> Row:
    rules = protocol.find_protocol(conditions.protocol or model.preset.protocol)
    reference = rules.data or model.preset.recipe.data
    dataset = load_for_model(gan, reference)
    row = _measured(gan, dataset, row)
    scores = evaluate(gan, protocol=rules, data=reference, n=conditions.n, seed=conditions.seed)
    seed = conditions.seed
    drawn = conditions.named(f"{model.name}.{row.weights}") + output.suffix(gan)
    given = gan.sample_conditions(dataset, grids.GRID, seed)
    samples = gan.sample(grids.GRID, seed=seed, **given)
    made_from = {**gan.prior_rows(grids.GRID, seed), **given}
    output.save(gan, samples, conditions.folder / drawn, made_from)
    return replace(
        row,
        n=scores.n,
        protocol=scores.protocol.name,
        protocol_hash=scores.protocol.hash,
        values=scores.values,
        floor=scores.floor,
        classes=scores.classes,
        warnings=scores.warnings,
        picture=drawn,
    )


def training_speed(trainer: Trainer, seconds: float = SPEED_SECONDS) -> float:
    """Images per second in the steady state, after a warm-up of a quarter of the time."""
    repeat(trainer.step, seconds / 4)
    steps, spent = repeat(trainer.step, seconds)
    trainer.report()
    return steps * trainer.recipe.batch / spent


def sampling_speed(gan: GAN, dataset: Dataset, seconds: float = SPEED_SECONDS / 2) -> float:
    """Samples per second in the steady state, in batches of 256, back in main memory."""
    given = gan.sample_conditions(dataset, SAMPLING_BATCH, 0)

    def once() -> None:
        gan.sample(SAMPLING_BATCH, seed=0, **given).cpu()

    repeat(once, seconds / 4)
    times, spent = repeat(once, seconds)
    return times * SAMPLING_BATCH / spent


def repeat(action: Callable[[], None], seconds: float) -> tuple[int, float]:
    """Do it again and again for so long; how often that was, and the seconds it took."""
    begun, times = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds or not times:
        action()
        times += 1
    return times, spent


def count(module: nn.Module) -> int:
    """Parameters of a module."""
    return sum(parameter.numel() for parameter in module.parameters())


def summary_table(rows: list[Row], markdown: bool = False) -> str:
    """The table of a bench; scores of different protocols stand in different columns."""
    labels = list(dict.fromkeys((row.protocol_hash, label) for row in rows for label in row.values))
    plain = [label for _, label in labels]
    header = ["model", "weights", "seed", "parameters", "train img/s", "sample img/s", "peak MB"]
    header.append("kimg")
    header += [f"{label} ({key})" if plain.count(label) > 1 else label for key, label in labels]
    body = []
    for row in rows:
        parameters = (row.generator_parameters or 0) + (row.discriminator_parameters or 0)
        cells = [row.model, row.weights, str(row.seed), f"{parameters:,}" if parameters else ""]
        cells += [_figure(row.train_images_per_second), _figure(row.sample_images_per_second)]
        cells += [_figure(row.peak_megabytes), _figure(row.kimg)]
        scored = [
            row.values.get(label) if key == row.protocol_hash else None for key, label in labels
        ]
        body.append(cells + [_score(value) for value in scored])
    for key, label in labels:
        floor = next((r.floor for r in rows if r.protocol_hash == key and label in r.floor), None)
        if floor is not None and (key, label) == labels[0]:
            cells = ["real test data", *[""] * 7]
            body.append(cells + [_score(floor.get(name)) if k == key else "" for k, name in labels])
    return format_table(header, body, markdown)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _score(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def comparison_picture(rows: list[Row], folder: Path) -> Path | None:
    """One picture of all models' grids, of their first seeds, or None where there are fewer than
    two."""
    first = {(row.model, row.weights): row for row in reversed(rows)}
    drawn = [r for r in rows if r.picture.endswith(".png") and first[r.model, r.weights] is r]
    if len(drawn) < 2:
        return None
    pictures = {}
    for row in drawn:
        title = f"{row.model} ({row.weights})"
        title += "".join(f"  {label} {value:.3g}" for label, value in list(row.values.items())[:1])
        with Image.open(folder / row.picture) as picture:
            pictures[title] = picture.copy()
    path = folder / "comparison.png"
    grids.save_png(grids.side_by_side(pictures), path)
    return path

"""Benchmark models on this machine: quality under a protocol, and speed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import torch

from ganzoo import hub, registry
from ganzoo.bench.rows import BenchConfig, Row
from ganzoo.bench.speed import count_parameters, sampling_speed, training_speed
from ganzoo.data import Dataset, load_for_model
from ganzoo.errors import ConfigError, RunError
from ganzoo.evaluation import protocols
from ganzoo.evaluation.evaluator import evaluate
from ganzoo.gan import GAN
from ganzoo.runtime.devices import device_name, move_to_device, resolve_device
from ganzoo.runtime.memory import peak_memory
from ganzoo.runtime.version import VERSION
from ganzoo.sampling import grids, writers
from ganzoo.training import Trainer, plan, train


def bench(models: list[registry.Model], config: BenchConfig) -> Iterator[Row]:
    """Measure models: a row for published weights, and one per seed for a training here.

    Each row is yielded as it comes, and is a line in ``rows.jsonl``. A model that fails is a row
    with its error.

    Raises:
        UsageError: no such protocol, or fewer than 2 samples.
        RunError: the folder cannot be written.
    """
    if config.protocol is not None:
        protocols.find_protocol(config.protocol)
    if config.n is not None and config.n < 2:
        raise ConfigError(f"a score needs at least 2 samples, not {config.n}")
    if config.seeds < 1:
        raise ConfigError(f"a bench needs at least 1 seed, not {config.seeds}")
    try:
        config.folder.mkdir(parents=True, exist_ok=True)
        for model in models:
            for weights, seed in _measurements(model, config):
                row = _measure(model, weights, replace(config, seed=seed))
                with open(config.folder / "rows.jsonl", "a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
                yield row
    except OSError as error:
        raise RunError(f"cannot write {config.folder}: {error.strerror or error}") from error


def _measurements(model: registry.Model, config: BenchConfig) -> Iterator[tuple[str, int]]:
    """Weights to measure, each with a seed."""
    if model.pretrained:
        yield "published", config.seed
    if not config.budget:
        yield "untrained", config.seed
        return
    for seed in range(config.seed, config.seed + config.seeds):
        yield "trained", seed


def _measure(model: registry.Model, weights: str, config: BenchConfig) -> Row:
    """One row; any error of the model becomes the row's."""
    device = resolve_device(config.device)
    row = Row(
        model=model.name,
        distribution=model.plugin.distribution,
        version=model.plugin.version,
        editable=model.plugin.editable,
        weights=weights,
        seed=config.seed,
        device=device_name(device),
        torch=torch.__version__,
        ganzoo=VERSION,
    )
    measure = {"published": _published, "trained": _trained, "untrained": _untrained}[weights]
    try:
        return measure(model, config, device, row)
    except Exception as error:
        return replace(row, error=f"{type(error).__name__}: {error}")


def _published(model: registry.Model, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Quality of the published weights."""
    return _quality(model, hub.load(model, device=str(device)), config, row)


def _trained(model: registry.Model, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Quality of weights trained here within the budget."""
    folder = config.folder / config.file_stem(model.name)
    with peak_memory(device) as peak:
        result = train(
            plan(model, seed=config.seed), out=folder, budget=config.budget, device=str(device)
        )
    if result.stopped:
        raise KeyboardInterrupt
    row = replace(
        row,
        train_images_per_second=result.speed or None,
        peak_megabytes=peak[0],
        kimg=result.images / 1000,
        seconds=result.seconds,
    )
    gan = hub.load_folder(folder, model=model)
    move_to_device(gan, device).eval()
    return _quality(model, gan, config, row)


def _untrained(model: registry.Model, config: BenchConfig, device: torch.device, row: Row) -> Row:
    """Speed alone."""
    run = plan(model, seed=config.seed)
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


def _quality(model: registry.Model, gan: GAN, config: BenchConfig, row: Row) -> Row:
    """Scores under the protocol, sampling speed and a picture."""
    protocol = protocols.find_protocol(config.protocol or model.preset.protocol)
    data = protocol.data or model.preset.recipe.data
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
        warnings=scores.warnings,
        picture=_save_samples(gan, dataset, config, f"{model.name}.{row.weights}"),
    )


def _save_samples(gan: GAN, dataset: Dataset, config: BenchConfig, name: str) -> str:
    """Write a grid of samples to the folder; the name of the file."""
    file = config.file_stem(name) + writers.suffix(gan)
    given = gan.sample_conditions(dataset, grids.GRID, config.seed)
    samples = gan.sample(grids.GRID, seed=config.seed, **given)
    made_from = {**gan.prior_rows(grids.GRID, config.seed), **given}
    writers.save(gan, samples, config.folder / file, made_from)
    return file

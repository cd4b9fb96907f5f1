"""Batches of samples on their way to the metrics, with their labels and targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ganzoo.data.dataset import Dataset, as_float, as_uint8
from ganzoo.errors import ConfigError, DataError
from ganzoo.gan import GAN
from ganzoo.runtime import distributed, seeds

BATCH = 256
"""Samples whose conditions are in memory at a time."""


@dataclass(frozen=True)
class SampleBatch:
    """Some samples of a set, in order."""

    samples: Tensor
    """(N, ...), images as float in [-1, 1]."""
    place: int
    """Index of the first one in the whole set."""
    labels: Tensor | None = None
    """Classes that were asked for, (N,)."""
    targets: Tensor | None = None
    """Target of each sample, (N, ...)."""


def generated_batches(
    gan: GAN, dataset: Dataset, n: int, seed: int, quantise: str
) -> Iterator[SampleBatch]:
    """This process's part of n samples, conditioned on rows of a data set in seeded order."""
    first, last = distributed.local_range(n)
    rows = dataset.condition_rows(n, seed)
    labels = dataset.columns.get("label") if is_conditional(gan) else None
    real = dataset.columns["real"] if has_targets(dataset) else None
    for start in range(first, last, BATCH):
        span = start, min(start + BATCH, last)
        given = gan.sample_conditions(dataset, n, seed, span)
        place = start
        for samples in gan.samples(n, seed=seed, given=given, span=span):
            chosen = rows[place : place + len(samples)]
            yield SampleBatch(
                quantize(samples, quantise),
                place,
                labels=None if labels is None else labels[chosen],
                targets=None if real is None else as_float(real[chosen]).to(samples.device),
            )
            place += len(samples)


def stored_batches(
    dataset: Dataset,
    order: Tensor,
    device: torch.device,
    quantise: str,
    batch: int = BATCH,
    with_labels: bool = True,
) -> Iterator[SampleBatch]:
    """This process's part of the rows of a data set, in the order given."""
    first, last = distributed.local_range(len(order))
    real = dataset.columns["real"]
    labels = dataset.columns.get("label") if with_labels else None
    if labels is not None and labels.ndim != 1:
        labels = None
    for place in range(first, last, batch):
        chosen = order[place : min(place + batch, last)]
        samples = quantize(as_float(real[chosen]).to(device), quantise)
        yield SampleBatch(samples, place, labels=None if labels is None else labels[chosen])


def split_sets(dataset: Dataset, n: int | None, sets: int | None, seed: int) -> list[Tensor]:
    """Indices of disjoint sets of rows: all rows in their own order, or some in seeded order.

    Args:
        dataset: the rows.
        n: rows of a set; left out, as many as there are.
        sets: number of sets; left out, one.
        seed: of the order.

    Raises:
        ConfigError: fewer than two rows in a set, or more than the data set has.
    """
    rows, sets = len(dataset), 1 if sets is None else sets
    if sets < 1 or (n is not None and n < 2):
        raise ConfigError(f"a score needs at least 2 samples and 1 set, not {n} and {sets}")
    n = rows // sets if n is None else n
    if n < 2:
        share = f" for {sets} sets" if sets > 1 else ""
        raise ConfigError(f"a score needs at least 2 samples, {dataset.name} has {rows}{share}")
    if n * sets > rows:
        asked = f"{sets} sets of {n:,}" if sets > 1 else f"{n:,}"
        raise ConfigError(f"{dataset.name} has {rows:,} samples, {asked} are more: lower -n")
    if n == rows:
        return [torch.arange(rows)]
    generator = torch.Generator().manual_seed(seeds.mix(seed, "samples"))
    order = torch.randperm(rows, generator=generator)[: n * sets]
    return list(torch.split(order, n))


def quantize(samples: Tensor, quantise: str) -> Tensor:
    """Images rounded to the 256 levels that a file holds; anything else as it is.

    Args:
        samples: (N, ...).
        quantise: ``uint8`` or ``none``, as in `Protocol.quantise`.

    Raises:
        DataError: samples that are not finite, which rounding would hide.
    """
    if not torch.isfinite(samples).all():
        raise DataError("the samples are not finite: the model has diverged")
    if quantise == "uint8" and samples.is_floating_point() and samples.ndim == 4:
        return as_uint8(samples).float().div(127.5).sub(1)
    return samples


def has_targets(dataset: Dataset) -> bool:
    """True if each row has a source, so that the row is the target of its translation."""
    return "source" in dataset.columns and "source" not in dataset.unpaired


def is_conditional(gan: GAN) -> bool:
    """True if the model takes labels."""
    return any(each.name == "label" for each in gan.inputs)

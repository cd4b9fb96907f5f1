"""Scores as they are shown and stored, and the warnings that belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import mean, stdev
from typing import Any

import torch
from torch import Tensor

from ganzoo.evaluation.reference import Reference
from ganzoo.evaluation.samples import has_targets
from ganzoo.spec import SampleSpec
from ganzoo.spec.protocol import PIXELS, Protocol


@dataclass(frozen=True)
class Scores:
    """Scores of a model's samples, and the protocol they were made under."""

    protocol: Protocol
    """As it was used: another reference or another n make another protocol."""
    n: int
    """Samples in a set."""
    sets: int
    """Independent sets, made from seed, seed + 1, ..."""
    seed: int
    values: Mapping[str, float]
    """Means over the sets by label, e.g. ``FD-lenet``; lower is better but for IS."""
    spread: Mapping[str, float]
    """Standard deviations over the sets; empty for one set."""
    each: tuple[Mapping[str, float], ...]
    """The values of each set."""
    floor: Mapping[str, float]
    """The same for real data that the model never saw; empty where there is none."""
    classes: tuple[float, ...] = ()
    """Share of the samples in each class, as the extractor names them; empty if it names none."""
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As rows and metrics.json hold it, the protocol's hash included."""
        return {**asdict(self), "protocol_hash": self.protocol.hash}


@dataclass(frozen=True)
class ScoredSet:
    """Scores of one set of samples."""

    values: Mapping[str, float]
    class_counts: Tensor
    """Samples that the extractor puts into each class, (C,)."""


def summarize(
    scored: Sequence[ScoredSet],
    protocol: Protocol,
    n: int,
    seed: int,
    floor: Mapping[str, float],
    warnings: Sequence[str],
) -> Scores:
    """Means and spreads over the sets."""
    each = [one.values for one in scored]
    counts = torch.stack([one.class_counts for one in scored]).sum(0)
    several = len(each) > 1
    return Scores(
        protocol=replace(protocol, n=n),
        n=n,
        sets=len(each),
        seed=seed,
        values={label: mean(values[label] for values in each) for label in each[0]},
        spread={label: stdev(v[label] for v in each) for label in each[0]} if several else {},
        each=tuple(each),
        floor=floor,
        classes=tuple((counts / counts.sum().clamp_min(1)).tolist()),
        warnings=tuple(warnings),
    )


def list_warnings(reference: Reference, n: int, standard: int, spec: SampleSpec) -> list[str]:
    """Reasons why these scores mean less than they seem.

    Args:
        reference: what the samples are compared with.
        n: number of samples.
        standard: number that the protocol asks for.
        spec: the samples.
    """
    protocol, dataset = reference.protocol, reference.dataset
    dims = len(reference.statistics.total) if reference.statistics else 0
    rows = len(reference.order)
    of_reference = f"the reference {dataset.name} has {rows:,} rows"
    found = []
    if n < 2 * dims:
        found.append(f"{n} samples for {dims} features: the distance is mostly bias")
    elif n < standard:
        found.append(f"{n} samples, the protocol says {standard}: biased upward")
    if rows < 2 * dims:
        found.append(f"{of_reference} for {dims} features: the distance is mostly bias")
    elif dims and rows < standard:
        found.append(f"{of_reference}, fewer than {standard:,}: biased upward")
    if "kid" in protocol.metrics and protocol.kid_subset_size > min(rows, n):
        small = f"there are {n:,} samples" if n <= rows else of_reference
        found.append(f"KID on subsets smaller than {protocol.kid_subset_size}: {small}")
    if "is" in protocol.metrics and n < 10 * protocol.is_splits:
        found.append(f"IS on fewer than 10 samples in each of {protocol.is_splits} splits")
    if {*protocol.metrics} & {*PIXELS} and not has_targets(dataset):
        found.append(f"{dataset.name} has no pairs: no sample has a target to be like")
    if not reference.extractor.sha256 and spec.is_image:
        hidden = "; its precision, recall, density and coverage mean nothing and are not shown"
        found.append(
            f"{protocol.extractor} is not trained: the score says nothing of perception"
            + (hidden if "prdc" in protocol.metrics else "")
        )
    if dataset.lossy:
        found.append(f"{dataset.name} is coded as JPEG, whose traces a model must imitate")
    if protocol.split == "test":
        found.append("the reference is the test split: published scores use train")
    return found

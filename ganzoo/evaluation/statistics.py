"""What is remembered of a set of features: float64 sums, and a bounded number of rows."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor

from ganzoo.data.dataset import Dataset, as_float, as_uint8
from ganzoo.errors import DataError
from ganzoo.evaluation.extractors import Extractor, Features
from ganzoo.runtime import distributed
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.paths import cache_dir
from ganzoo.runtime.progress import progress_bar
from ganzoo.spec.protocol import Protocol

log = logging.getLogger("ganzoo")

FORMAT = 2
ROWS = 10_000
"""Rows kept for metrics that compare samples one by one (KID, precision, neighbours)."""
BATCH = 500


@dataclass(frozen=True)
class Statistics:
    """Of n feature vectors of length d, and of what a classifier of C classes says of them.

    Memory is bounded: whatever n is, at most `ROWS` vectors are kept.
    """

    n: int
    total: Tensor
    """Sum, (d,), float64."""
    outer: Tensor
    """Sum of outer products, (d, d), float64."""
    rows: Tensor
    """The first `ROWS` vectors in seeded order, float32."""
    labels: Tensor
    """Their classes, int64; (0,) where samples have none."""
    named: Tensor
    """How many the classifier puts into each class, (C,), int64; (0,) without a classifier."""
    hits: int
    """How many it puts into the class that they were to have."""
    beliefs: Tensor
    """Sum of p(y|x) over each split of the Inception score, (splits, C), float64."""
    certainty: Tensor
    """Sum of p log p over each split, (splits,), float64."""
    sizes: Tensor
    """Samples in each split, (splits,), int64."""


def collect(
    batches: Iterable[Tensor],
    n: int,
    extractor: Extractor,
    rules: Protocol,
    *,
    labels: Tensor | None = None,
    first: int = 0,
    text: str = "samples",
) -> Statistics:
    """One pass over samples, as `GAN.samples` gives them; every process brings its own part.

    Args:
        batches: (N, ...), images float in [-1, 1].
        n: how many there are in all processes together.
        extractor: from samples to features.
        rules: how they are quantised, and how many splits the Inception score has.
        labels: the classes of all n, (n,), where they have such.
        first: the place of this process's first sample among the n.
        text: what the progress bar says.
    """
    sums = _Sums(n, rules.is_splits, labels, first)
    with progress_bar(text, n) as update:
        for batch in batches:
            sums.add(extractor(quantised(batch, rules.quantise)))
            update(sums.place, "")
    return sums.finish()


class _Sums:
    """What grows while samples pass; ``place`` is that of the next one among all n."""

    def __init__(self, n: int, splits: int, labels: Tensor | None, first: int) -> None:
        self.n = n
        self.splits = splits
        self.labels = torch.empty(0, dtype=torch.int64) if labels is None else labels.cpu()
        self.place = self.first = first
        self.hits = 0
        self.total = self.outer = self.beliefs = self.certainty = torch.empty(0)
        self.named = torch.empty(0, dtype=torch.int64)
        self.kept: list[Tensor] = []

    def add(self, features: Features) -> None:
        """The next samples in order."""
        rows = features.rows
        exact = (rows.cpu() if rows.device.type == "mps" else rows).double()
        if self.place == self.first:
            self._begin(exact.shape[1], _classes(features))
        self.total += exact.sum(0).cpu()
        self.outer += (exact.T @ exact).cpu()
        if self.place < ROWS:
            self.kept.append(rows[: ROWS - self.place].float().cpu())
        if features.logits is not None:
            self._classify(features.logits.double().cpu())
        self.place += len(rows)

    def _begin(self, dims: int, classes: int) -> None:
        self.total = torch.zeros(dims, dtype=torch.float64)
        self.outer = torch.zeros(dims, dims, dtype=torch.float64)
        self.named = torch.zeros(classes, dtype=torch.int64)
        self.beliefs = torch.zeros(self.splits, classes, dtype=torch.float64)
        self.certainty = torch.zeros(self.splits, dtype=torch.float64)

    def _classify(self, logits: Tensor) -> None:
        places = torch.arange(self.place, self.place + len(logits))
        split = places * self.splits // self.n
        logs = logits.log_softmax(1)
        self.beliefs.index_add_(0, split, logs.exp())
        self.certainty.index_add_(0, split, (logs.exp() * logs).sum(1))
        named = logits.argmax(1)
        self.named += torch.bincount(named, minlength=len(self.named))
        if len(self.labels):
            self.hits += int((named == self.labels[places]).sum())

    def finish(self) -> Statistics:
        """The sums of all processes together; one that had no sample adds nothing."""
        own = (len(self.total), len(self.named)) if self.place > self.first else None
        widths = [each for each in distributed.all_gather(own) if isinstance(each, tuple)]
        if own is None:
            self._begin(*(widths[0] if widths else (0, 0)))
        counts = torch.tensor([self.place - self.first, self.hits])
        n, hits = distributed.all_reduce_sum(counts).tolist()
        mine = torch.cat(self.kept) if self.kept else torch.empty(0, len(self.total))
        rows = torch.cat(
            [part for part in distributed.all_gather(mine) if isinstance(part, Tensor)]
        )
        places = torch.arange(self.n) * self.splits // self.n
        return Statistics(
            n=int(n),
            total=distributed.all_reduce_sum(self.total),
            outer=distributed.all_reduce_sum(self.outer),
            rows=rows,
            labels=self.labels[: len(rows)],
            named=distributed.all_reduce_sum(self.named),
            hits=int(hits),
            beliefs=distributed.all_reduce_sum(self.beliefs),
            certainty=distributed.all_reduce_sum(self.certainty),
            sizes=torch.bincount(places, minlength=self.splits),
        )


def _classes(features: Features) -> int:
    return 0 if features.logits is None else features.logits.shape[1]


def quantised(samples: Tensor, quantise: str) -> Tensor:
    """Images rounded to the 256 levels that a file holds; anything else as it is.

    Raises:
        DataError: samples that are not finite, which rounding would hide.
    """
    if not torch.isfinite(samples).all():
        raise DataError("the samples are not finite: the model has diverged")
    if quantise == "uint8" and samples.is_floating_point() and samples.ndim == 4:
        return as_uint8(samples).float().div(127.5).sub(1)
    return samples


def of_dataset(
    dataset: Dataset, split: str, extractor: Extractor, rules: Protocol, device: torch.device
) -> Statistics:
    """Statistics of a data set, from the cache if it holds them.

    The cache is keyed by all that they depend on; a damaged file is made anew.
    """
    facts = {
        "format": FORMAT,
        "data": dataset.sha256,
        "rows": rules.reference_n,
        "extractor": rules.extractor,
        "sha256": extractor.sha256,
        "resize": rules.resize,
        "quantise": rules.quantise,
        "splits": rules.is_splits,
    }
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
    path = cache_dir() / "statistics" / f"{key}.npz"
    found = _read(path, facts)
    lacking = distributed.any_process(found is None)
    if found is not None and not lacking:
        return found
    made = _passed(dataset, f"features of {dataset.name} {split}", extractor, rules, device)
    if distributed.rank() == 0:
        _write(path, made, facts)
    return made


def in_order(dataset: Dataset, rules: Protocol) -> Tensor:
    """The rows of a reference that count, in seeded order."""
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0))
    return order[: rules.reference_n or None]


def _passed(
    dataset: Dataset, text: str, extractor: Extractor, rules: Protocol, device: torch.device
) -> Statistics:
    real, order = dataset.columns["real"], in_order(dataset, rules)
    labels = dataset.columns.get("label")
    first, last = distributed.local_range(len(order))
    starts = range(first, last, BATCH)
    batches = (as_float(real[order[i : min(i + BATCH, last)]]).to(device) for i in starts)
    return collect(
        batches,
        len(order),
        extractor,
        rules,
        labels=None if labels is None or labels.ndim != 1 else labels[order],
        first=first,
        text=text,
    )


def _read(path: Path, facts: dict[str, object]) -> Statistics | None:
    if not path.exists():
        return None
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            if json.loads(str(file["facts"])) != facts:
                raise ValueError("it is about something else")
            tensors = {name: torch.from_numpy(file[name]) for name in _TENSORS}
            return Statistics(n=int(file["n"]), hits=int(file["hits"]), **tensors)
    except (OSError, ValueError, KeyError, BadZipFile, EOFError) as error:
        log.warning("cached statistics %s are damaged (%s): computed anew", path, error)
        return None


_TENSORS = ("total", "outer", "rows", "labels", "named", "beliefs", "certainty", "sizes")


def _write(path: Path, made: Statistics, facts: dict[str, object]) -> None:
    """A cache that cannot be written costs time, not the score."""
    try:
        with atomic_write(path) as temporary, open(temporary, "wb") as file:
            arrays = {name: getattr(made, name).numpy() for name in _TENSORS}
            np.savez(file, facts=json.dumps(facts), n=made.n, hits=made.hits, **arrays)
    except OSError as error:
        log.warning("statistics are not cached: %s", error)


def require(statistics: Statistics, what: str) -> Statistics:
    """At least two samples: fewer have no covariance.

    Raises:
        DataError: there are fewer.
    """
    if statistics.n < 2:
        raise DataError(f"{what}: a score needs at least 2 samples, there are {statistics.n}")
    return statistics

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
from ganzoo.features import Extractor
from ganzoo.paths import cache_dir, replacing
from ganzoo.progress import bar
from ganzoo.protocol import Protocol

log = logging.getLogger("ganzoo")

FORMAT = 1
ROWS = 10_000
"""Rows kept for metrics that compare samples one by one (KID)."""
BATCH = 500


@dataclass(frozen=True)
class Statistics:
    """Of n feature vectors of length d."""

    n: int
    total: Tensor
    """Sum, (d,), float64."""
    outer: Tensor
    """Sum of outer products, (d, d), float64."""
    rows: Tensor
    """The first `ROWS` vectors in seeded order, float32."""
    logits: Tensor
    """All logits, (n, classes), float32; (n, 0) where the extractor is no classifier."""


def collect(
    batches: Iterable[Tensor], n: int, extractor: Extractor, quantise: str, text: str
) -> Statistics:
    """One pass over samples, as `GAN.samples` gives them.

    Args:
        batches: (N, ...), images float in [-1, 1].
        n: how many there are in all.
        extractor: from samples to features.
        quantise: ``uint8`` rounds images to 256 levels, as a file would.
        text: what the progress bar says.
    """
    total = outer = torch.zeros(())
    kept: list[Tensor] = []
    logits: list[Tensor] = []
    seen = 0
    with bar(text, n) as update:
        for batch in batches:
            features = extractor(_quantised(batch, quantise))
            exact = features.rows.double()
            total, outer = total + exact.sum(0).cpu(), outer + (exact.T @ exact).cpu()
            if seen < ROWS:
                kept.append(features.rows[: ROWS - seen].cpu())
            if features.logits is not None:
                logits.append(features.logits.cpu())
            seen += len(batch)
            update(seen, "")
    every_logit = torch.cat(logits) if logits else torch.empty(seen, 0)
    return Statistics(seen, total, outer, torch.cat(kept), every_logit)


def _quantised(samples: Tensor, quantise: str) -> Tensor:
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
    dataset: Dataset, split: str, extractor: Extractor, protocol: Protocol, device: torch.device
) -> Statistics:
    """Statistics of a whole data set, from the cache if it holds them.

    The cache is keyed by all that they depend on; a damaged file is made anew.
    """
    facts = {
        "format": FORMAT,
        "data": dataset.sha256,
        "extractor": protocol.extractor,
        "sha256": protocol.extractor_sha256,
        "quantise": protocol.quantise,
    }
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
    path = cache_dir() / "statistics" / f"{key}.npz"
    found = _read(path, facts)
    if found is not None:
        return found
    real = dataset.columns["real"]
    order = torch.randperm(len(real), generator=torch.Generator().manual_seed(0))
    starts = range(0, len(order), BATCH)
    batches = (as_float(real[order[start : start + BATCH]]).to(device) for start in starts)
    made = collect(
        batches, len(real), extractor, protocol.quantise, f"features of {dataset.name} {split}"
    )
    _write(path, made, facts)
    return made


def _read(path: Path, facts: dict[str, object]) -> Statistics | None:
    if not path.exists():
        return None
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            if json.loads(str(file["facts"])) != facts:
                raise ValueError("it is about something else")
            total, outer, rows, logits = (
                torch.from_numpy(file[name]) for name in ("total", "outer", "rows", "logits")
            )
            return Statistics(int(file["n"]), total, outer, rows, logits)
    except (OSError, ValueError, KeyError, BadZipFile, EOFError) as error:
        log.warning("cached statistics %s are damaged (%s): computed anew", path, error)
        return None


def _write(path: Path, made: Statistics, facts: dict[str, object]) -> None:
    """A cache that cannot be written costs time, not the score."""
    try:
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.savez(
                file,
                facts=json.dumps(facts),
                n=made.n,
                total=made.total.numpy(),
                outer=made.outer.numpy(),
                rows=made.rows.numpy(),
                logits=made.logits.numpy(),
            )
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

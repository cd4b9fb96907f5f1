"""The reference of a score: a data set and the cached statistics of its features."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor

from ganzoo import metrics
from ganzoo.data import Dataset, load_data
from ganzoo.errors import DataError
from ganzoo.evaluation.extractors import Extractor, load_extractor
from ganzoo.evaluation.metric_table import gather, needs_features
from ganzoo.evaluation.samples import stored_batches
from ganzoo.metrics import FeatureStatistics
from ganzoo.runtime import distributed
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.paths import cache_dir, cache_problem
from ganzoo.runtime.progress import progress_bar
from ganzoo.spec import SampleSpec
from ganzoo.spec.protocol import Protocol

log = logging.getLogger("ganzoo")

FORMAT = 2
"""Version of the cached files."""
BATCH = 500
"""Rows of a data set that the extractor gets at a time."""


@dataclass(frozen=True)
class Reference:
    """Data that samples are compared with, and the extractor of the features."""

    protocol: Protocol
    """As it is used: with the hashes of the data and of the extractor."""
    dataset: Dataset
    extractor: Extractor
    device: torch.device
    statistics: FeatureStatistics | None
    """None if no metric of the protocol needs features."""

    @property
    def order(self) -> Tensor:
        """Indices of the rows that count, in seeded order."""
        return reference_order(self.dataset, self.protocol)


def load_reference(
    protocol: Protocol,
    data: str | Dataset,
    spec: SampleSpec,
    device: torch.device,
    prepare: Callable[[Dataset], Dataset] = lambda dataset: dataset,
) -> Reference:
    """The reference of a protocol.

    Args:
        protocol: which extractor and split.
        data: name of the data set, or the data set.
        spec: samples that it is brought to.
        device: where features are computed.
        prepare: last step of loading, `GAN.prepare_data`.

    Raises:
        DataError: data that cannot be loaded, or fewer than two rows.
        WeightsError: an extractor whose weights are not here.
    """
    extractor = load_extractor(protocol.extractor, protocol.resize).to(device)
    if isinstance(data, str):
        data = load_data(data, spec, protocol.split)
    dataset = prepare(data)
    protocol = replace(
        protocol,
        data=dataset.name,
        data_sha256=dataset.sha256,
        extractor_sha256=extractor.sha256,
    )
    reference = Reference(protocol, dataset, extractor, device, None)
    return with_statistics(reference, protocol.split)


def with_statistics(reference: Reference, split: str) -> Reference:
    """The same reference with the statistics of its features, if a metric needs them.

    Raises:
        DataError: fewer than two rows.
    """
    n = len(reference.order)
    if n < 2:
        rows = f"the reference {reference.dataset.name} ({split}) has {n}"
        raise DataError(f"a score needs at least 2 samples to compare with, {rows}")
    if not needs_features(reference.protocol):
        return reference
    return replace(reference, statistics=dataset_statistics(reference, split))


def reference_order(dataset: Dataset, protocol: Protocol) -> Tensor:
    """Indices of the rows of a data set that count, in seeded order."""
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0))
    return order[: protocol.reference_n or None]


def dataset_statistics(reference: Reference, split: str) -> FeatureStatistics:
    """Statistics of a data set's features, from the cache if it holds them.

    The cache is keyed by all that they depend on; a damaged file is computed anew.
    """
    protocol = reference.protocol
    facts = {
        "format": FORMAT,
        "data": reference.dataset.sha256,
        "rows": protocol.reference_n,
        "extractor": protocol.extractor,
        "sha256": reference.extractor.sha256,
        "resize": protocol.resize,
        "quantise": protocol.quantise,
        "splits": protocol.is_splits,
    }
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
    path = _cache_file(key)
    found = _read(path, facts) if path else None
    missing = distributed.any_process(found is None)
    if found is not None and not missing:
        return found
    measured = measure(reference, f"features of {reference.dataset.name} {split}")
    if path and distributed.rank() == 0:
        _write(path, measured, facts)
    return measured


def _cache_file(key: str) -> Path | None:
    """File of the cache; None where there is no folder for it."""
    try:
        return cache_dir() / "statistics" / f"{key}.npz"
    except OSError as error:
        log.warning("statistics are not cached: %s", error.strerror)
        return None


def measure(reference: Reference, text: str) -> FeatureStatistics:
    """One feature pass over a data set; every process takes its part of the rows.

    Args:
        reference: the data set and the extractor.
        text: label of the progress bar.
    """
    protocol, order = reference.protocol, reference.order
    device = metric_device(reference.device)
    moments = metrics.FrechetDistance().to(device)
    rows = metrics.IntraFrechetDistance().to(device)
    score = metrics.InceptionScore(splits=protocol.is_splits, total=len(order)).to(device)
    classes = metrics.ClassAccuracy().to(device)
    parts = stored_batches(
        reference.dataset, order, reference.device, protocol.quantise, batch=BATCH
    )
    with progress_bar(text, len(order)) as update:
        for batch in parts:
            features = reference.extractor(batch.samples)
            moments.update(features.rows, real=True)
            rows.update(features.rows, real=True, place=batch.place, labels=batch.labels)
            if features.logits is not None:
                score.update(features.logits, place=batch.place)
                classes.update(features.logits, batch.labels)
            update(batch.place + len(batch.samples), "")
    for metric in (moments, rows, score, classes):
        metric.sync(dist_sync_fn=gather)
    places = torch.arange(len(order)) * protocol.is_splits // len(order)
    return FeatureStatistics(
        n=int(moments.real_features_num_samples),
        total=moments.real_features_sum.cpu(),
        outer=moments.real_features_cov_sum.cpu(),
        rows=rows.kept(real=True).cpu(),
        labels=rows.kept_labels(real=True).cpu(),
        named=classes.predicted.cpu(),
        hits=int(classes.hits),
        beliefs=score.beliefs.cpu(),
        certainty=score.certainty.cpu(),
        sizes=torch.bincount(places, minlength=protocol.is_splits),
    )


def metric_device(device: torch.device) -> torch.device:
    """Device of the metrics for features from a device: MPS has no float64, so the CPU."""
    return torch.device("cpu") if device.type == "mps" else device


_TENSORS = tuple(
    field.name for field in fields(FeatureStatistics) if field.name not in ("n", "hits")
)


def _read(path: Path, facts: dict[str, object]) -> FeatureStatistics | None:
    if not os.path.exists(path):  # False too where the folder cannot be read
        return None
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            if json.loads(str(file["facts"])) != facts:
                raise ValueError("it is about something else")
            tensors = {name: torch.from_numpy(file[name]) for name in _TENSORS}
            return FeatureStatistics(n=int(file["n"]), hits=int(file["hits"]), **tensors)
    except (OSError, ValueError, KeyError, BadZipFile, EOFError) as error:
        log.warning("cached statistics %s are damaged (%s): computed anew", path, error)
        return None


def _write(path: Path, measured: FeatureStatistics, facts: dict[str, object]) -> None:
    """Write the cache; a failure costs time, not the score."""
    try:
        with atomic_write(path) as temporary, open(temporary, "wb") as file:
            arrays = {name: getattr(measured, name).numpy() for name in _TENSORS}
            np.savez(file, facts=json.dumps(facts), n=measured.n, hits=measured.hits, **arrays)
    except OSError as error:
        log.warning("statistics are not cached: %s", cache_problem(path, error))

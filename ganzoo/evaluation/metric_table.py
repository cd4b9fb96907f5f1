"""Metrics by the names that protocols give them, and how each is fed and read."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor

from ganzoo import metrics
from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.evaluation.extractors import Features
from ganzoo.evaluation.samples import SampleBatch
from ganzoo.runtime import distributed, seeds
from ganzoo.spec.protocol import PIXELS, Protocol

if TYPE_CHECKING:
    from torchmetrics import Metric

    from ganzoo.metrics.base import Input

METRICS: Mapping[str, str] = {
    "fd": "FrechetDistance",
    "kid": "KernelDistance",
    "is": "InceptionScore",
    "mifid": "MemorizationDistance",
    "prdc": "PrecisionRecallDensityCoverage",
    "intra": "IntraFrechetDistance",
    "accuracy": "ClassAccuracy",
    "duplicates": "DuplicateShare",
    "l1": "AbsoluteError",
    "psnr": "PeakSignalToNoise",
    "ssim": "StructuralSimilarity",
}
"""Classes of `ganzoo.metrics`, by the name that a protocol gives them."""


def build_metric(name: str, protocol: Protocol, n: int, seed: int, width: int) -> Metric:
    """A metric by its name in a protocol.

    Args:
        name: a key of `METRICS`, or ``package.module:Class``, a `torchmetrics.Metric`. A class with
            a ``from_protocol`` is built by that; one whose constructor takes ``feature`` gets
            features in place of images.
        protocol: its settings.
        n: number of samples.
        seed: of the subsets of KID.
        width: length of the features.

    Raises:
        UnknownNameError: no such metric.
        ConfigError: a class that cannot be imported, or is no metric.
    """
    if ":" in name:
        return _foreign_metric(name, protocol, width)
    if name not in METRICS:
        raise UnknownNameError("metric", name, METRICS)
    settings: dict[str, dict[str, Any]] = {
        "kid": {
            "subsets": protocol.kid_subsets,
            "subset_size": protocol.kid_subset_size,
            "seed": seeds.mix(seed, "metrics"),
        },
        "is": {"splits": protocol.is_splits, "total": n},
        "prdc": {
            "precision_neighbors": protocol.precision_neighbours,
            "density_neighbors": protocol.density_neighbours,
        },
    }
    return cast("Metric", getattr(metrics, METRICS[name])(**settings.get(name, {})))


def _foreign_metric(name: str, protocol: Protocol, width: int) -> Metric:
    from ganzoo.metrics.base import FeatureMetric, GivenFeatures

    found = _metric_class(name)
    build = getattr(found, "from_protocol", None)
    if build is not None:
        return cast("Metric", build(protocol))
    takes_feature = "feature" in inspect.signature(found).parameters
    if takes_feature and not issubclass(found, FeatureMetric):
        return found(feature=GivenFeatures(width))
    return found()


def _metric_class(name: str) -> type[Metric]:
    """The class behind ``package.module:Class``."""
    from torchmetrics import Metric

    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"metric {name} cannot be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, Metric)):
        raise ConfigError(f"metric {name} is not a torchmetrics.Metric class")
    return found


def metric_input(kind: type[Metric]) -> Input:
    """Input of a metric class's ``update``: its attribute ``takes``, or by its signature.

    ``(preds, target)`` is pairs; a class whose constructor takes ``feature`` is given features, or
    logits if its ``update`` does not ask whether they are real; any other is given samples.
    """
    declared: Input | None = getattr(kind, "takes", None)
    if declared is not None:
        return declared
    taken = inspect.signature(kind.update).parameters
    if "target" in taken:
        return "pairs"
    if "feature" not in inspect.signature(kind).parameters:
        return "samples"
    return "features" if "real" in taken else "logits"


def gather(tensor: Tensor, group: object = None) -> list[Tensor]:
    """A tensor of each process, as torchmetrics gathers its states; a lost process is reported.

    Raises:
        RunError: another process is lost.
    """
    from torchmetrics.utilities.distributed import gather_all_tensors

    with distributed.exchange():
        return gather_all_tensors(tensor, group)


def needs_features(protocol: Protocol) -> bool:
    """True if a metric of the protocol is computed from features or logits."""
    return any(
        metric_input(_metric_class(name)) in ("features", "logits")
        if ":" in name
        else name not in PIXELS
        for name in protocol.metrics
    )


def update_metric(
    metric: Metric, batch: SampleBatch, features: Features | None, real: bool = False
) -> None:
    """Give a metric what it takes of a batch; nothing where the batch has no such thing.

    A metric whose ``update`` does not ask whether samples are real gets generated ones alone.
    """
    takes = metric_input(type(metric))
    if real and "real" not in inspect.signature(type(metric).update).parameters:
        return
    if takes == "pairs":
        if batch.targets is not None:
            metric.update(batch.samples, batch.targets)
        return
    given: Tensor | None = batch.samples
    if takes != "samples":
        given = (
            None if features is None else features.logits if takes == "logits" else features.rows
        )
    if given is not None:
        options = {"real": real, "place": batch.place, "labels": batch.labels}
        metric.update(given, **_accepted(metric, options))


def update_with_statistics(
    metric: Metric, statistics: metrics.FeatureStatistics, real: bool
) -> None:
    """Give a metric of features the statistics of a whole set; a foreign one gets its first rows.

    Logits are only known of samples, and of those only to ganzoo's own metrics.
    """
    from ganzoo.metrics.base import FeatureMetric

    if isinstance(metric, FeatureMetric) and metric.takes != "samples":
        metric.update(statistics, **_accepted(metric, {"real": real}))
    elif metric_input(type(metric)) == "features":
        metric.update(statistics.rows, **_accepted(metric, {"real": real}))


def _accepted(metric: Metric, options: dict[str, Any]) -> dict[str, Any]:
    """Those options that the metric's ``update`` has."""
    taken = inspect.signature(type(metric).update).parameters
    return {key: value for key, value in options.items() if key in taken}


def read_metrics(named: Mapping[str, Metric], protocol: Protocol, seed: int) -> dict[str, float]:
    """Values of metrics by label, reduced over the processes; NaN (does not apply) is left out."""
    values: dict[str, float] = {}
    with seeds.fork_rng(torch.device("cpu"), seeds.mix(seed, "metrics")), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*was called before the ``update`` method")
        for name, metric in named.items():
            found = metric.compute()
            for part, value in _parts(name, found).items():
                if value == value:
                    values[_label(protocol, metric, part)] = value
    return values


def _label(protocol: Protocol, metric: Metric, part: str) -> str:
    """Displayed name of a value; a foreign metric of pairs asks no network, and names none."""
    if part == type(metric).__name__ and metric_input(type(metric)) == "pairs":
        return part
    return protocol.label(part)


def _parts(name: str, found: object) -> dict[str, float]:
    """Result of a metric as numbers by name: a dict as it is, the first of a tuple."""
    if isinstance(found, Mapping):
        return {str(part): float(value) for part, value in found.items()}
    first = found[0] if isinstance(found, tuple | list) else found
    short = name.rpartition(":")[2]
    try:
        return {short: float(cast("Tensor", first))}
    except (TypeError, ValueError, RuntimeError) as error:
        raise ConfigError(f"metric {name} computes no number and no dict of numbers") from error

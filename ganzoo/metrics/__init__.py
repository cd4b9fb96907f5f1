"""Metrics of generated data, each a `torchmetrics.Metric`.

    from ganzoo.metrics import FrechetDistance

    metric = FrechetDistance(feature=my_network)
    metric.update(images, real=True)
    metric.update(samples, real=False)
    metric.compute()

Imported on first use: torchmetrics takes seconds. `ganzoo.metrics.functional` does without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ganzoo.metrics.feature_statistics import FeatureStatistics

if TYPE_CHECKING:
    from ganzoo.metrics.base import RowMetric as RowMetric
    from ganzoo.metrics.base import SampleMetric as SampleMetric
    from ganzoo.metrics.classification import ClassAccuracy as ClassAccuracy
    from ganzoo.metrics.classification import IntraFrechetDistance as IntraFrechetDistance
    from ganzoo.metrics.duplicates import DuplicateShare as DuplicateShare
    from ganzoo.metrics.frechet import FrechetDistance as FrechetDistance
    from ganzoo.metrics.inception_score import InceptionScore as InceptionScore
    from ganzoo.metrics.kernel import KernelDistance as KernelDistance
    from ganzoo.metrics.memorization import MemorizationDistance as MemorizationDistance
    from ganzoo.metrics.neighborhood import (
        PrecisionRecallDensityCoverage as PrecisionRecallDensityCoverage,
    )
    from ganzoo.metrics.paired import AbsoluteError as AbsoluteError
    from ganzoo.metrics.paired import PairedMetric as PairedMetric
    from ganzoo.metrics.paired import PeakSignalToNoise as PeakSignalToNoise
    from ganzoo.metrics.paired import StructuralSimilarity as StructuralSimilarity

_HOMES = {
    "AbsoluteError": "paired",
    "ClassAccuracy": "classification",
    "DuplicateShare": "duplicates",
    "FrechetDistance": "frechet",
    "InceptionScore": "inception_score",
    "IntraFrechetDistance": "classification",
    "KernelDistance": "kernel",
    "MemorizationDistance": "memorization",
    "PairedMetric": "paired",
    "PeakSignalToNoise": "paired",
    "PrecisionRecallDensityCoverage": "neighborhood",
    "RowMetric": "base",
    "SampleMetric": "base",
    "StructuralSimilarity": "paired",
}

__all__ = ["FeatureStatistics", *_HOMES]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"ganzoo.metrics.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'ganzoo.metrics' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

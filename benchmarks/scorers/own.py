"""Protocol of scoring programs, and ganzoo's implementation."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

Gaussian = tuple[np.ndarray, np.ndarray]


class Program(Protocol):
    """Methods of a scoring program; images are uint8, (N, 3, H, W)."""

    does: str

    def extract(self, images: Tensor, real: bool) -> None:
        """Features of images, kept or summed."""

    def finish(self) -> Mapping[str, float]:
        """All metrics of the extracted features."""

    def frechet(self, one: Gaussian, other: Gaussian) -> Callable[[], float]:
        """The distance from mean and covariance in float64, as a function to time."""

    def of_features(self, one: Tensor, other: Tensor) -> float:
        """Fréchet distance of two sets of features, float32, (N, d)."""


class Kept(nn.Module):
    """Extractor that returns existing features."""

    def __init__(self, dims: int = 2048) -> None:
        super().__init__()
        self.num_features = dims

    def forward(self, rows: Tensor) -> Tensor:
        return rows


class Ganzoo:
    """One pass for all metrics; sums in float64."""

    does = "FID, KID, IS, precision, recall, density, coverage"

    def __init__(self, file: Path, batch: int) -> None:
        from ganzoo.evaluation.extractors import Features, inception, load_extractor
        from ganzoo.runtime.malloc import keep_freed_memory

        keep_freed_memory()  # as `ganzoo eval` does
        os.environ["GANZOO_CACHE"] = str(file.parent / "cache")
        inception.convert(file, "")
        self.extractor = load_extractor(inception.NAME, "tf1-bilinear")
        self.batch = batch
        self.kept: dict[bool, list[Features]] = {True: [], False: []}

    def extract(self, images: Tensor, real: bool) -> None:
        from ganzoo.data.dataset import as_float

        for part in torch.split(images.permute(0, 2, 3, 1), self.batch):
            self.kept[real].append(self.extractor(as_float(part)))

    def finish(self) -> Mapping[str, float]:
        from ganzoo import metrics

        n = sum(len(features.rows) for features in self.kept[False])
        distance = metrics.FrechetDistance()
        kernel = metrics.KernelDistance(subsets=1, subset_size=n)
        near = metrics.PrecisionRecallDensityCoverage()
        score = metrics.InceptionScore(splits=1, total=n)
        for real, kept in self.kept.items():
            for features in kept:
                for metric in (distance, kernel, near):
                    metric.update(features.rows, real=real)
                if features.logits is not None:
                    score.update(features.logits, real=real)
        four = {name: float(value) for name, value in near.compute().items()}
        first = {"FID": distance.compute(), "KID": kernel.compute()[0], "IS": score.compute()[0]}
        return {**{name: float(value) for name, value in first.items()}, **four}

    def frechet(self, one: Gaussian, other: Gaussian) -> Callable[[], float]:
        from ganzoo.metrics.functional import frechet_distance

        arguments = tuple(map(torch.from_numpy, (*one, *other)))
        return lambda: float(frechet_distance(*arguments))

    def of_features(self, one: Tensor, other: Tensor) -> float:
        from ganzoo.metrics import FrechetDistance

        metric = FrechetDistance()
        metric.update(one, real=True)
        metric.update(other, real=False)
        return float(metric.compute())

"""Protocol of scoring programs, and ganzoo's implementation."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

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
        from ganzoo.evaluation import statistic_metrics as metrics

        n = sum(len(features.rows) for features in self.kept[False])
        rules = self._rules(n, ("fd", "kid", "is", "prdc"))
        real, fake = (self._collected(self.kept[kind], n, rules) for kind in (True, False))
        return metrics.compute(rules, real, fake)

    def _rules(self, n: int, names: tuple[str, ...]) -> Any:
        from ganzoo.evaluation.extractors.inception import NAME
        from ganzoo.spec.protocol import Protocol as Rules

        return Rules(
            "",
            extractor=NAME,
            n=n,
            metrics=names,
            quantise="none",
            resize="tf1-bilinear",
            kid_subsets=1,
            kid_subset_size=n,
            is_splits=1,
        )

    def _collected(self, kept: list[Any], n: int, rules: Any) -> Any:
        from ganzoo.evaluation.extractors import Extractor, Features
        from ganzoo.evaluation.statistics import collect

        class Given(nn.Module):
            def forward(self, numbers: Tensor) -> Features:
                found: Features = kept[int(numbers[0])]
                return found

        numbers = [torch.tensor([float(i)]) for i in range(len(kept))]
        return collect(numbers, n, Extractor("kept", Given(), None), rules)

    def frechet(self, one: Gaussian, other: Gaussian) -> Callable[[], float]:
        from ganzoo.evaluation.statistic_metrics import frechet

        return partial(frechet, *map(torch.from_numpy, (*one, *other)))

    def of_features(self, one: Tensor, other: Tensor) -> float:
        from ganzoo.evaluation.extractors import Features
        from ganzoo.evaluation.statistic_metrics import compute

        rules = self._rules(len(other), ("fd",))
        sets = [self._collected([Features(rows)], len(rows), rules) for rows in (one, other)]
        return compute(rules, sets[0], sets[1])["FID"]

"""Metrics that compare each sample with its target: translation, repair, super-resolution."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor
from torchmetrics import Metric

from ganzoo.metrics import functional
from ganzoo.metrics.base import Input


class PairedMetric(Metric):
    """Base of metrics of samples and targets, (N, C, H, W) in [-1, 1]: the mean over samples."""

    takes: ClassVar[Input] = "pairs"
    is_differentiable = False
    full_state_update = False
    total: Tensor
    count: Tensor

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_state("total", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("count", torch.tensor(0), dist_reduce_fx="sum")

    def compare(self, samples: Tensor, targets: Tensor) -> Tensor:
        """Value of each sample, (N,)."""
        raise NotImplementedError

    def update(self, preds: Tensor, target: Tensor) -> None:
        """Add samples and what each of them should be."""
        values = self.compare(preds, target)
        self.total += values.to(self.device).double().sum()
        self.count += len(values)

    def compute(self) -> Tensor:
        """The mean, float64; NaN without samples."""
        return self.total / self.count


class AbsoluteError(PairedMetric):
    """L1: mean absolute difference as a share of the range from black to white."""

    higher_is_better = False

    def compare(self, samples: Tensor, targets: Tensor) -> Tensor:
        return functional.absolute_error(samples, targets)


class PeakSignalToNoise(PairedMetric):
    """PSNR of each sample in decibels, at most 100."""

    higher_is_better = True

    def compare(self, samples: Tensor, targets: Tensor) -> Tensor:
        return functional.peak_signal_to_noise(samples, targets)


class StructuralSimilarity(PairedMetric):
    """SSIM of each sample (Wang et al. 2004), 1 for equal images."""

    higher_is_better = True

    def compare(self, samples: Tensor, targets: Tensor) -> Tensor:
        return functional.structural_similarity(samples, targets)

"""Samples beside what each of them should have been: the errors of translations and repairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from ganzoo.data.dataset import Dataset, as_float
from ganzoo.evaluation.statistics import quantised
from ganzoo.runtime import distributed
from ganzoo.spec.protocol import Protocol

RANGE = 2.0
"""From black to white."""


def absolute_error(samples: Tensor, targets: Tensor) -> Tensor:
    """Mean |x - y| of each row, as a share of the range from black to white."""
    return (samples - targets).abs().flatten(1).mean(1) / RANGE


def peak_signal_to_noise(samples: Tensor, targets: Tensor) -> Tensor:
    """PSNR of each row in decibels: 10 log10 of the squared range over the squared error."""
    from torchmetrics.functional.image import peak_signal_noise_ratio

    dims = tuple(range(1, samples.ndim))
    value: Tensor = peak_signal_noise_ratio(
        samples, targets, data_range=RANGE, reduction="none", dim=dims
    )
    return value.clamp_max(100.0)


def structural_similarity(samples: Tensor, targets: Tensor) -> Tensor:
    """SSIM of each row (Wang et al. 2004), 1 for equal images: a Gaussian window of 11 pixels."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    value = structural_similarity_index_measure(
        samples, targets, data_range=RANGE, reduction="none"
    )
    assert isinstance(value, Tensor)
    return value.flatten()


COMPARISONS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "l1": absolute_error,
    "psnr": peak_signal_to_noise,
    "ssim": structural_similarity,
}
"""By the name that a protocol gives them; of samples and targets, (N, C, H, W) in [-1, 1], values
by row."""


def has_targets(dataset: Dataset) -> bool:
    """Whether a row says what a sample under its conditions should be."""
    return "source" in dataset.columns and "source" not in dataset.unpaired


class Comparison:
    """Sums of errors while samples pass; every process brings its own part.

    Args:
        rules: whose metrics compare rows, and how samples are rounded first.
        dataset: the reference; without targets nothing is compared.
        drawn: which of its rows gave the conditions of each of the n samples, (n,).
    """

    def __init__(self, rules: Protocol, dataset: Dataset, drawn: Tensor) -> None:
        known = [name for name in rules.metrics if name in COMPARISONS]
        self.names = known if has_targets(dataset) else []
        self.quantise = rules.quantise
        self.dataset = dataset
        self.drawn = drawn
        self.sums = torch.zeros(len(self.names) + 1, dtype=torch.float64)

    def add(self, samples: Tensor, first: int) -> None:
        """The next samples; ``first`` is the place of the first one among n."""
        if not self.names:
            return
        samples = quantised(samples, self.quantise)
        rows = self.drawn[first : first + len(samples)]
        targets = as_float(self.dataset.columns["real"][rows]).to(samples.device)
        values = [COMPARISONS[name](samples, targets).double().sum() for name in self.names]
        count = torch.tensor(len(samples), dtype=torch.float64)
        self.sums += torch.stack([*[value.cpu() for value in values], count])

    def values(self) -> dict[str, float]:
        """Means over the samples of all processes, by the metric's name."""
        *sums, count = distributed.all_reduce_sum(self.sums).tolist()
        return {name: value / count for name, value in zip(self.names, sums, strict=True)}

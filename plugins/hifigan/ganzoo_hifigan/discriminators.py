"""Discriminators of waveforms: by period, by scale, by resolution of the spectrogram.

Each returns its scores, (N, places), and its feature maps, the scores last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization

from ganzoo.layers import spectral_norm
from ganzoo_hifigan.configs import BigConfig, Config
from ganzoo_hifigan.mel import magnitudes

SLOPE = 0.1
"""Negative slope of leaky ReLU."""

M = TypeVar("M", bound=nn.Module)

Verdict = tuple[Tensor, list[Tensor]]
"""Scores and feature maps of one discriminator."""


class WeightNorm(nn.Module):
    """Weights as a gain and a direction for each output (Salimans and Kingma 2016)."""

    def forward(self, gain: Tensor, direction: Tensor) -> Tensor:
        weight: Tensor = direction * (gain / self._norm(direction))
        return weight

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Gain and direction of a weight."""
        return self._norm(weight), weight

    @staticmethod
    def _norm(weight: Tensor) -> Tensor:
        dims = tuple(range(1, weight.ndim))
        norm: Tensor = torch.linalg.vector_norm(weight, dim=dims, keepdim=True)
        return norm


def weight_norm(layer: M) -> M:
    """Apply weight norm.

    Names of parameters are those of `torch.nn.utils.parametrizations`, whose functions also compare
    example weights: a tenth of a second a layer on the meta device.
    """
    register_parametrization(layer, "weight", WeightNorm(), unsafe=True)
    return layer


class Part(nn.Module):
    """One discriminator: convolutions with leaky ReLU, then one to a score per place."""

    def __init__(self, convolutions: Iterable[nn.Module], last: nn.Module) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(convolutions)
        self.last = last

    def view(self, waves: Tensor) -> Tensor:
        """Maps that the first convolution gets."""
        raise NotImplementedError

    def forward(self, waves: Tensor) -> Verdict:
        maps, features = self.view(waves), []
        for convolution in self.convolutions:
            maps = F.leaky_relu(convolution(maps), SLOPE)
            features.append(maps)
        scores = self.last(maps)
        return scores.flatten(1), [*features, scores]


class PeriodDiscriminator(Part):
    """Every p-th sample in a column: (N, 1, T) as an image of T / p rows (Kong et al. 2020)."""

    def __init__(self, period: int, widths: Sequence[int]) -> None:
        strides = [3] * (len(widths) - 1) + [1]
        pairs = zip(pairwise([1, *widths]), strides, strict=True)
        super().__init__(
            [
                weight_norm(nn.Conv2d(inputs, outputs, (5, 1), (stride, 1), (2, 0)))
                for (inputs, outputs), stride in pairs
            ],
            weight_norm(nn.Conv2d(widths[-1], 1, (3, 1), padding=(1, 0))),
        )
        self.period = period

    def view(self, waves: Tensor) -> Tensor:
        missing = -waves.shape[-1] % self.period
        whole = F.pad(waves, (0, missing), "reflect")
        return whole.view(*whole.shape[:2], -1, self.period)


class ScaleDiscriminator(Part):
    """Long grouped convolutions on the waveform, averaged over pairs of samples before.

    Args:
        halvings: how often it is averaged; raw waveforms have spectral norm, others weight norm.
        widths: feature maps, seven numbers.
    """

    LAYERS = ((15, 1, 1), (41, 2, 4), (41, 2, 16), (41, 4, 16), (41, 4, 16), (41, 1, 16), (5, 1, 1))
    """Kernel size, stride and groups of each convolution."""

    def __init__(self, halvings: int, widths: Sequence[int]) -> None:
        norm = weight_norm if halvings else spectral_norm
        pairs = zip(pairwise([1, *widths]), self.LAYERS, strict=True)
        super().__init__(
            [
                norm(nn.Conv1d(inputs, outputs, kernel, stride, kernel // 2, groups=groups))
                for (inputs, outputs), (kernel, stride, groups) in pairs
            ],
            norm(nn.Conv1d(widths[-1], 1, 3, padding=1)),
        )
        self.halvings = halvings

    def view(self, waves: Tensor) -> Tensor:
        for _ in range(self.halvings):
            waves = F.avg_pool1d(waves, 4, 2, padding=2)
        return waves


class ResolutionDiscriminator(Part):
    """A magnitude spectrogram as an image of frequencies and frames (Jang et al. 2021).

    Args:
        fft, hop, window: of the spectrogram.
        width: feature maps.
    """

    hann: Tensor

    def __init__(self, fft: int, hop: int, window: int, width: int) -> None:
        def layer(inputs: int, kernel: int, stride: int) -> nn.Conv2d:
            padding = (1, kernel // 2)
            return weight_norm(nn.Conv2d(inputs, width, (3, kernel), (1, stride), padding))

        super().__init__(
            [layer(1, 9, 1), *(layer(width, 9, 2) for _ in range(3)), layer(width, 3, 1)],
            weight_norm(nn.Conv2d(width, 1, (3, 3), padding=(1, 1))),
        )
        self.fft, self.hop = fft, hop
        self.register_buffer("hann", torch.hann_window(window), persistent=False)

    def view(self, waves: Tensor) -> Tensor:
        padding = (self.fft - self.hop) // 2
        padded = F.pad(waves, (padding, padding), "reflect")[:, 0]
        with torch.autocast(waves.device.type, enabled=False):
            return magnitudes(padded.float(), self.fft, self.hop, self.hann)[:, None]


class Discriminators(nn.Module):
    """Several discriminators of one waveform."""

    def __init__(self, **groups: Iterable[Part]) -> None:
        super().__init__()
        for name, parts in groups.items():
            self.add_module(name, nn.ModuleList(parts))

    def forward(self, waves: Tensor) -> list[Verdict]:
        """Verdicts of all discriminators.

        Args:
            waves: (N, 1, T).
        """
        groups = [group for group in self.children() if isinstance(group, nn.ModuleList)]
        return [part(waves) for group in groups for part in group]


def hifigan_discriminators(config: Config) -> Discriminators:
    """Period and scale discriminators."""
    return Discriminators(
        periods=[PeriodDiscriminator(period, config.period_widths) for period in config.periods],
        scales=[ScaleDiscriminator(index, config.scale_widths) for index in range(config.scales)],
    )


def bigvgan_discriminators(config: BigConfig) -> Discriminators:
    """Period and resolution discriminators."""
    numbers = config.resolutions
    resolutions = [numbers[index : index + 3] for index in range(0, len(numbers), 3)]
    return Discriminators(
        periods=[PeriodDiscriminator(period, config.period_widths) for period in config.periods],
        resolutions=[
            ResolutionDiscriminator(fft, hop, window, config.resolution_width)
            for fft, hop, window in resolutions
        ],
    )

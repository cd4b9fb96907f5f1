"""Periodic activations, computed at twice the rate so that they do not alias (Lee et al. 2023)."""

from __future__ import annotations

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_hifigan.configs import BigConfig

TAPS = 12
"""Length of the low-pass filter at twice the rate."""
CUTOFF = 0.25
"""Its cutoff in cycles per sample, half of the original band."""
HALF_WIDTH = 0.3
"""Half width of its transition band, as a share of the sampling rate."""
EPS = 1e-9


class AntiAliased(nn.Module):
    """Snake, x + sin^2(a x) / b, between upsampling and downsampling by 2, on maps (N, C, 1, T).

    Snake has b = a (Ziyin et al. 2020); SnakeBeta learns both.

    Args:
        width: channels, each with parameters of its own.
        config: kind of the activation, and scale of its parameters.
    """

    taps: Tensor

    def __init__(self, width: int, config: BigConfig) -> None:
        super().__init__()
        self.log_scale = config.log_scale
        start = torch.zeros(width) if self.log_scale else torch.ones(width)
        self.alpha = nn.Parameter(start)
        self.beta = nn.Parameter(start.clone()) if config.periodic == "snakebeta" else None
        self.register_buffer("taps", torch.tensor(lowpass()), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        shape = maps.shape
        rows = maps.reshape(-1, 1, shape[-1])
        high = self.snake(self.upsample(rows).view(shape[0], shape[1], -1))
        return self.downsample(high.view(-1, 1, high.shape[-1])).view(shape)

    def snake(self, maps: Tensor) -> Tensor:
        """The activation itself, on (N, C, T)."""
        alpha: Tensor = self.alpha
        beta: Tensor = self.alpha if self.beta is None else self.beta
        if self.log_scale:
            alpha, beta = alpha.exp(), beta.exp()
        periodic = (maps * alpha[:, None]).sin().square()
        return maps + periodic * (1 / (beta[:, None] + EPS))

    def upsample(self, rows: Tensor) -> Tensor:
        """Rows, (N, 1, T), at twice the rate: even and odd samples each have half of the taps."""
        even, odd = self.taps[1::2].flip(0), self.taps[0::2].flip(0)
        pairs = F.conv1d(F.pad(rows, (3, 3), "replicate"), 2 * torch.stack([even, odd])[:, None])
        both = torch.stack([pairs[:, 0, :-1], pairs[:, 1, 1:]], 2)
        return both.flatten(1)[:, None]

    def downsample(self, rows: Tensor) -> Tensor:
        """Rows, (N, 1, 2 T), at half the rate."""
        return F.conv1d(F.pad(rows, (5, 6), "replicate"), self.taps[None, None], stride=2)


@cache
def lowpass() -> tuple[float, ...]:
    """Taps of a windowed sinc with a Kaiser window; their sum is 1."""
    attenuation = 2.285 * (TAPS // 2 - 1) * math.pi * 4 * HALF_WIDTH + 7.95
    beta = 0.1102 * (attenuation - 8.7)  # Kaiser's rule for more than 50 dB
    taps = []
    for index in range(TAPS):
        time = index - TAPS / 2 + 0.5
        edge = 2 * index / (TAPS - 1) - 1
        window = _bessel(beta * math.sqrt(max(0.0, 1 - edge**2))) / _bessel(beta)
        phase = 2 * math.pi * CUTOFF * time
        taps.append(window * math.sin(phase) / phase)
    return tuple(tap / sum(taps) for tap in taps)


def _bessel(x: float) -> float:
    """Modified Bessel function of the first kind and order 0, by its series."""
    return sum((x / 2) ** (2 * k) / math.factorial(k) ** 2 for k in range(40))

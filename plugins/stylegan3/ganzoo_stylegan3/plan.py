"""Sampling rates, cutoffs and sizes of StyleGAN3's layers (Karras et al. 2021, section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

FIRST_CUTOFF, FIRST_STOPBAND = 2.0, 2**2.1
LAST_STOPBAND = 2**0.3
"""Stopband of the last layer, relative to its cutoff."""
MARGIN = 10
"""Pixels around the image that layers compute and the last ones crop."""
TAPS = 6
"""Filter taps per factor of a resampling."""


@dataclass(frozen=True)
class Signal:
    """Band limits, rate, size and width of the maps between two layers."""

    cutoff: float
    half_width: float
    rate: int
    size: int
    width: int


@dataclass(frozen=True)
class LayerPlan:
    """One layer: its input and output, and how it resamples."""

    before: Signal
    after: Signal
    kernel: int
    critical: bool
    """True if the cutoff is half the rate: such a layer has no radial filter."""
    last: bool
    """True if the layer makes the image: no filters, no leaky ReLU."""

    @property
    def inner_rate(self) -> int:
        """Rate at which leaky ReLU is applied."""
        return max(self.before.rate, self.after.rate) * (1 if self.last else 2)

    @property
    def up(self) -> int:
        return self.inner_rate // self.before.rate

    @property
    def down(self) -> int:
        return self.inner_rate // self.after.rate

    @property
    def up_taps(self) -> int:
        return TAPS * self.up if self.up > 1 and not self.last else 1

    @property
    def down_taps(self) -> int:
        return TAPS * self.down if self.down > 1 and not self.last else 1

    @property
    def padding(self) -> tuple[int, int]:
        """Pixels to add (or to crop, where negative) before and after the upsampled maps."""
        inner = (self.after.size - 1) * self.down + 1
        total = inner - (self.before.size + self.kernel - 1) * self.up
        total += self.up_taps + self.down_taps - 2
        low = (total + self.up) // 2
        return low, total - low


def plan(
    size: int, layers: int, critical: int, base: int, most: int, channels: int, kernel: int
) -> tuple[Signal, tuple[LayerPlan, ...]]:
    """The input's signal, and all layers; the last one makes the image.

    Args:
        size: of the image.
        layers: layers before the last one.
        critical: layers at the end whose cutoff is half the rate.
        base, most: a layer has base / (2 cutoff) maps, at most ``most``.
        channels: of the image.
        kernel: size of the convolutions.
    """
    signals = []
    for index in range(layers + 1):
        progress = min(index / (layers - critical), 1)
        cutoff = FIRST_CUTOFF * (size / 2 / FIRST_CUTOFF) ** progress
        last_stopband = size / 2 * LAST_STOPBAND
        stopband = FIRST_STOPBAND * (last_stopband / FIRST_STOPBAND) ** progress
        rate = 2 ** ceil(log2(min(2 * stopband, size)))
        extent = rate + 2 * MARGIN if index < layers - 1 else size
        width = round(min(base / 2 / cutoff, most)) if index < layers else channels
        signals.append(Signal(cutoff, max(stopband, rate / 2) - cutoff, rate, extent, width))
    before = [signals[max(index - 1, 0)] for index in range(layers + 1)]
    return signals[0], tuple(
        LayerPlan(
            before[index],
            signals[index],
            kernel if index < layers else 1,
            index >= layers - critical,
            index == layers,
        )
        for index in range(layers + 1)
    )

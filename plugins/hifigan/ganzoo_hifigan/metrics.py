"""Distances between a waveform and its target, as metrics of a protocol."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ganzoo.metrics import PairedMetric
from ganzoo_hifigan.mel import FLOOR, LogMel, magnitudes

RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""Fourier transform, hop and window (Yamamoto et al. 2020)."""


class MelDistance(PairedMetric):
    """Mean absolute difference of log-mel spectrograms, natural logarithm, the whole band.

    Args:
        rate: samples per second.
        mels: number of bands.
        fft: length of the Fourier transform and of the window; a quarter of it is the hop.
    """

    higher_is_better = False

    def __init__(self, rate: int, mels: int = 80, fft: int = 1024, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mel = LogMel(
            rate=rate, mels=mels, fft=fft, hop=fft // 4, window=fft, band=(0.0, rate / 2)
        )

    def compare(self, samples: Tensor, targets: Tensor) -> Tensor:
        own, other = (self.mel(waves.flatten(0, 1)) for waves in (samples, targets))
        distances: Tensor = (own - other).abs().mean((1, 2))
        return distances.view(samples.shape[:2]).mean(1)


class MelDistance8000(MelDistance):
    """`MelDistance` at 8 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(8000, mels=32, fft=256, **kwargs)


class MelDistance22050(MelDistance):
    """`MelDistance` at 22.05 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(22_050, **kwargs)


class MelDistance24000(MelDistance):
    """`MelDistance` at 24 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(24_000, mels=100, **kwargs)


class MelDistance44100(MelDistance):
    """`MelDistance` at 44.1 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(44_100, mels=128, fft=2048, **kwargs)


class SpectralDistance(PairedMetric):
    """Multi-resolution STFT distance: spectral convergence and log magnitude, three resolutions."""

    higher_is_better = False

    def compare(self, samples: Tensor, targets: Tensor) -> Tensor:
        pairs = samples.flatten(1).float(), targets.flatten(1).float()
        each = []
        for fft, hop, length in RESOLUTIONS:
            window = torch.hann_window(length, device=samples.device)
            own, other = (magnitudes(waves, fft, hop, window, floor=FLOOR**2) for waves in pairs)
            convergence = (own - other).norm(dim=(1, 2)) / other.norm(dim=(1, 2))
            each.append(convergence + (own.log() - other.log()).abs().mean((1, 2)))
        return torch.stack(each).mean(0)

"""Log-mel spectrograms as the published vocoders compute them."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FLOOR = 1e-5
"""Smallest value whose logarithm is taken; digital silence is log(1e-5)."""
LINEAR_STEP = 200 / 3
"""Hz per mel below `KNEE` (Slaney 1998)."""
KNEE = 1000.0
LOG_STEP = math.log(6.4) / 27
"""Natural logarithm of the frequency ratio per mel above `KNEE`."""


class LogMel(nn.Module):
    """Waveforms, (N, T), to the logarithm of their mel spectrogram, (N, mels, T // hop).

    Reflection padding of (fft - hop) / 2 on both sides, periodic Hann window, magnitudes, Slaney's
    mel scale with bands of equal area. Always computed in float32.

    Args:
        rate: samples per second.
        mels: number of bands.
        fft: length of the Fourier transform.
        hop: samples between two frames.
        window: length of the Hann window.
        band: lowest and highest frequency in Hz.
    """

    basis: Tensor
    hann: Tensor

    def __init__(
        self,
        *,
        rate: int,
        mels: int,
        fft: int,
        hop: int,
        window: int,
        band: tuple[float, float],
    ) -> None:
        super().__init__()
        self.rate, self.mels, self.fft, self.hop, self.window = rate, mels, fft, hop, window
        self.register_buffer("basis", mel_basis(rate, mels, fft, band), persistent=False)
        self.register_buffer("hann", torch.hann_window(window), persistent=False)

    @property
    def padding(self) -> int:
        """Samples of padding on either side."""
        return (self.fft - self.hop) // 2

    def forward(self, waves: Tensor) -> Tensor:
        return self.frames(self.padded(waves))

    def padded(self, waves: Tensor, more: int = 0) -> Tensor:
        """Waveforms, (N, T), with reflection padding, and so many samples more of it at the end."""
        waves = waves.float()[:, None]
        return F.pad(waves, (self.padding, self.padding + more), "reflect")[:, 0]

    def frames(self, padded: Tensor) -> Tensor:
        """Log-mel frames of padded waveforms, or of a part of them."""
        with torch.autocast(padded.device.type, enabled=False):
            spectrum = magnitudes(padded.float(), self.fft, self.hop, self.hann.float())
            bands = self.basis.float() @ spectrum
            return bands.clamp_min(FLOOR).log()


def magnitudes(waves: Tensor, fft: int, hop: int, window: Tensor, floor: float = 1e-9) -> Tensor:
    """Magnitude spectrogram of waveforms, (N, T), without padding: (N, fft // 2 + 1, frames).

    Args:
        waves: (N, T), float32.
        fft, hop: length of the Fourier transform, samples between frames.
        window: centered within the transform where it is shorter.
        floor: added to the squared magnitude, so that the root has a gradient at 0.
    """
    spectrum = torch.view_as_real(
        torch.stft(
            waves, fft, hop, len(window), window, center=False, onesided=True, return_complex=True
        )
    )
    return (spectrum.square().sum(-1) + floor).sqrt()


def mel_basis(rate: int, mels: int, fft: int, band: tuple[float, float]) -> Tensor:
    """Triangular filters of equal area on Slaney's mel scale, (mels, fft // 2 + 1)."""
    low, high = (_to_mel(frequency) for frequency in band)
    steps = torch.arange(mels + 2, dtype=torch.float64) / (mels + 1)
    edges = _to_hertz(low + (high - low) * steps)
    bins = torch.arange(fft // 2 + 1, dtype=torch.float64) * (rate / fft)
    slopes = edges[:, None] - bins
    widths = edges.diff()
    rising = -slopes[:-2] / widths[:-1, None]
    falling = slopes[2:] / widths[1:, None]
    triangles = torch.minimum(rising, falling).clamp_min(0)
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).float()


def _to_mel(frequency: float) -> float:
    if frequency < KNEE:
        return frequency / LINEAR_STEP
    return KNEE / LINEAR_STEP + math.log(frequency / KNEE) / LOG_STEP


def _to_hertz(mels: Tensor) -> Tensor:
    knee = KNEE / LINEAR_STEP
    return torch.where(mels < knee, mels * LINEAR_STEP, KNEE * ((mels - knee) * LOG_STEP).exp())

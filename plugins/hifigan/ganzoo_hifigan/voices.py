"""The data set ``vowels``: synthesized voices that glide between vowels, computed on the fly."""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import Dataset

RATE = 8000
LENGTH = 4096
ROWS = {"train": 600, "test": 100}
HARMONICS = 24
FORMANTS = torch.tensor(
    [
        [730, 1090, 2440],
        [530, 1840, 2480],
        [270, 2290, 3010],
        [570, 840, 2410],
        [300, 870, 2240],
    ],
    dtype=torch.float64,
)
"""Mean formants in Hz of the vowels of father, bet, beet, bought and boot, spoken by men (Peterson
and Barney 1952)."""
WIDTHS = torch.tensor([90.0, 110.0, 170.0], dtype=torch.float64)
"""Bandwidths of the formants in Hz."""

STRENGTHS = torch.tensor([1.0, 0.6, 0.3], dtype=torch.float64)
"""Strength of each formant."""
STEP = 64
"""Samples between two places where the strengths of the harmonics are computed."""


def load(split: str) -> Dataset:
    """Voices of a split; each has its own seed."""
    generator = torch.Generator().manual_seed(100 + list(ROWS).index(split))
    counts = [min(100, ROWS[split] - start) for start in range(0, ROWS[split], 100)]
    real = torch.cat([synthesize(count, generator) for count in counts])
    return Dataset("vowels", {"real": real})


def synthesize(count: int, generator: torch.Generator) -> Tensor:
    """Voices as int16 waveforms, (count, 1, LENGTH).

    Harmonics of a gliding pitch, weighted by the resonances of a vocal tract that glides from one
    vowel to another, some breath, and loudness that rises and falls. Computed in float64, so that
    the integers are the same on every machine.
    """

    def uniform(low: float, high: float, *size: int) -> Tensor:
        unit = torch.rand(count, *(size or (1,)), generator=generator, dtype=torch.float64)
        return low + (high - low) * unit

    time = torch.arange(LENGTH, dtype=torch.float64) / LENGTH
    vibrato = uniform(0, 0.02) * (2 * pi * (uniform(2, 4) * time + uniform(0, 1))).sin()
    pitch = uniform(90, 220) * 2 ** (uniform(-0.4, 0.4) * time + vibrato)
    gains = _gains(pitch[:, ::STEP], count, uniform, generator)
    turn = torch.polar(torch.ones_like(pitch), 2 * pi * (pitch.cumsum(1) / RATE))
    harmonic, voice = turn, torch.zeros_like(pitch)
    for gain in gains.unbind(1):
        smooth = F.interpolate(gain[:, None], size=LENGTH, mode="linear")[:, 0]
        voice = voice + smooth * harmonic.imag
        harmonic = harmonic * turn
    breath = uniform(-1, 1, LENGTH).diff(dim=1, prepend=torch.zeros(count, 1, dtype=torch.float64))
    voice = voice + uniform(0.005, 0.05) * breath
    syllables = (2 * pi * (uniform(1, 2.5) * time + uniform(0, 1))).sin()
    loudness = (1 + uniform(0.3, 0.9) * syllables).square()
    waves = voice * loudness
    waves = uniform(0.3, 0.9) * waves / waves.abs().amax(1, keepdim=True)
    return (32767 * waves).round().to(torch.int16)[:, None]


def _gains(
    pitch: Tensor, count: int, uniform: Callable[..., Tensor], generator: torch.Generator
) -> Tensor:
    """Gain of each harmonic by the resonances of a tract that glides from vowel to vowel.

    Args:
        pitch: in Hz, (count, steps).
        count: number of voices.
        uniform, generator: sources of random numbers.

    Returns:
        (count, HARMONICS, steps).
    """
    first, last = (torch.randint(5, (count,), generator=generator) for _ in range(2))
    time = torch.linspace(0, 1, pitch.shape[1], dtype=torch.float64)
    glide = ((time - uniform(0.2, 0.8)) * uniform(4, 20)).sigmoid()[..., None]
    formants = FORMANTS[first][:, None] * (1 - glide) + FORMANTS[last][:, None] * glide
    formants = uniform(0.9, 1.2)[..., None] * formants
    harmonics = torch.arange(1, HARMONICS + 1, dtype=torch.float64)[:, None, None]
    frequency = harmonics * pitch[:, None, :, None]
    resonance = 1 / (1 + ((frequency - formants[:, None]) / WIDTHS).square())
    return ((resonance * STRENGTHS).sum(-1) + 0.01) * (frequency[..., 0] < 0.45 * RATE)

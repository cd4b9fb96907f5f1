"""The data set ``tones``: ten notes of a synthetic instrument, computed on the fly."""

from math import pi

import torch
from torch import Tensor

from ganzoo import Dataset

RATE = 4000
LENGTH = 1024
ROWS = {"train": 8000, "test": 2000}
NOTES = {"C4": -9, "D4": -7, "E4": -5, "F4": -4, "G4": -2, "A4": 0, "B4": 2, "C5": 3}
NOTES |= {"D5": 5, "E5": 7}
"""Semitones above A4, 440 Hz."""
FREQUENCIES = 440 * 2 ** (torch.tensor(list(NOTES.values()), dtype=torch.float64) / 12)


def load(split: str) -> Dataset:
    """Equal numbers of each note; each split has its own seed."""
    generator = torch.Generator().manual_seed(list(ROWS).index(split))
    label = torch.arange(ROWS[split]) % len(NOTES)
    real = torch.cat([synthesize(part, generator) for part in torch.split(label, 1000)])
    return Dataset("tones", {"real": real, "label": label}, tuple(NOTES))


def synthesize(label: Tensor, generator: torch.Generator) -> Tensor:
    """Notes, (N,), as int16 waveforms, (N, 1, LENGTH).

    Tuning (by up to 10 cents), phase, strength of two overtones, attack, decay and loudness are
    random. Computed in float64, so that the integers are the same on every machine.
    """

    def uniform(low: float, high: float) -> Tensor:
        unit = torch.rand(len(label), 1, generator=generator, dtype=torch.float64)
        return low + (high - low) * unit

    time = torch.arange(LENGTH, dtype=torch.float64) / RATE
    pitch = FREQUENCIES[label][:, None] * 2 ** (uniform(-10, 10) / 1200)
    angle = 2 * pi * (pitch * time + uniform(0, 1))
    second, third = uniform(0.1, 0.6), uniform(0.0, 0.3)
    tone = angle.sin() + second * (2 * angle).sin() + third * (3 * angle).sin()
    attack = (time / uniform(0.005, 0.03)).clamp_max(1)
    envelope = attack * (-time / uniform(0.1, 0.4)).exp()
    waves = uniform(0.3, 0.9) * envelope * tone / (1 + second + third)
    return (32767 * waves).round().to(torch.int16)[:, None]

"""Rows of a benchmark: what is asked, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BUDGET = 240.0
"""Default seconds of training per row."""


@dataclass(frozen=True)
class BenchConfig:
    """Settings that all rows of a benchmark share.

    Args:
        folder: for rows, runs and pictures.
        budget: seconds of training; 0 measures speed alone.
        seed: of all random numbers.
        device: as `ganzoo.runtime.devices.resolve_device` takes it.
        protocol: of the scores; left out, each preset's own.
        n: samples; left out, the protocol's.
        seeds: runs of each model, with seeds from ``seed`` on.
    """

    folder: Path
    budget: float = BUDGET
    seed: int = 0
    device: str = "auto"
    protocol: str | None = None
    n: int | None = None
    seeds: int = 1

    def file_stem(self, name: str) -> str:
        """Name of a model's files: with the seed where there are several."""
        return f"{name}.seed{self.seed}" if self.seeds > 1 else name


@dataclass(frozen=True)
class Row:
    """Measurements of one model; None for what was not measured."""

    model: str
    distribution: str
    version: str
    weights: str
    """``trained`` here, ``published``, or ``untrained`` where only speed was measured."""
    seed: int
    device: str
    torch: str
    ganzoo: str
    generator_parameters: int | None = None
    discriminator_parameters: int | None = None
    train_images_per_second: float | None = None
    sample_images_per_second: float | None = None
    peak_megabytes: float | None = None
    kimg: float | None = None
    seconds: float | None = None
    n: int | None = None
    protocol: str = ""
    protocol_hash: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    floor: Mapping[str, float] = field(default_factory=dict)
    classes: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()
    picture: str = ""
    error: str = ""
    editable: bool = False
    """True for a plugin installed in place: its version does not identify its code."""

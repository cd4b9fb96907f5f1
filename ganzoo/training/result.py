"""Result of a training call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class TrainResult:
    """Result of a call of `train`."""

    folder: Path
    images: int
    seconds: float
    """Training time, over all calls."""
    speed: float
    """Images per second in steps, in this call."""
    new_images: int = 0
    """Images of this call; 0 if nothing was left to do."""
    signal: int = 0
    """Signal that stopped the run; 0 if none did."""
    losses: Mapping[str, float] = field(default_factory=dict)
    verdict: str = ""
    """Problem of the training; empty if there is none."""

    @property
    def stopped(self) -> bool:
        """True if a signal stopped the run before its end."""
        return self.signal != 0

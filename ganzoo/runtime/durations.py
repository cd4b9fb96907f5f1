"""Durations and amounts as text."""

from __future__ import annotations

import math

from ganzoo.errors import ConfigError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(value: str | float) -> float:
    """``90``, ``90s``, ``5m``, ``1h`` or ``2d`` in seconds; a number is seconds.

    Raises:
        ConfigError: another spelling, or a negative number.
    """
    text = str(value).strip()
    number, unit = (text[:-1], UNITS[text[-1]]) if text[-1:] in UNITS else (text, 1)
    try:
        duration = float(number) * unit
    except ValueError:
        duration = -1.0
    if isinstance(value, bool) or not 0 <= duration < math.inf:
        raise ConfigError(f"a duration is written 90s, 5m or 1h, not {value!r}")
    return duration


def clock(seconds: float) -> str:
    """A duration as a clock shows it: ``1:05``, ``2:00:00``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def rounded(seconds: float) -> str:
    """A duration in its largest unit: ``45 s``, ``12 min``, ``3.4 hours``, ``3.2 days``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} hours" if seconds < 86400 else f"{seconds / 86400:.1f} days"


def in_kimg(images: int) -> str:
    """Images in thousands: ``12.3``, and ``0.008`` for eight."""
    return f"{images / 1000:.1f}" if images >= 50 else f"{images / 1000:.2g}"


def speed_text(speed: float) -> str:
    """Images per second: ``512``, and ``0.27`` below ten."""
    return f"{speed:.0f}" if speed >= 10 else f"{speed:.2g}"


def in_bytes(size: float) -> str:
    """A size in its largest unit: ``2.5 GB``, ``120 MB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"

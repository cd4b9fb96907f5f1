"""Cache directory and file names."""

from __future__ import annotations

import os
from pathlib import Path

SAMPLES = ("samples.png", "samples.wav", "samples.txt", "samples.npy")
"""What the newest samples of a run are called, one of these in each folder."""


def cache_dir() -> Path:
    """``$GANZOO_CACHE``, or ``ganzoo`` in the user's cache folder. It may be deleted any time."""
    chosen = os.environ.get("GANZOO_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ganzoo"

"""Where rows lie: in main memory if it has room for them, else in a file in the cache."""

from __future__ import annotations

import logging
import math
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganzoo.errors import DataError
from ganzoo.paths import cache_dir

log = logging.getLogger("ganzoo")

SHARE = 0.8
"""Of the memory that is available: a training needs some too."""

_V1 = Path("/sys/fs/cgroup/memory")
_V2 = Path("/sys/fs/cgroup")


def room(name: str, rows: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Empty rows for images of a shape, (N, H, W, C), before any of them is read.

    What main memory cannot hold goes into a file, from which the system reads what a batch asks
    for. The file has no name, so that it is gone with the process, however that ends.

    Args:
        name: of the data, for what is said.
        rows: how many.
        shape: (C, H, W).

    Raises:
        DataError: neither memory nor disk has room; with what would fit.
    """
    channels, height, width = shape
    size = rows * channels * height * width
    free = available()
    if free is None or size <= free * SHARE:
        return np.empty((rows, height, width, channels), np.uint8)
    cache = cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(cache).free
    if size > disk * SHARE:
        raise DataError(_too_large(name, rows, shape, free, disk))
    log.warning(
        "data %s: %s, and %s of main memory is available: read from a file in %s, which is slower",
        name,
        _size(size),
        _size(free),
        cache,
    )
    with tempfile.TemporaryFile(dir=cache) as file:
        return np.memmap(file, np.uint8, "w+", shape=(rows, height, width, channels))


def _too_large(name: str, rows: int, shape: tuple[int, ...], memory: int, disk: int) -> str:
    channels, height, width = shape
    row = channels * height * width
    most = int(max(memory, disk) * SHARE)
    side = math.isqrt(most // (rows * channels))
    fits = f" (--set size={1 << side.bit_length() - 1} fits)" if side else ""
    return (
        f"data {name}: {rows:,} images of {channels} x {height} x {width} take {_size(rows * row)};"
        f" {_size(memory)} of main memory is available, and {_size(disk)} in the cache,"
        f" {cache_dir()}: set GANZOO_CACHE to a folder with more room, or use a smaller size{fits},"
        f" or at most {most // row:,} images"
    )


def available() -> int | None:
    """Bytes that this process may still take without swapping; None where nobody says."""
    known = [size for size in (_of_machine(), _of_group()) if size is not None]
    return min(known) if known else None


def _of_machine() -> int | None:
    try:
        with open("/proc/meminfo") as file:
            lines = (line.split() for line in file)
            return next(int(words[1]) * 1024 for words in lines if words[0] == "MemAvailable:")
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _of_group() -> int | None:
    """What the container's limit leaves: what files occupy in its caches is free to be taken."""
    for root, limit, usage, prefix in (
        (_V2, "memory.max", "memory.current", ""),
        (_V1, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    ):
        try:
            most = int((root / limit).read_text())
            used = int((root / usage).read_text())
            lines = (root / "memory.stat").read_text().splitlines()
        except (OSError, ValueError):  # no such file, or "max": there is no limit
            continue
        facts = dict(line.split() for line in lines)
        caches = sum(int(facts.get(f"{prefix}{kind}_file", 0)) for kind in ("inactive", "active"))
        return max(0, most - used + caches)
    return None


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"

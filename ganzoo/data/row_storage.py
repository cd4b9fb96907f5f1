"""Memory for rows: main memory if it has room for them, else a file in the cache."""

from __future__ import annotations

import logging
import math
import shutil
import tempfile

import numpy as np
from numpy.typing import NDArray

from ganzoo.errors import DataError
from ganzoo.runtime.files import reserve_space
from ganzoo.runtime.memory import available_memory
from ganzoo.runtime.paths import cache_dir, cache_problem

log = logging.getLogger("ganzoo")

SHARE = 0.8
"""Part of the available memory that rows may take: a run needs some too."""


def allocate_rows(
    name: str,
    rows: int,
    shape: tuple[int, ...],
    *,
    memory: int | None = None,
    disk: int | None = None,
) -> NDArray[np.uint8]:
    """Empty rows for images, (N, H, W, C), before any of them is read.

    Rows that main memory cannot hold are kept in a file, from which the system reads the rows of
    a batch. The file has no name, so that it disappears with the process, however that ends.

    Args:
        name: of the data, for messages.
        rows: how many.
        shape: (C, H, W).
        memory, disk: bytes that are available; left out, what the system says.

    Raises:
        DataError: neither memory nor disk has room; the message says what would fit.
    """
    channels, height, width = shape
    size = rows * channels * height * width
    free = available_memory() if memory is None else memory
    if size <= free * SHARE:
        return np.empty((rows, height, width, channels), np.uint8)
    cache = cache_dir()
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"data {name}: {cache_problem(cache, error)}") from error
    disk = shutil.disk_usage(cache).free if disk is None else disk
    if size > disk * SHARE:
        raise DataError(_too_large(name, rows, shape, free, disk))
    log.warning(
        "data %s: %s, and %s of main memory is available: read from a file in %s, which is slower",
        name,
        format_size(size),
        format_size(free),
        cache,
    )
    with tempfile.TemporaryFile(dir=cache) as file:
        try:
            reserve_space(file, size)
        except OSError:
            raise DataError(_too_large(name, rows, shape, free, disk)) from None
        return np.memmap(file, np.uint8, "r+", shape=(rows, height, width, channels))


def _too_large(name: str, rows: int, shape: tuple[int, ...], memory: int, disk: int) -> str:
    channels, height, width = shape
    row = channels * height * width
    most = int(max(memory, disk) * SHARE)
    side = math.isqrt(most // (rows * channels))
    fits = f" (--set size={1 << side.bit_length() - 1} fits)" if side else ""
    return (
        f"data {name}: {rows:,} images of {channels} x {height} x {width} take"
        f" {format_size(rows * row)};"
        f" {format_size(memory)} of main memory is available, and {format_size(disk)} in the cache,"
        f" {cache_dir()}: set GANZOO_CACHE to a folder with more room, or use a smaller size{fits},"
        f" or at most {most // row:,} images"
    )


def format_size(count: int) -> str:
    """Bytes in words."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"

"""Settings of glibc's memory allocator."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD = -1
M_MMAP_MAX = -4
LARGEST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tell glibc not to return freed memory to the OS; False if it cannot be told.

    By default glibc maps every tensor above 32 MB anew, and the kernel fills its pages with zeros.
    Training allocates the same sizes in each step. Only the command line calls this: a library
    does not change its host's allocator.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, LARGEST))

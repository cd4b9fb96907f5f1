"""The C library's memory, told to keep what it has: for a process that ganzoo owns."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD = -1
M_MMAP_MAX = -4
LARGEST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Reuse freed memory instead of giving it back; whether the C library took the advice.

    glibc maps every tensor above 32 MB anew and lets the system fill its pages with zeros each
    time. A training asks for the same sizes in each step. Only the command line calls this: a
    library has no business with the memory of its host.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, LARGEST))

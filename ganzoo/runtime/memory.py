"""Memory available to this process, container limits included."""

from __future__ import annotations

import os
from pathlib import Path

_V1 = Path("/sys/fs/cgroup/memory")
_V2 = Path("/sys/fs/cgroup")


def available_memory() -> int | None:
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

"""Memory available to this process and used by it, container limits included."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

try:
    import psutil
except ImportError:  # a system without its modules; sizes are unknown there
    psutil = None

POLL_SECONDS = 0.02
CGROUPS = Path("/sys/fs/cgroup")
UNKNOWN = 2**62
"""Bytes of memory on a system that does not tell: nothing is refused there."""


def total_memory() -> int:
    """Bytes of main memory of this machine."""
    return psutil.virtual_memory().total if psutil else UNKNOWN


def available_memory(cgroups: Path = CGROUPS) -> int:
    """Bytes that this process may still allocate without swapping.

    Args:
        cgroups: where Linux shows a container's limits; missing on other systems.
    """
    machine: int = psutil.virtual_memory().available if psutil else UNKNOWN
    container = _container_memory(cgroups)
    return machine if container is None else min(machine, container)


def _container_memory(cgroups: Path) -> int | None:
    """Bytes below the container's limit, file caches counted as free; None without a limit."""
    for root, limit, usage, prefix in (
        (cgroups, "memory.max", "memory.current", ""),
        (cgroups / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    ):
        try:
            most = int((root / limit).read_text(encoding="utf-8"))
            used = int((root / usage).read_text(encoding="utf-8"))
            lines = (root / "memory.stat").read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):  # no such file, or "max": no limit
            continue
        sizes = dict(line.split() for line in lines)
        caches = sum(int(sizes.get(f"{prefix}{kind}_file", 0)) for kind in ("inactive", "active"))
        return max(0, most - used + caches)
    return None


@contextmanager
def peak_memory(device: torch.device) -> Iterator[list[float]]:
    """Measure the peak memory of the block: one number, in MiB, in the list after it.

    On CUDA, that of the device; else the resident memory of the process, sampled by a thread.
    """
    peak: list[float] = []
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        yield peak
        peak.append(torch.cuda.max_memory_allocated(device) / 2**20)
        return
    done = threading.Event()
    sizes = [resident_memory()]

    def poll() -> None:
        while not done.wait(POLL_SECONDS):
            sizes[0] = max(sizes[0], resident_memory())

    thread = threading.Thread(target=poll, name="peak memory", daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
    peak.append(max(sizes[0], resident_memory()) / 2**20)


def resident_memory() -> int:
    """Bytes of main memory that this process occupies; 0 if unknown."""
    return psutil.Process().memory_info().rss if psutil else 0

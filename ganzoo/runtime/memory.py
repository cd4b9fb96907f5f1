"""Memory available to this process and used by it, container limits included."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import torch

try:
    import psutil
except ImportError:  # a system without its modules; sizes are unknown there
    psutil = None

POLL_SECONDS = 0.02
CGROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
UNKNOWN = 2**62
"""Bytes of memory on a system that does not tell: nothing is refused there."""


def total_memory() -> int:
    """Bytes of main memory of this machine."""
    return psutil.virtual_memory().total if psutil else UNKNOWN


def available_memory(cgroups: Path = CGROUPS, membership: Path = MEMBERSHIP) -> int:
    """Bytes that this process may still allocate without swapping.

    Args:
        cgroups: where Linux shows the limits of groups of processes; missing on other systems.
        membership: the groups of this process, such as a container, a SLURM job or a systemd scope.
    """
    machine: int = psutil.virtual_memory().available if psutil else UNKNOWN
    kinds = (
        (cgroups, "memory.max", "memory.current", ""),
        (cgroups / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    )
    groups = _groups(membership)
    limits = [
        _group_memory(root / group, limit, usage, prefix)
        for root, limit, usage, prefix in kinds
        for group in groups
    ]
    return min([machine, *(each for each in limits if each is not None)])


def _groups(membership: Path) -> list[Path]:
    """Paths of the groups of this process and of all groups around them, and the root."""
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    fields = [line.split(":", 2) for line in lines]
    own = [Path(each[2].lstrip("/")) for each in fields if each[1] in ("", "memory")]
    return list(dict.fromkeys([Path(), *own, *(above for each in own for above in each.parents)]))


def _group_memory(group: Path, limit: str, usage: str, prefix: str) -> int | None:
    """Bytes below the limit of a group, file caches counted as free; None without a limit."""
    try:
        most = int((group / limit).read_text(encoding="utf-8"))
        used = int((group / usage).read_text(encoding="utf-8"))
        lines = (group / "memory.stat").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):  # no such file, or "max": no limit
        return None
    sizes = dict(line.split() for line in lines)
    caches = sum(int(sizes.get(f"{prefix}{kind}_file", 0)) for kind in ("inactive", "active"))
    return max(0, most - used + caches)


class LowMemoryError(MemoryError):
    """Little memory is left; nothing failed to be allocated yet."""


@contextmanager
def memory_reserve(least: float, free: Callable[[], float] = available_memory) -> Iterator[None]:
    """Interrupt the block where little memory is left, before the system kills the process.

    Only the main thread can be interrupted, between two operations; elsewhere this does nothing.

    Args:
        least: bytes that have to stay available.
        free: bytes that are available.

    Raises:
        LowMemoryError: fewer bytes are available.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    done, low = threading.Event(), threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        if low.is_set():
            raise LowMemoryError(f"less than {least:.0f} bytes of memory are left")
        if callable(before):
            before(number, frame)

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            if free() < least:
                low.set()
                _thread.interrupt_main()
                return

    signal.signal(signal.SIGINT, stop)  # a job in the background ignores it otherwise
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


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

"""Seeds: all random numbers are functions of a seed and a position in the work."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch

_lock = threading.RLock()
"""Held while a thread draws from torch's global generators, which all threads share."""


def mix(*parts: int | str) -> int:
    """Combine parts to one seed, e.g. ``mix(seed, "order", epoch)``.

    Returns:
        63-bit integer, which every random generator of torch accepts.
    """
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def set_seed(seed: int, device: torch.device) -> None:
    """Seed the random generators of the CPU and of a device.

    `torch.manual_seed` visits every kind of accelerator and takes 0.4 ms, which slows the updates
    of small networks.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


@contextmanager
def locked() -> Iterator[None]:
    """Let one thread at a time draw from torch's global generators; may be nested."""
    with _lock:
        yield


@contextmanager
def fork_rng(device: torch.device, seed: int | None = None) -> Iterator[None]:
    """Restore the random generators of the CPU and of a device after the block.

    Other threads wait, if they draw within `fork_rng` or `locked` too.

    Args:
        device: with a generator of its own, or the CPU.
        seed: seed of the block; None continues from the present state.
    """
    with _lock, _fork(device):
        if seed is not None:
            set_seed(seed, device)
        yield


@contextmanager
def restore_rng(device: torch.device) -> Iterator[None]:
    """Restore the random generators after a long block, in which other threads need not wait.

    The block draws within `locked` or `fork_rng`.
    """
    fork = _fork(device)
    with _lock:
        fork.__enter__()
    try:
        yield
    finally:
        with _lock:
            fork.__exit__(None, None, None)


def _fork(device: torch.device) -> AbstractContextManager[None]:
    devices = [] if device.type in ("cpu", "meta") else [device]
    kind = device.type if devices else "cuda"
    return torch.random.fork_rng(devices=devices, device_type=kind)

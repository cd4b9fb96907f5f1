"""Seeds: all random numbers are functions of a seed and a position in the work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


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
def fork_rng(device: torch.device, seed: int | None = None) -> Iterator[None]:
    """Restore the random generators of the CPU and of a device after the block.

    Args:
        device: with a generator of its own, or the CPU.
        seed: seed of the block; None continues from the present state.
    """
    devices = [] if device.type in ("cpu", "meta") else [device]
    kind = device.type if devices else "cuda"
    with torch.random.fork_rng(devices=devices, device_type=kind):
        if seed is not None:
            set_seed(seed, device)
        yield

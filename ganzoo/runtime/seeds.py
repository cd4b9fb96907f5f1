"""Everything random is a function of a seed and of where in the work it happens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def mix(*parts: int | str) -> int:
    """One seed from several parts, e.g. ``mix(seed, "order", epoch)``: equal parts, equal seed.

    Returns:
        An integer of 63 bits, which every random generator of torch accepts.
    """
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def set_seed(seed: int, device: torch.device) -> None:
    """Let the CPU's generator and the device's begin from a seed.

    `torch.manual_seed` asks every kind of accelerator, whether it is there or not: 0.4 ms, which a
    small network's update feels.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


@contextmanager
def fork_rng(device: torch.device, seed: int | None = None) -> Iterator[None]:
    """Draw inside from ``seed``, and leave the global generators as they were before.

    Args:
        device: whose generator is kept beside the CPU's.
        seed: the seed inside; None keeps drawing from where the generators stand.
    """
    devices = [] if device.type in ("cpu", "meta") else [device]
    kind = device.type if devices else "cuda"
    with torch.random.fork_rng(devices=devices, device_type=kind):
        if seed is not None:
            set_seed(seed, device)
        yield

"""Several processes, started by torchrun, that train as one.

In a single process every function here returns its argument, or does nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ganzoo.errors import ConfigError, RunError

T = TypeVar("T")

TIMEOUT = timedelta(minutes=10)
"""Longest wait for the other processes in one operation."""
SETTLE_SECONDS = 0.1
"""Time for gloo's threads to release their last tensors before the group ends. Torch 2.6 holds the
GIL until they end; a thread that still has a tensor would wait for the GIL forever."""


def rank() -> int:
    """Number of this process; 0 writes files and shows progress."""
    return dist.get_rank() if dist.is_initialized() else 0


def world_size() -> int:
    """Number of processes that train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def _group_prefix() -> str:
    """Prefix of this start of the group in the store where its processes meet.

    Between restarts torchrun may keep the store with the addresses of the processes: a new group
    would find those of the dead one, and wait for them. On one node all processes count the same
    restarts; on several they may not, but there torchrun's c10d makes a new store each time.
    """
    alone = os.environ.get("GROUP_WORLD_SIZE") == "1"
    return f"attempt {os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)}" if alone else "group"


@contextmanager
def process_group(device: torch.device) -> Iterator[torch.device]:
    """Join the processes that torchrun started; yields this one's device.

    NCCL connects CUDA devices, one per process; gloo connects CPUs. The threads of gloo must end
    here: one that still runs when Python exits may abort the process. They live as long as
    something refers to the group: default arguments of ``torch.distributed.nn``, if that is
    imported later than this, and the frames of an error that torch raised.

    Raises:
        RunError: the others cannot be reached.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or dist.is_initialized():
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    from torch.distributed import PrefixStore  # type: ignore[attr-defined] # documented
    from torch.distributed.rendezvous import rendezvous

    import_module("torch.distributed.nn")
    try:
        store, rank, size = next(rendezvous("env://", timeout=TIMEOUT))
        dist.init_process_group(
            "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo",
            store=PrefixStore(_group_prefix(), store),
            rank=rank,
            world_size=size,
            timeout=TIMEOUT,
        )
    except (RuntimeError, ValueError) as error:
        raise RunError(f"cannot join the other processes: {str(error).splitlines()[0]}") from error
    try:
        yield device
        time.sleep(SETTLE_SECONDS)
    finally:
        dist.destroy_process_group()


@contextmanager
def exchange() -> Iterator[None]:
    """Explain errors of an exchange with the other processes.

    Raises:
        RunError: one of them is lost.
    """
    try:
        yield
    except RuntimeError as error:
        reason = str(error).splitlines()[0].rpartition("] ")[2].partition(". ")[0]
        raise RunError(
            f"another process of this run is lost ({reason}):"
            " the last checkpoint is kept: run the same command to resume"
        ) from error


def local_range(n: int) -> tuple[int, int]:
    """First and last (excluded) row of this process's slice of n rows."""
    return rank() * n // world_size(), (rank() + 1) * n // world_size()


def local_rows(rows: Tensor) -> Tensor:
    """This process's slice of rows that all processes have."""
    first, last = local_range(len(rows))
    return rows[first:last]


def average_gradients(parameters: Sequence[nn.Parameter]) -> None:
    """Replace gradients by their means over the processes, in one exchange."""
    if world_size() == 1:
        return
    gradients = [
        torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for parameter in parameters
    ]
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    with exchange():
        dist.all_reduce(flat)
    flat /= world_size()
    pieces = torch.split(flat, [gradient.numel() for gradient in gradients])
    for parameter, gradient, piece in zip(parameters, gradients, pieces, strict=True):
        parameter.grad = gradient.copy_(piece.view(gradient.shape))


def all_reduce_sum(value: Tensor) -> Tensor:
    """Sum of a tensor over the processes."""
    if world_size() > 1:
        value = value.clone()
        with exchange():
            dist.all_reduce(value)
    return value


def all_gather(value: object) -> list[object]:
    """Values of all processes, by rank; for small objects."""
    if world_size() == 1:
        return [value]
    values: list[object] = [None] * world_size()
    with exchange():
        dist.all_gather_object(values, value)
    return values


def broadcast(value: T) -> T:
    """Value of rank 0; for small objects."""
    values = [value]
    if world_size() > 1:
        with exchange():
            dist.broadcast_object_list(values)
    return values[0]


def any_process(flag: bool) -> bool:
    """True in all processes if the flag is true in one."""
    return bool(all_reduce_sum(torch.tensor(float(flag))).item()) if world_size() > 1 else flag


def convert_sync_batch_norm(module: nn.Module, device: torch.device) -> None:
    """Make every batch norm of a module normalize over all processes, in place.

    Raises:
        ConfigError: torch has no such layer for the device.
    """
    if device.type != "cuda":
        raise ConfigError(
            f"sync_batch_norm needs CUDA devices, not {device.type}:"
            " use --device cuda, or --set sync_batch_norm=false"
        )
    nn.SyncBatchNorm.convert_sync_batchnorm(module)  # type: ignore[no-untyped-call] # torch's

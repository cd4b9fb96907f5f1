"""Several processes as one trainer: torch.distributed where torchrun started us, else nothing.

Every function here does the obvious thing in a single process.
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

from ganzoo.errors import RunError

T = TypeVar("T")

TIMEOUT = timedelta(minutes=10)
"""How long a process waits for the others in one operation."""
SETTLE_SECONDS = 0.1
"""For gloo's threads to drop their last tensors before the group ends. Torch 2.6 keeps Python's
lock until they end; one that still has a tensor then waits for that lock for ever."""


def rank() -> int:
    """This process's number; 0 writes files and draws bars."""
    return dist.get_rank() if dist.is_initialized() else 0


def world_size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def _attempt() -> str:
    """What this start of the group is called where its processes meet.

    Between restarts torchrun may keep the store in which they leave their addresses: a new group
    then finds those of the dead one, and waits for them. On one node all count the same restarts;
    on several they may not, but there torchrun's c10d makes a new store each time.
    """
    alone = os.environ.get("GROUP_WORLD_SIZE") == "1"
    return f"attempt {os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)}" if alone else "group"


@contextmanager
def process_group(device: torch.device) -> Iterator[torch.device]:
    """Join the processes that torchrun started; yields this one's device.

    NCCL connects CUDA devices, one a process; gloo connects CPUs, and carries what lies there.
    Its threads must end here: one that still runs when Python exits may abort the process. They
    live while anything refers to the group: default arguments of ``torch.distributed.nn``, if
    that is imported later than this, and the frames of an error that torch raised.

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
            store=PrefixStore(_attempt(), store),
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
def _together() -> Iterator[None]:
    """An exchange with the others; it fails if one of them is gone.

    Raises:
        RunError: one is.
    """
    try:
        yield
    except RuntimeError as error:
        reason = str(error).splitlines()[0].rpartition("] ")[2].partition(". ")[0]
        raise RunError(
            f"another process of this training is gone ({reason}):"
            " the last checkpoint is kept, the same command goes on from it"
        ) from error


def local_range(n: int) -> tuple[int, int]:
    """Where this process's slice of n rows begins and ends."""
    return rank() * n // world_size(), (rank() + 1) * n // world_size()


def local_rows(rows: Tensor) -> Tensor:
    """This process's slice of rows that all processes have."""
    first, last = local_range(len(rows))
    return rows[first:last]


def average_gradients(parameters: Sequence[nn.Parameter]) -> None:
    """The mean of every gradient over the processes, in one flat bucket."""
    if world_size() == 1:
        return
    gradients = [
        torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for parameter in parameters
    ]
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    with _together():
        dist.all_reduce(flat)
    flat /= world_size()
    pieces = torch.split(flat, [gradient.numel() for gradient in gradients])
    for parameter, gradient, piece in zip(parameters, gradients, pieces, strict=True):
        parameter.grad = gradient.copy_(piece.view(gradient.shape))


def all_reduce_sum(value: Tensor) -> Tensor:
    """The sum of a tensor over the processes."""
    if world_size() > 1:
        value = value.clone()
        with _together():
            dist.all_reduce(value)
    return value


def all_gather(value: object) -> list[object]:
    """What each process has, by rank; for small things and rare moments."""
    if world_size() == 1:
        return [value]
    values: list[object] = [None] * world_size()
    with _together():
        dist.all_gather_object(values, value)
    return values


def broadcast(value: T) -> T:
    """What rank 0 has; for small things and rare moments."""
    values = [value]
    if world_size() > 1:
        with _together():
            dist.broadcast_object_list(values)
    return values[0]


def any_process(flag: bool) -> bool:
    """Whether the flag is up in any process, so that all stop at the same step."""
    return bool(all_reduce_sum(torch.tensor(float(flag))).item()) if world_size() > 1 else flag


class _AllReduce(torch.autograd.Function):
    """The sum over the processes, whose gradient is the sum of theirs."""

    @staticmethod
    def forward(context: object, value: Tensor) -> Tensor:
        return all_reduce_sum(value)

    @staticmethod
    def backward(context: object, gradient: Tensor) -> Tensor:
        return all_reduce_sum(gradient.contiguous())


class SyncBatchNorm(nn.BatchNorm2d):
    """Batch normalisation over the batch of all processes, for devices where torch has none."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 # torch's own name for it
        if not self.training or world_size() == 1:
            return super().forward(input)
        moments = torch.stack([input.mean((0, 2, 3)), input.square().mean((0, 2, 3))])
        mean, square = _AllReduce.apply(moments) / world_size()
        variance = square - mean.square()
        count = world_size() * input.numel() / input.shape[1]
        with torch.no_grad():
            momentum = self.momentum or 0.1
            assert self.running_mean is not None
            assert self.running_var is not None
            assert self.num_batches_tracked is not None
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * count / (count - 1), momentum)
        shape = (1, -1, 1, 1)
        scaled = (input - mean.view(shape)) * (variance + self.eps).rsqrt().view(shape)
        output: Tensor = scaled * self.weight.view(shape) + self.bias.view(shape)
        return output


def convert_sync_batch_norm(module: nn.Module, device: torch.device) -> None:
    """Make every batch norm of a module normalise over all processes, in place."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            setattr(module, name, _synchronised(child, device))
        else:
            convert_sync_batch_norm(child, device)


def _synchronised(norm: nn.Module, device: torch.device) -> nn.Module:
    if device.type == "cuda":
        made: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(norm)  # type: ignore[no-untyped-call] # torch's
        return made
    if not isinstance(norm, nn.BatchNorm2d):
        raise RunError("sync_batch_norm: on a CPU there is only a 2-D one")
    other = SyncBatchNorm(norm.num_features, norm.eps, norm.momentum)
    other.load_state_dict(norm.state_dict())
    return other.train(norm.training)

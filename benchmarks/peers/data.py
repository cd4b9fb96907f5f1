"""The same random pictures for everyone, as each wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torchvision
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from benchmarks.peers.clock import Task

ROWS = 4096
"""Pictures in memory."""
LENGTH = 200_000
"""What the peers take for the length of an epoch: none ends while it is measured."""
READY = 4


def pictures(task: Task) -> Tensor:
    """uint8, (N, H, W, C)."""
    size = task.workload.size
    generator = torch.Generator().manual_seed(task.seed)
    shape = (ROWS, size, size, task.workload.channels)
    return torch.randint(256, shape, generator=generator, dtype=torch.uint8)


def pose(task: Task) -> None:
    """Stand in for torchvision's data sets and torch's loader in whatever is imported next.

    The data set does what torchvision's CIFAR10 and MNIST do for a row: a PIL image from an array
    in memory, then the peer's transforms. The loader is torch's own, or ready batches; both tick.
    """
    rows = pictures(task).numpy()

    class Pictures(Dataset[Any]):
        def __init__(self, *given: object, transform: Any = None, **ignored: object) -> None:
            self.transform = transform

        def __len__(self) -> int:
            return LENGTH

        def __getitem__(self, index: int) -> tuple[Any, int]:
            array = rows[index % ROWS]
            image: Any = Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)
            return (self.transform(image) if self.transform else image), 0

    for name in ("CIFAR10", "MNIST", "CelebA"):
        setattr(torchvision.datasets, name, Pictures)
    torch.utils.data.DataLoader = loader(task, rows)  # type: ignore[misc, assignment] # a stand-in


def loader(task: Task, rows: np.ndarray) -> Callable[..., Any]:
    """A class to stand in for torch's DataLoader."""
    ready = [as_floats(rows[start::READY][: task.workload.batch]) for start in range(READY)]

    class Ticking(DataLoader[Any]):
        def __iter__(self) -> Iterator[Any]:  # type: ignore[override] # a generator will do
            batches = iter(super().__iter__())
            while True:
                task.clock.tick()
                yield next(batches)

    class Ready(DataLoader[Any]):
        def __iter__(self) -> Iterator[Any]:  # type: ignore[override] # a generator will do
            labels = torch.zeros(task.workload.batch, dtype=torch.int64)
            for number in range(len(self)):
                task.clock.tick()
                yield [ready[number % READY], labels]

    return Ready if task.ideal else Ticking


def as_floats(rows: np.ndarray) -> Tensor:
    """What a peer's transforms make of uint8: float, (N, C, H, W), in [-1, 1]."""
    return torch.from_numpy(rows.copy()).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1

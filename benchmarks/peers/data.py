"""The same random images for every peer, in the format that it expects."""

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
"""Images in memory."""
LENGTH = 200_000
"""Length of an epoch as peers see it: no epoch ends during a measurement."""
READY = 4


def pictures(task: Task) -> Tensor:
    """Random images, uint8, (N, H, W, C)."""
    size = task.workload.size
    generator = torch.Generator().manual_seed(task.seed)
    shape = (ROWS, size, size, task.workload.channels)
    return torch.randint(256, shape, generator=generator, dtype=torch.uint8)


def pose(task: Task) -> None:
    """Replace torchvision's data sets and torch's loader in modules imported afterwards.

    Like torchvision's CIFAR10 and MNIST, the data set makes a PIL image from an array in memory
    and applies the peer's transforms. The loader is torch's own, or prepared batches; both tick.
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
    """A replacement for torch's DataLoader."""
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
    """Images after a peer's transforms: float, (N, C, H, W), in [-1, 1]."""
    return torch.from_numpy(rows.copy()).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1

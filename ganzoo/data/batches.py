"""Endless batches of a data set; each row is a function of (seed, number of rows before it)."""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.data.dataset import Dataset, as_float
from ganzoo.runtime import seeds


class Batches:
    """Batches of a data set: a new permutation for each epoch; a batch may span two epochs.
    Unpaired columns have permutations of their own.

    Rows are kept on the device if they fit, else in main memory, from which each batch is copied.
    ``drawn``, the number of rows drawn, is the whole state: set it to repeat batches.

    Args:
        dataset: the rows.
        size: rows of a batch, over all processes.
        seed: of the order, and of the flips.
        device: of the batches.
        mirror: flip half of the images left to right, in all columns of a row alike.
        part: (rank, number of processes): this process gets its slice of each batch.
    """

    def __init__(
        self,
        dataset: Dataset,
        size: int,
        *,
        seed: int,
        device: torch.device,
        mirror: bool = False,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        self.dataset = dataset
        self.size = size
        self.seed = seed
        self.device = device
        self.mirror = mirror
        self.part = part
        self.drawn = 0
        home = device if _fits(dataset, device) else torch.device("cpu")
        self._columns = {key: rows.to(home) for key, rows in dataset.columns.items()}
        self._home = home
        self._together = _Order(len(dataset), home, seed, "order")
        self._alone = {
            key: _Order(len(dataset.columns[key]), home, seed, "order", key)
            for key in dataset.unpaired
        }

    def next(self) -> dict[str, Tensor]:
        """This process's part of the next batch, images as floats in [-1, 1]."""
        start, stop = self.drawn, self.drawn + self.size
        together = self._together.indices(start, stop)
        alone = {key: order.indices(start, stop) for key, order in self._alone.items()}
        flips = self._flips() if self.mirror else None
        self.drawn += self.size
        rank, processes = self.part
        share = slice(rank * self.size // processes, (rank + 1) * self.size // processes)
        rows = {
            key: column[alone.get(key, together)[share]] for key, column in self._columns.items()
        }
        batch = {key: as_float(self._moved(row)) for key, row in rows.items()}
        if flips is not None:
            chosen = flips[share].to(self.device).view(-1, 1, 1, 1)
            for key, row in batch.items():
                if row.ndim == 4:
                    batch[key] = torch.where(chosen, row.flip(-1), row)
        return batch

    def _moved(self, rows: Tensor) -> Tensor:
        """Rows on the device; from pinned memory they are copied while the device computes."""
        if self._home != self.device and self.device.type == "cuda":
            rows = rows.pin_memory()
        return rows.to(self.device, non_blocking=True)

    def _flips(self) -> Tensor:
        generator = torch.Generator().manual_seed(seeds.mix(self.seed, "mirror", self.drawn))
        return torch.rand(self.size, generator=generator) < 0.5


class _Order:
    """An endless order of rows: a new permutation for each epoch.

    Args:
        length: number of rows.
        device: of the indices.
        seed: of the permutations.
        names: distinguish several orders of one seed.
    """

    def __init__(self, length: int, device: torch.device, seed: int, *names: str) -> None:
        self.length = length
        self.device = device
        self.seed = seed
        self.names = names
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def indices(self, start: int, stop: int) -> Tensor:
        """Indices of the rows from one place in the order to another."""
        pieces = []
        while start < stop:
            epoch, offset = divmod(start, self.length)
            if epoch != self._epoch:
                generator = torch.Generator().manual_seed(seeds.mix(self.seed, *self.names, epoch))
                order = torch.randperm(self.length, generator=generator)
                self._epoch, self._order = epoch, order.to(self.device)
            piece = self._order[offset : offset + stop - start]
            pieces.append(piece)
            start += len(piece)
        return torch.cat(pieces) if len(pieces) > 1 else pieces[0]


def _fits(dataset: Dataset, device: torch.device) -> bool:
    """True if the rows take less than half of the free memory of a CUDA device."""
    if device.type != "cuda":
        return True
    size = sum(rows.nelement() * rows.element_size() for rows in dataset.columns.values())
    return size < torch.cuda.mem_get_info(device)[0] / 2

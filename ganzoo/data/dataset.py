"""A data set is tensors of equal length by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ganzoo.errors import DataError
from ganzoo.runtime import seeds


@dataclass(frozen=True)
class Dataset:
    """Rows in memory. A uint8 column holds images, (N, H, W, C); an int16 column waveforms,
    (N, C, T); every other column is used as it is.

    Args:
        name: what the user called it.
        columns: ``real`` always; ``label`` (int64), ``source``, ``mask`` where there are such.
        classes: names of the labels, by index.
        lossy: the images were coded as JPEG, or the like, before.
        unpaired: columns that belong to no row of ``real``: they have a length and an order of
            their own.
        words: what tokens mean, by index, where ``real`` is texts, (N, T), int64; token 0 ends one.
        unlabeled: why there is no column ``label``, for messages.
        original: (C, H, W) of most images before they were scaled; empty if it is not known.

    Raises:
        DataError: no rows, no column ``real``, or columns of unequal length.
    """

    name: str
    columns: Mapping[str, Tensor]
    classes: tuple[str, ...] = ()
    lossy: bool = False
    unpaired: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unlabeled: str = ""
    original: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        columns = self.columns
        if not isinstance(columns, Mapping) or not all(
            isinstance(rows, Tensor) and rows.ndim for rows in columns.values()
        ):
            example = 'Dataset("mine", {"real": torch.as_tensor(images)})'
            raise DataError(f"data {self.name}: columns are tensors by name, e.g. {example}")
        lengths = {k: len(rows) for k, rows in self.columns.items() if k not in self.unpaired}
        empty = [key for key, rows in self.columns.items() if not len(rows)]
        if not lengths.get("real") or empty:
            raise DataError(f"data {self.name}: there is nothing in it")
        if len(set(lengths.values())) > 1:
            raise DataError(f"data {self.name}: columns of unequal length, {lengths}")

    def __len__(self) -> int:
        return len(self.columns["real"])

    @cached_property
    def sha256(self) -> str:
        """Hash of the names, shapes, types and bytes of all columns, and of the words."""
        digest = hashlib.sha256()
        for key in sorted(self.columns):
            rows = self.columns[key].contiguous().cpu()
            digest.update(f"{key}{tuple(rows.shape)}{rows.dtype}".encode())
            digest.update(rows.view(torch.uint8).numpy().data)
        digest.update("\n".join(self.words).encode())
        return digest.hexdigest()

    def rows(self, indices: Tensor) -> dict[str, Tensor]:
        """Some rows, images and waveforms as floats; unpaired columns begin again at their end."""
        return {key: as_float(rows[indices % len(rows)]) for key, rows in self.columns.items()}

    def condition_rows(self, n: int, seed: int, column: str = "real") -> Tensor:
        """Indices of the rows that give the conditions of n samples, (n,): in seeded order, again
        from the start if there are fewer rows. An unpaired column has an order of its own."""
        own = (column,) if column in self.unpaired else ()
        generator = torch.Generator().manual_seed(seeds.mix(seed, "conditions", *own))
        order = torch.randperm(len(self.columns[column]), generator=generator)
        return order.repeat(-(-n // len(order)))[:n]

    def sample_conditions(
        self, n: int, seed: int, span: tuple[int, int] | None = None
    ) -> dict[str, Tensor | int]:
        """Conditions for `GAN.sample`, as frequent as in the data.

        Labels, sources and masks of n rows in seeded order; empty for a data set with ``real``
        alone.

        Args:
            n: samples in all.
            seed: of the order.
            span: first and last (excluded) of the wanted ones; left out, all.
        """
        first, last = span or (0, n)
        given = {key: rows for key, rows in self.columns.items() if key != "real"}
        return {
            key: as_float(rows[self.condition_rows(n, seed, key)[first:last]])
            for key, rows in given.items()
        }


def as_float(rows: Tensor) -> Tensor:
    """uint8 images (N, H, W, C) as float (N, C, H, W) in [-1, 1], channels last in memory; int16
    waveforms as float in [-1, 1); the rest unchanged."""
    if rows.dtype == torch.int16:
        return rows.to(torch.float32).div_(32768)
    if rows.dtype != torch.uint8:
        return rows
    return rows.permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)


def as_uint8(images: Tensor) -> Tensor:
    """Float images in [-1, 1] as uint8, rounded to the nearest level; the inverse of `as_float`
    but for the order of dimensions, which stays (N, C, H, W)."""
    return images.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)

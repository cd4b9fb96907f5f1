"""A data set is tensors of equal length by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ganzoo import seeds
from ganzoo.errors import DataError


@dataclass(frozen=True)
class Dataset:
    """Rows in memory. A uint8 column is images, (N, H, W, C); every other column is used as it is.

    Args:
        name: what the user called it.
        columns: ``real`` always; ``label`` (int64), ``source``, ``mask`` where there are such.
        classes: names of the labels, by index.
        lossy: the images were coded as JPEG, or the like, before.

    Raises:
        DataError: no rows, no column ``real``, or columns of unequal length.
    """

    name: str
    columns: Mapping[str, Tensor]
    classes: tuple[str, ...] = ()
    lossy: bool = False

    def __post_init__(self) -> None:
        lengths = {key: len(rows) for key, rows in self.columns.items()}
        if not lengths.get("real"):
            raise DataError(f"data {self.name}: there is nothing in it")
        if len(set(lengths.values())) > 1:
            raise DataError(f"data {self.name}: columns of unequal length, {lengths}")

    def __len__(self) -> int:
        return len(self.columns["real"])

    @cached_property
    def sha256(self) -> str:
        """Hash of the names, shapes, types and bytes of all columns."""
        digest = hashlib.sha256()
        for key in sorted(self.columns):
            rows = self.columns[key].contiguous().cpu()
            digest.update(f"{key}{tuple(rows.shape)}{rows.dtype}".encode())
            digest.update(rows.view(torch.uint8).numpy().data)
        return digest.hexdigest()

    def rows(self, indices: Tensor) -> dict[str, Tensor]:
        """Some rows, images as floats."""
        return {key: as_float(rows[indices]) for key, rows in self.columns.items()}

    def drawn(self, n: int, seed: int) -> Tensor:
        """Which rows give the conditions of n samples, (n,): in seeded order, from the start again
        if there are fewer rows."""
        generator = torch.Generator().manual_seed(seeds.mix(seed, "conditions"))
        order = torch.randperm(len(self), generator=generator)
        return order.repeat(-(-n // len(order)))[:n]

    def conditions(
        self, n: int, seed: int, span: tuple[int, int] | None = None
    ) -> dict[str, Tensor | int]:
        """What `GAN.sample` is to be given so that it meets conditions as often as the data does.

        Labels, sources and masks of n rows in seeded order; empty for a data set of nothing but
        ``real``.

        Args:
            n: samples in all.
            seed: of the order.
            span: first and last (excluded) of those that are wanted; left out, all.
        """
        first, last = span or (0, n)
        chosen = self.drawn(n, seed)[first:last]
        given = {key: rows for key, rows in self.columns.items() if key != "real"}
        return {key: as_float(rows[chosen]) for key, rows in given.items()}


def as_float(rows: Tensor) -> Tensor:
    """uint8 images (N, H, W, C) as float (N, C, H, W) in [-1, 1], channels last in memory; the
    rest unchanged."""
    if rows.dtype != torch.uint8:
        return rows
    return rows.permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)


def as_uint8(images: Tensor) -> Tensor:
    """Float images in [-1, 1] as uint8, rounded to the nearest level; the inverse of `as_float`
    but for the order of dimensions, which stays (N, C, H, W)."""
    return images.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)

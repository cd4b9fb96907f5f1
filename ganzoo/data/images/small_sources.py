"""Sources of super-resolution: images, scaled down."""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo.data.dataset import Dataset, as_float, as_uint8
from ganzoo.errors import DataError

ROWS = 1024
"""Images converted to floats at a time, which bounds the memory."""


def with_small_sources(data: Dataset, scale: int) -> Dataset:
    """The data with a column ``source``: images whose height and width are divided.

    The sources of pairs are scaled, unless they are that small already; the sources of unpaired
    data are not used.

    Args:
        data: images, and the sources of pairs.
        scale: factor by which the height and width are divided.

    Raises:
        DataError: images whose size is no multiple of the scale.
    """
    columns = data.columns
    paired = "source" in columns and "source" not in data.unpaired
    large = columns["source" if paired else "real"]
    height, width = columns["real"].shape[1:3]
    if height % scale or width % scale:
        raise DataError(
            f"data {data.name}: its images are {height} x {width}, no multiple of the scale of"
            f" {scale}"
        )
    if large.shape[1:3] == (height // scale, width // scale):
        return data
    return replace(data, columns={**columns, "source": downscale(large, scale)}, unpaired=())


def downscale(images: Tensor, scale: int) -> Tensor:
    """Bicubic and antialiased; uint8, (N, H, W, C), as the images."""
    size = (images.shape[1] // scale, images.shape[2] // scale)
    return torch.cat([_downscale(part, size) for part in torch.split(images, ROWS)])


def _downscale(images: Tensor, size: tuple[int, int]) -> Tensor:
    small = F.interpolate(as_float(images), size, mode="bicubic", antialias=True)
    return as_uint8(small).permute(0, 2, 3, 1).contiguous()

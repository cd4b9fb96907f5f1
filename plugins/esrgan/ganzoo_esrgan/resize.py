"""Downscaling of images: the sources of training data."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo.data.dataset import as_float, as_uint8

ROWS = 1024
"""Images converted to floats at a time, which bounds the memory."""


def downscale(images: Tensor, scale: int) -> Tensor:
    """Bicubic and antialiased; uint8, (N, H, W, C), as the images."""
    size = (images.shape[1] // scale, images.shape[2] // scale)
    return torch.cat([_downscale(part, size) for part in torch.split(images, ROWS)])


def _downscale(images: Tensor, size: tuple[int, int]) -> Tensor:
    small = F.interpolate(as_float(images), size, mode="bicubic", antialias=True)
    return as_uint8(small).permute(0, 2, 3, 1).contiguous()

"""Edges of images, as the source of data that have none."""

import torch
from torch import Tensor

STRENGTH = 3
"""A pixel is an edge where its jump, times this, exceeds the largest one in the image."""
ROWS = 1024
"""Images converted to int16 at a time, which bounds the memory."""


def edges(images: Tensor) -> Tensor:
    """Black lines on white where the gray level jumps; uint8, (N, H, W, C), as the images."""
    return torch.cat([_edges(part) for part in torch.split(images, ROWS)])


def _edges(images: Tensor) -> Tensor:
    levels = images.to(torch.int16)
    right = levels.diff(dim=2, append=levels[:, :, -1:])
    below = levels.diff(dim=1, append=levels[:, -1:])
    jumps = torch.maximum(right.abs(), below.abs()).amax(3, keepdim=True)
    strongest = jumps.amax((1, 2), keepdim=True)
    white = 255 * (STRENGTH * jumps <= strongest).to(torch.uint8)
    return white.expand_as(images)

"""Edges of any images, so that there is a source where the data have none."""

import torch
from torch import Tensor

STRENGTH = 3
"""An edge is a jump of more than this part of the strongest one in the image."""
ROWS = 1024
"""Images in memory as 16-bit numbers at a time."""


def edges(images: Tensor) -> Tensor:
    """Black lines on white where the level jumps: uint8, (N, H, W, C), of the images' shape."""
    return torch.cat([_edges(part) for part in torch.split(images, ROWS)])


def _edges(images: Tensor) -> Tensor:
    levels = images.to(torch.int16)
    right = levels.diff(dim=2, append=levels[:, :, -1:])
    below = levels.diff(dim=1, append=levels[:, -1:])
    jumps = torch.maximum(right.abs(), below.abs()).amax(3, keepdim=True)
    strongest = jumps.amax((1, 2), keepdim=True)
    white = 255 * (STRENGTH * jumps <= strongest).to(torch.uint8)
    return white.expand_as(images)

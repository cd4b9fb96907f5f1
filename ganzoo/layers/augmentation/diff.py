"""DiffAugment (Zhao et al. 2020): color, translation and cutout of every image."""

from __future__ import annotations

import torch
from torch import Tensor

DIFF_NUMBERS = 7
"""Random numbers per image that `diff_augment` takes."""
SHIFT = 1 / 8
"""Largest translation, as a fraction of height and width."""
HOLE = 1 / 2
"""Height and width of the cutout, as a fraction of the image's."""


def diff_augment(images: Tensor, numbers: Tensor | None = None, hole: float = HOLE) -> Tensor:
    """Color, translation and cutout of images (N, C, H, W); empty pixels are 0.

    Args:
        images: in [-1, 1], gray or RGB.
        numbers: (N, 7), uniform in [0, 1); left out, from torch's global generator.
        hole: height and width of the cutout, as a fraction of the image's.
    """
    if numbers is None:
        numbers = torch.rand(len(images), DIFF_NUMBERS, device=images.device)
    numbers = numbers.to(images.device)
    images = jitter_colors(images, numbers[:, :3])
    return cutout(translate(images, numbers[:, 3:5]), numbers[:, 5:], hole)


def jitter_colors(images: Tensor, numbers: Tensor) -> Tensor:
    """Brightness by up to 0.5, then saturation times 0 to 2, then contrast times 0.5 to 1.5."""
    brightness, saturation, contrast = numbers.T[:, :, None, None, None]
    images = images + (brightness - 0.5)
    gray = images.mean(1, keepdim=True)
    images = gray + (images - gray) * (2 * saturation)
    mean = images.mean((1, 2, 3), keepdim=True)
    changed: Tensor = mean + (images - mean) * (contrast + 0.5)
    return changed


def translate(images: Tensor, numbers: Tensor) -> Tensor:
    """Vertical and horizontal translation by whole pixels."""
    for dim, number in zip((2, 3), numbers.T, strict=True):
        size = images.shape[dim]
        reach = round(size * SHIFT)
        by = (number * (2 * reach + 1)).long() - reach
        places = torch.arange(size, device=images.device) + by[:, None]
        inside = _broadcast(dim, (places >= 0) & (places < size))
        places = _broadcast(dim, places.clamp(0, size - 1)).expand_as(images)
        images = images.gather(dim, places) * inside
    return images


def cutout(images: Tensor, numbers: Tensor, hole: float = HOLE) -> Tensor:
    """Set a rectangle to 0, its center anywhere."""
    empty = torch.ones((), dtype=torch.bool, device=images.device)
    for dim, number in zip((2, 3), numbers.T, strict=True):
        size = images.shape[dim]
        length = round(size * hole)
        center = (number * (size + 1)).long()
        places = torch.arange(size, device=images.device) - (center[:, None] - length // 2)
        empty = empty & _broadcast(dim, (places >= 0) & (places < length))
    return images * ~empty


def _broadcast(dim: int, rows: Tensor) -> Tensor:
    """Reshape a row per image, (N, size), to run along the height (2) or the width (3)."""
    return rows[:, None, :, None] if dim == 2 else rows[:, None, None, :]

"""Differentiable augmentation of images: DiffAugment (Zhao et al. 2020)."""

import torch
from torch import Tensor

SHIFT = 1 / 8
"""Largest translation, as a fraction of height and width."""
HOLE = 1 / 5
"""Height and width of the cutout, as a fraction of the image's."""


def diff_augment(images: Tensor) -> Tensor:
    """Color, translation and cutout of images (N, C, H, W), drawn for each; empty pixels are 0."""
    return cutout(translate(jitter_colors(images)))


def jitter_colors(images: Tensor) -> Tensor:
    """Random brightness, then saturation, then contrast."""
    brightness, saturation, contrast = torch.rand(3, len(images), 1, 1, 1, device=images.device)
    images = images + (brightness - 0.5)
    gray = images.mean(1, keepdim=True)
    images = gray + (images - gray) * (2 * saturation)
    mean = images.mean((1, 2, 3), keepdim=True)
    changed: Tensor = mean + (images - mean) * (contrast + 0.5)
    return changed


def translate(images: Tensor) -> Tensor:
    """Random vertical and horizontal translation by whole pixels."""
    for dim in (2, 3):
        size = images.shape[dim]
        reach = round(size * SHIFT)
        by = torch.randint(-reach, reach + 1, (len(images), 1), device=images.device)
        places = torch.arange(size, device=images.device) + by
        inside = _broadcast(dim, (places >= 0) & (places < size))
        places = _broadcast(dim, places.clamp(0, size - 1)).expand_as(images)
        images = images.gather(dim, places) * inside
    return images


def cutout(images: Tensor) -> Tensor:
    """Set a rectangle to 0, a fifth of the sides, its center anywhere."""
    hole = torch.ones((), dtype=torch.bool, device=images.device)
    for dim in (2, 3):
        size = images.shape[dim]
        length = round(size * HOLE)
        center = torch.randint(0, size + 1, (len(images), 1), device=images.device)
        places = torch.arange(size, device=images.device) - (center - length // 2)
        hole = hole & _broadcast(dim, (places >= 0) & (places < length))
    return images * ~hole


def _broadcast(dim: int, rows: Tensor) -> Tensor:
    """Reshape a row per image, (N, size), to run along the height (2) or the width (3)."""
    return rows[:, None, :, None] if dim == 2 else rows[:, None, None, :]

"""Random changes of images that gradients pass: DiffAugment (Zhao et al. 2020)."""

import torch
from torch import Tensor

MOVED = 1 / 8
"""Of height and width, at most."""
CUT = 1 / 5
"""Height and width of the hole, of those of the image."""


def augmented(images: Tensor) -> Tensor:
    """Images (N, C, H, W), each in other colours, moved, and with a hole; both leave 0 behind."""
    return cut(moved(recoloured(images)))


def recoloured(images: Tensor) -> Tensor:
    """Brighter or darker, then more or less saturated, then with more or less contrast."""
    brightness, saturation, contrast = torch.rand(3, len(images), 1, 1, 1, device=images.device)
    images = images + (brightness - 0.5)
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * (2 * saturation)
    mean = images.mean((1, 2, 3), keepdim=True)
    changed: Tensor = mean + (images - mean) * (contrast + 0.5)
    return changed


def moved(images: Tensor) -> Tensor:
    """By whole pixels, down or up and right or left."""
    for dim in (2, 3):
        size = images.shape[dim]
        reach = round(size * MOVED)
        by = torch.randint(-reach, reach + 1, (len(images), 1), device=images.device)
        places = torch.arange(size, device=images.device) + by
        inside = along(dim, (places >= 0) & (places < size))
        places = along(dim, places.clamp(0, size - 1)).expand_as(images)
        images = images.gather(dim, places) * inside
    return images


def cut(images: Tensor) -> Tensor:
    """A rectangle of a fifth of the sides, its centre anywhere, is set to 0."""
    hole = torch.ones((), dtype=torch.bool, device=images.device)
    for dim in (2, 3):
        size = images.shape[dim]
        length = round(size * CUT)
        centre = torch.randint(0, size + 1, (len(images), 1), device=images.device)
        places = torch.arange(size, device=images.device) - (centre - length // 2)
        hole = hole & along(dim, (places >= 0) & (places < length))
    return images * ~hole


def along(dim: int, rows: Tensor) -> Tensor:
    """A row (N, size) for each image, laid along its height (2) or width (3)."""
    return rows[:, None, :, None] if dim == 2 else rows[:, None, None, :]

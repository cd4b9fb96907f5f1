"""Distance of images for projections: LPIPS where its weights are cached, else pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

SMALLEST = 8
"""Side below which images are not halved further."""
LPIPS_SIDES = (64, 256)
"""Sides that VGG sees: smaller images are enlarged, larger ones reduced (Karras et al. 2020a)."""
VGG_WEIGHTS = "vgg16-397923af.pth"


class ImageDistance(NamedTuple):
    """A differentiable distance."""

    name: str
    """Name for messages."""
    between: Callable[[Tensor, Tensor], Tensor]
    """Sum of the distances of two batches, row by row; images are in [-1, 1]."""


def find_distance(device: torch.device) -> ImageDistance:
    """LPIPS, if torchvision's VGG weights are cached: nothing is downloaded. Else pixels."""
    weights = Path(torch.hub.get_dir()) / "checkpoints" / VGG_WEIGHTS
    if not weights.exists():
        return ImageDistance("multi-scale pixels (LPIPS needs cached VGG-16 weights)", multi_scale)
    from torchmetrics.image import LearnedPerceptualImagePatchSimilarity

    metric = LearnedPerceptualImagePatchSimilarity("vgg", reduction="sum").to(device)

    def perceptual(made: Tensor, target: Tensor) -> Tensor:
        value: Tensor = metric(_for_vgg(made), _for_vgg(target))
        metric.reset()
        return value

    return ImageDistance("LPIPS", perceptual)


def multi_scale(made: Tensor, target: Tensor) -> Tensor:
    """Mean squared error at full size, half of it, and so on; summed over scales and rows."""
    total = made.new_zeros(())
    while True:
        total = total + (made - target).square().flatten(1).mean(1).sum()
        if min(made.shape[2:]) < 2 * SMALLEST:
            return total
        made, target = F.avg_pool2d(made, 2), F.avg_pool2d(target, 2)


def peak_signal_to_noise(made: Tensor, target: Tensor) -> list[float]:
    """PSNR of each row in dB; images are in [-1, 1]."""
    errors = (made - target).square().flatten(1).mean(1).clamp(min=1e-12)
    decibels: list[float] = (10 * (4 / errors).log10()).tolist()
    return decibels


def _for_vgg(images: Tensor) -> Tensor:
    low, high = LPIPS_SIDES
    side = max(images.shape[2:])
    if not low <= side <= high:
        scale = min(max(side, low), high) / side
        images = F.interpolate(images, scale_factor=scale, mode="bilinear", antialias=True)
    return images.clamp(-1, 1).expand(-1, 3, -1, -1)

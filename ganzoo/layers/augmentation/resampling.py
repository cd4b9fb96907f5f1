"""Anti-aliased resampling of images under affine maps, differentiable twice."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

SYM6 = (
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
)
"""The orthogonal lowpass filter of the wavelet symlet 6 (Daubechies 1992)."""
CENTER = sum(place * tap for place, tap in enumerate(SYM6)) / sum(SYM6)
"""Center of mass of the filter: where a sample lies among those that it is filtered to."""
MARGIN = 3
"""Pixels that the filter reads on each side of a place."""
BORDER = 2 * MARGIN
"""Reflected pixels around the image: what an output pixel at the border is filtered from is there,
so that the identity map changes nothing, though the filter is not symmetric."""


def resample(images: Tensor, matrix: Tensor, offset: Tensor) -> Tensor:
    """Images whose pixel at p is that of the input at ``matrix p + offset``.

    As Karras et al. (2020b, appendix B): the image is reflected at its borders, upsampled by a
    factor of 2 with an orthogonal filter, sampled bilinearly, and downsampled with the same filter.
    The identity map leaves it as it is, within rounding.

    Args:
        images: (N, C, H, W).
        matrix: (N, 2, 2), on pairs (x, y) of pixels from the center of the image.
        offset: (N, 2), in pixels.
    """
    height, width = images.shape[2:]
    centers = torch.tensor([width - 1, height - 1], device=images.device) / 2
    ys, xs = (_places(size, images) for size in (height, width))
    grid = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1) - centers
    places = grid.flatten(0, 1).to(images) @ matrix.mT.to(images) + (offset + centers)[:, None]
    large = _filtered(images, _upsampling(width), _upsampling(height))
    sizes = torch.tensor([large.shape[3], large.shape[2]], device=images.device)
    inner = 2 * (_reflected(places, 2 * centers) + BORDER) + CENTER
    scaled = ((2 * inner + 1) / sizes - 1).to(images)  # grid_sample's unit, not align_corners
    sampled: Tensor = _Sample.apply(large, scaled.view(len(images), *grid.shape))
    return _filtered(sampled, _downsampling(width), _downsampling(height))


def _places(size: int, like: Tensor) -> Tensor:
    """Places, in pixels, of the upsampled values that ``size`` pixels are filtered from."""
    return (torch.arange(2 * size + len(SYM6) - 2, device=like.device) - CENTER) / 2


def _reflected(places: Tensor, last: Tensor) -> Tensor:
    """Places at most `MARGIN` outside the image, (0, 0) to ``last``, by reflections at its border
    pixels."""
    period = 2 * last.clamp_min(1)
    folded = (places + MARGIN).remainder(period) - MARGIN
    return torch.where(folded > last + MARGIN, period - folded, folded)


def _filtered(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Images with a linear map on their rows and one on their columns.

    As products of matrices: faster than convolutions that have one channel each.
    """
    return columns.to(images) @ images @ rows.to(images).mT


@cache
def _upsampling(size: int) -> Tensor:
    """The map of ``size`` pixels, `BORDER` reflected ones on each side, to upsampled values."""
    padded = torch.arange(-BORDER, size + BORDER)
    places = size - 1 - (size - 1 - padded.abs()).abs() if size > BORDER else padded
    kept = F.one_hot(places.clamp(0, size - 1), size).float()
    return _downsampling(len(padded)).mT @ kept


@cache
def _downsampling(size: int) -> Tensor:
    """The map of 2 size + 10 values to ``size`` pixels: its transpose upsamples, and is its
    inverse, as the filter is orthogonal."""
    taps = torch.tensor(SYM6)
    matrix = torch.zeros(size, 2 * size + len(SYM6) - 2)
    for pixel in range(size):
        matrix[pixel, 2 * pixel : 2 * pixel + len(SYM6)] = taps
    return matrix


class _Sample(torch.autograd.Function):
    """Bilinear sampling, linear in the images: torch's cannot be differentiated twice."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.shape = images.shape
        sampled: Tensor = F.grid_sample(images, grid, align_corners=False)
        return sampled

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (grid,) = ctx.saved_tensors
        return _Spread.apply(gradient, grid, ctx.shape), None


class _Spread(torch.autograd.Function):
    """The transpose of `_Sample`."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, grid: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(grid)
        with torch.enable_grad():
            images = gradient.new_zeros(shape).requires_grad_()
            sampled = F.grid_sample(images, grid, align_corners=False)
        return torch.autograd.grad(sampled, images, gradient)[0]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return _Sample.apply(gradient, grid), None, None

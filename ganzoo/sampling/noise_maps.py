"""Noise maps of layers, fitted by projection (Karras et al. 2020a, appendix D)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo.gan import GAN

WEIGHT = 1e5
"""Weight of the regularization."""
SMALLEST = 8
"""Height and width of the coarsest maps that are regularized."""


@contextmanager
def replaced(gan: GAN, maps: Mapping[str, Tensor]) -> Iterator[None]:
    """Let a model use other noise maps inside the block."""
    own = {name: gan.get_buffer(name) for name in maps}
    try:
        _set(gan, maps)
        yield
    finally:
        _set(gan, own)


def _set(gan: GAN, maps: Mapping[str, Tensor]) -> None:
    for name, value in maps.items():
        owner, _, attribute = name.rpartition(".")
        setattr(gan.get_submodule(owner), attribute, value)


def start(gan: GAN, seed: int) -> dict[str, Tensor]:
    """White noise in the shape of the model's maps, to be fitted."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {name: value.shape for name, value in gan.noise_maps.items()}
    noise = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    return {name: each.to(gan.device).requires_grad_() for name, each in noise.items()}


def regularization(maps: Mapping[str, Tensor]) -> Tensor:
    """Correlation of neighbors at all scales, which keeps signal out of the noise."""
    terms = []
    for noise in maps.values():
        level = noise[None, None]
        while level.shape[-1] >= SMALLEST:
            terms += [(level * level.roll(1, axis)).mean().square() for axis in (2, 3)]
            level = F.avg_pool2d(level, 2) * 2  # the variance of white noise stays 1
    return WEIGHT * torch.stack(terms).sum() if terms else torch.zeros(())


@torch.no_grad()
def normalize(maps: Mapping[str, Tensor]) -> None:
    """Set mean and variance to 0 and 1, as after each step of the paper."""
    for noise in maps.values():
        noise -= noise.mean()
        noise *= noise.square().mean().rsqrt()

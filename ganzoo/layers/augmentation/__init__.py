"""Differentiable augmentation of images in front of a discriminator: DiffAugment and ADA.

Each function takes random numbers, uniform in [0, 1), a row for each image: the caller seeds them,
and the same numbers change several images of a row alike.
"""

from ganzoo.layers.augmentation.adaptive import ADAPTIVE_NUMBERS, adaptive_augment
from ganzoo.layers.augmentation.diff import DIFF_NUMBERS, diff_augment
from ganzoo.layers.augmentation.resampling import resample

__all__ = [
    "ADAPTIVE_NUMBERS",
    "DIFF_NUMBERS",
    "adaptive_augment",
    "diff_augment",
    "resample",
]

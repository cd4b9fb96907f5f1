"""Networks and recipes of BigGAN and SAGAN as published."""

from __future__ import annotations

from dataclasses import replace

from ganzoo import Optimizer, Recipe
from ganzoo_biggan.config import Config

CLASSES = "ganzoo.data.imagenet:class_names"

LARGE = Config()
"""The paper's BigGAN at 128 x 128."""
CIFAR = Config(
    size=32,
    latent=128,
    classes=10,
    widths=(256,) * 4,
    attention=(),
    embedding=0,
    hierarchical=False,
).mirrored()
SAGAN = replace(CIFAR, attention=(2,), eps=1e-4).mirrored()
LARGE_SAGAN = replace(
    SAGAN, size=128, classes=1000, widths=(1024, 1024, 512, 256, 128, 64), attention=(4,)
).mirrored()
ADAM = Optimizer(lr=1e-4, betas=(0.0, 0.999), eps=1e-6)
PAPER = Recipe(
    data="folder:imagenet",
    kimg=282_624,
    batch=2048,
    optimizer=ADAM,
    optimizers={"discriminator": replace(ADAM, lr=4e-4)},
    ema_kimg=14_200,
)
"""138 thousand steps; the average has a decay of 0.9999 a step."""
CIFAR_RECIPE = Recipe("cifar10", 6250, 50, Optimizer(lr=2e-4, betas=(0.0, 0.999)), ema_kimg=347)
"""500 epochs with four discriminator updates: 125 thousand generator updates."""
SAGAN_RECIPE = Recipe("cifar10", 6400, 64, Optimizer(lr=2e-4, betas=(0.5, 0.999)), ema_kimg=0)
LARGE_SAGAN_RECIPE = replace(
    PAPER, kimg=125_440, batch=128, optimizer=replace(ADAM, eps=1e-8),
    optimizers={"discriminator": replace(ADAM, lr=4e-4, eps=1e-8)}, ema_kimg=0,
)  # fmt: skip

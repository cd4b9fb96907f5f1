"""GFPGAN: restored faces; L1 losses at all resolutions and an adversarial one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import GAN, Batch, Dataset, Losses, Phase, SampleInput, layers, losses
from ganzoo_gfpgan.config import Config
from ganzoo_gfpgan.networks import Generator

R1_EVERY = 16
"""Steps between R1 penalties (lazy regularization, Karras et al. 2020)."""
BLOCK = 256
"""Images that are scaled at once."""


class GFPGAN(GAN):
    """Wang et al. (2021): a damaged face to a restored one."""

    config: Config
    generator: Generator
    inputs = (
        SampleInput("source", "aligned faces to restore, (n, C, H, W) in [-1, 1]", required=True),
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = layers.StyleDiscriminator(config.channels, config.size, config.widths)

    def prior(self, n: int) -> Batch:
        return {}

    def prepare_data(self, data: Dataset) -> Dataset:
        """Without sources, the images themselves, scaled down and up."""
        columns = data.columns
        if "source" in columns:
            return data
        source = _blurred(columns["real"], self.config.factor)
        return replace(data, columns={**columns, "source": source})

    def phases(self) -> Sequence[Phase]:
        """R1 follows the discriminator."""
        discriminator, generator = super().phases()
        r1 = Phase("r1", self.discriminator, self.r1_loss, interval=R1_EVERY, needs_fakes=False)
        return (discriminator, *[r1] * bool(self.config.r1), generator)

    def generate(self, batch: Batch) -> Tensor:
        fake: Tensor = self.generator(batch["source"])
        return fake

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.minimax_d(real, fake)}

    def r1_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """R1: the squared gradient on real images (Mescheder et al. 2018)."""
        penalty = losses.zero_centered_penalty(self.discriminator, batch["real"])
        return {"penalty": self.config.r1 * penalty}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Equations 4 and 5 without the perceptual loss, and L1 of the encoder's own images."""
        config, real = self.config, batch["real"]
        errors = [
            F.l1_loss(own, F.adaptive_avg_pool2d(real, own.shape[-1]))
            for own in self.generator.encoder.images(batch["source"])
        ]
        return {
            "l1": config.l1 * F.l1_loss(fake, real),
            "pyramid": config.pyramid * torch.stack(errors).sum(),
            "adv": config.adv * losses.nonsaturating_g(self.discriminator(fake)),
        }


def _blurred(images: Tensor, factor: int) -> Tensor:
    """Images scaled down and up again, uint8, (N, H, W, C)."""
    made = torch.empty_like(images)
    for start in range(0, len(images), BLOCK):
        x = images[start : start + BLOCK].permute(0, 3, 1, 2).float()
        size = (x.shape[2], x.shape[3])
        small = (max(1, size[0] // factor), max(1, size[1] // factor))
        x = F.interpolate(x, small, mode="bilinear", antialias=True)
        x = F.interpolate(x, size, mode="bilinear").round()
        made[start : start + BLOCK] = x.to(torch.uint8).permute(0, 2, 3, 1)
    return made

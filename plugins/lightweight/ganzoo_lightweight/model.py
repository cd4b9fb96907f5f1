"""Lightweight GAN: hinge loss, and reconstruction of real images by the discriminator."""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo import GAN, Batch, Losses, SampleInput, losses
from ganzoo.spec.sample import LATENT
from ganzoo_lightweight.config import Config
from ganzoo_lightweight.discriminator import Discriminator
from ganzoo_lightweight.generator import Generator


class LightweightGAN(GAN):
    """The generator of lucidrains's lightweight-gan, after FastGAN (Liu et al. 2021)."""

    config: Config
    inputs = (
        LATENT,
        SampleInput("noise", "noise of the generator's layers, a row for each sample"),
    )
    discriminator: Discriminator

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    def prior(self, n: int) -> Batch:
        """Latents, and noise of the generator's layers."""
        pixels = sum(size**2 for size in self.config.sizes[1:])
        return {"latent": torch.randn(n, self.config.latent), "noise": torch.randn(n, pixels)}

    def generate(self, batch: Batch) -> Tensor:
        images: Tensor = self.generator(batch["latent"], batch["noise"])
        return images.mul(2).sub(1)

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in separate passes, each with its own batch statistics."""
        real = batch["real"]
        terms = {"adv": losses.hinge_d(self.discriminator(real), self.discriminator(fake))}
        if self.config.reconstruction:
            error = self.discriminator.reconstruction_error(real)
            terms["reconstruction"] = self.config.reconstruction * error
        return terms

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}

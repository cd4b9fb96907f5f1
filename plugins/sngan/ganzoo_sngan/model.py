"""SNGAN: the hinge loss between residual networks."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ganzoo import GAN, Batch, Losses, Phase, layers, losses
from ganzoo_sngan import Config


class SNGAN(GAN):
    """Miyato et al. (2018), with the hinge of its equations 16 and 17."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        generator = layers.ResidualGenerator(
            config.channels, config.size, config.latent, config.widths
        )
        self.generator = generator.flatten()
        self.discriminator = layers.ResidualDiscriminator(
            config.channels, config.discriminator_widths, config.discriminator_halvings
        )

    def phases(self) -> Sequence[Phase]:
        discriminator, generator = super().phases()
        return replace(discriminator, repeat=self.config.discriminator_updates), generator

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in one pass: rows are independent, the norms are computed once."""
        real, fake = self.discriminator(torch.cat([batch["real"], fake])).chunk(2)
        return {"adv": losses.hinge_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}

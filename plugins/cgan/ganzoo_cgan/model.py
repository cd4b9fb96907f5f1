"""Projection GAN: the hinge loss between two class-conditional residual networks."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from ganzoo import GAN, Batch, Losses, Phase, layers, losses
from ganzoo.spec.sample import LABEL, LATENT
from ganzoo_cgan.config import Config


class ConditionalGAN(GAN):
    """Miyato and Koyama (2018)."""

    config: Config
    inputs = (LATENT, LABEL)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        norm = partial(layers.ConditionalBatchNorm2d, classes=config.classes, eps=config.norm_eps)
        self.generator = layers.ResidualGenerator(
            config.channels,
            config.size,
            config.latent,
            config.widths,
            norm,
            upsampling=config.upsampling,
            eps=config.norm_eps,
        )
        self.discriminator = layers.ResidualDiscriminator(
            config.channels,
            config.discriminator_widths,
            config.discriminator_halvings,
            config.classes,
            bias=config.score_bias,
            relu_shortcut=config.relu_shortcut,
        )

    def prior(self, n: int) -> Batch:
        """Latents, and random labels for samples without a given one."""
        return {**super().prior(n), "label": torch.randint(self.config.classes, (n,))}

    def phases(self) -> Sequence[Phase]:
        discriminator, generator = super().phases()
        return replace(discriminator, repeat=self.config.discriminator_updates), generator

    def generate(self, batch: Batch) -> Tensor:
        output: Tensor = self.generator(batch["latent"], batch["label"])
        return output

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in one pass: rows are independent, the norms are computed once."""
        label = batch["label"].repeat(2)
        real, fake = self.discriminator(torch.cat([batch["real"], fake]), label).chunk(2)
        return {"adv": losses.hinge_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake, batch["label"]))}

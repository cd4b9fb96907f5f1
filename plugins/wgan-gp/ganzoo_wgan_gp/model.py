"""WGAN-GP: Wasserstein losses and the gradient penalty."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ganzoo import GAN, Batch, Losses, Phase, losses
from ganzoo_wgan_gp.config import Config
from ganzoo_wgan_gp.networks import NETWORKS


class WGANGP(GAN):
    """Gulrajani et al. (2017), algorithm 1."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator, self.discriminator = NETWORKS[config.network](config)

    @property
    def no_augment(self) -> Mapping[str, str]:
        return {"ada": "the scores of a critic have no zero, ADA needs signs: use --augment diff"}

    def prior(self, n: int) -> Batch:
        """Latents, and the weights that interpolate between real and fake images in the penalty."""
        return {"latent": torch.randn(n, self.config.latent), "mix": torch.rand(n)}

    def phases(self) -> Sequence[Phase]:
        critic, generator = super().phases()
        return replace(critic, repeat=self.config.critic_updates), generator

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        critic, real = self.discriminator, batch["real"]
        penalty = losses.gradient_penalty(critic, real, fake, batch["mix"])
        return {
            "adv": losses.wasserstein_d(critic(real), critic(fake)),
            "penalty": self.config.penalty * penalty,
        }

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}

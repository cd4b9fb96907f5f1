"""WaveGAN: Wasserstein losses, gradient penalty and phase shuffle."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, Phase, SampleSpec, layers, losses
from ganzoo_wavegan import Config
from ganzoo_wavegan.networks import Critic, Generator


class WaveGAN(GAN):
    """Donahue et al. (2019), with the loss of Gulrajani et al. (2017)."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Critic(config)
        for module in self.modules():
            if isinstance(module, nn.Conv1d | nn.ConvTranspose1d | nn.Linear):
                layers.glorot_init(module)  # as TensorFlow's layers start

    @property
    def sample_spec(self) -> SampleSpec:
        return SampleSpec((self.config.channels, self.config.length), rate=self.config.rate)

    def prior(self, n: int) -> Batch:
        """Uniform latents, interpolation weights of the penalty, shifts of phase shuffle.

        Real rows, fakes and interpolated rows have their own shifts.
        """
        largest = self.config.shuffle or 0
        size = (n, 3, len(self.config.strides) - 1)
        return {
            "latent": 2 * torch.rand(n, self.config.latent) - 1,
            "mix": torch.rand(n),
            "shifts": torch.randint(-largest, largest + 1, size),
        }

    def phases(self) -> Sequence[Phase]:
        critic, generator = super().phases()
        return replace(critic, repeat=self.config.critic_updates), generator

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        critic, real = self.discriminator, batch["real"]
        of_real, of_fake, of_between = batch["shifts"].unbind(1)
        between = partial(critic, shifts=of_between)
        penalty = losses.gradient_penalty(between, real, fake, batch["mix"])
        return {
            "adv": losses.wasserstein_d(critic(real, of_real), critic(fake, of_fake)),
            "penalty": self.config.penalty * penalty,
        }

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        shifts = batch["shifts"][:, 1]
        return {"adv": losses.wasserstein_g(self.discriminator(fake, shifts))}

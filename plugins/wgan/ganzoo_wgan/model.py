"""WGAN: Wasserstein losses and weight clipping."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from torch import Tensor

from ganzoo import GAN, Batch, Losses, Phase, layers, losses
from ganzoo_wgan import Config


class WGAN(GAN):
    """Arjovsky et al. (2017), algorithm 1."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        channels, size, width, bias = config.channels, config.size, config.width, config.outer_bias
        self.generator = layers.StridedGenerator(
            channels, size, config.latent, width, last_bias=bias
        )
        widths = layers.StridedDiscriminator.doubled_widths(width, size)
        self.discriminator = layers.StridedDiscriminator(channels, size, widths, outer_bias=bias)
        layers.normal_init(self)

    @property
    def no_augment(self) -> Mapping[str, str]:
        return {"ada": "the scores of a critic have no zero, ADA needs signs: use --augment diff"}

    def phases(self) -> Sequence[Phase]:
        critic, generator = super().phases()
        updates = self.config.critic_updates
        return replace(critic, repeat=updates, after_update=self.clip), generator

    def clip(self) -> None:
        """Clip the weights, which bounds the slope of the critic (section 3)."""
        for parameter in self.discriminator.parameters():
            parameter.clamp_(-self.config.clip, self.config.clip)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in separate passes, each with its own batch statistics."""
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.wasserstein_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}

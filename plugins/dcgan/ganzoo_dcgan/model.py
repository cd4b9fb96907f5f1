"""DCGAN: its losses, and an optional R1 penalty."""

from collections.abc import Sequence

from torch import Tensor

from ganzoo import GAN, Batch, Losses, Phase, layers, losses
from ganzoo_dcgan import Config

R1_EVERY = 4
"""Steps between R1 penalties, at a quarter of the cost (lazy regularization)."""


class DCGAN(GAN):
    """Radford et al. (2015) with the non-saturating loss."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        channels, size, bias = config.channels, config.size, config.outer_bias
        if config.network == "standard":
            self.generator = layers.StandardGenerator(channels, size, config.latent, config.width)
            self.discriminator = layers.StandardDiscriminator(channels, size, config.width)
            return
        self.generator = layers.StridedGenerator(
            channels, size, config.latent, config.width, last_bias=bias
        )
        widths = layers.StridedDiscriminator.doubled_widths(
            config.discriminator_width or config.width, size
        )
        self.discriminator = layers.StridedDiscriminator(
            channels, size, widths, outer_bias=bias, slope=config.slope
        )
        layers.normal_init(self)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in separate passes, each with its own batch statistics."""
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.minimax_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.nonsaturating_g(self.discriminator(fake))}

    def phases(self) -> Sequence[Phase]:
        """Adds the R1 penalty, where it has a weight."""
        if not self.config.r1:
            return super().phases()
        penalty = Phase(
            "r1", self.discriminator, self.r1_loss, interval=R1_EVERY, needs_fakes=False
        )
        return *super().phases(), penalty

    def r1_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """R1: the squared gradient on real images (Mescheder et al. 2018)."""
        penalty = losses.zero_centered_penalty(self.discriminator, batch["real"])
        return {"penalty": self.config.r1 * penalty}

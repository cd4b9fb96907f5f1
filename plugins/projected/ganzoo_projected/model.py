"""Projected GAN: the hinge loss of several small discriminators."""

from torch import Tensor

from ganzoo import GAN, Batch, Losses, losses
from ganzoo_projected import Config
from ganzoo_projected.discriminator import Discriminator
from ganzoo_projected.generator import Generator


class ProjectedGAN(GAN):
    """Sauer et al. (2021), with the generator of Liu et al. (2021)."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in separate passes, each with its own batch statistics."""
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.hinge_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}

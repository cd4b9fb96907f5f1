"""LSGAN: least-squares losses, and an optional R1 penalty."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from ganzoo import GAN, Batch, Losses, Phase, layers, losses
from ganzoo_lsgan.config import Config
from ganzoo_lsgan.networks import paper_networks, standard_networks, strided_networks

NETWORKS = {"dcgan": strided_networks, "paper": paper_networks, "standard": standard_networks}

R1_EVERY = 4
"""Steps between R1 penalties, at a quarter of the cost (lazy regularization)."""


class LSGAN(GAN):
    """Mao et al. (2017), with the targets of equation 9: 1 for real images, 0 for fakes."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator, self.discriminator = NETWORKS[config.network](config)
        layers.normal_init(self, norms=False)

    @property
    def no_augment(self) -> Mapping[str, str]:
        if self.config.loss == "hinge":
            return {}
        return {"ada": "its scores aim at 1 and 0, and ADA needs signs: use --augment diff"}

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in separate passes, each with its own batch statistics."""
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        loss = losses.hinge_d if self.config.loss == "hinge" else losses.least_squares_d
        return {"adv": loss(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        loss = losses.wasserstein_g if self.config.loss == "hinge" else losses.least_squares_g
        return {"adv": loss(self.discriminator(fake))}

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

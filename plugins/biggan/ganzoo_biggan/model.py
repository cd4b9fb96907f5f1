"""BigGAN: the hinge loss between class-conditional residual networks with self-attention."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, Phase, SampleInput, losses
from ganzoo.errors import ConfigError
from ganzoo.spec.sample import LABEL, LATENT
from ganzoo_biggan.config import Config
from ganzoo_biggan.deep import DeepGenerator
from ganzoo_biggan.networks import Discriminator, Generator

TRUNCATION = SampleInput(
    "truncation", "factor of the latents: 1 changes nothing, less gives fewer kinds of images"
)


class BigGAN(GAN):
    """Brock et al. (2019)."""

    config: Config
    inputs = (LATENT, LABEL, TRUNCATION)
    generator: Generator | DeepGenerator

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = DeepGenerator(config) if config.statistics else Generator(config)
        self.discriminator = Discriminator(config)

    def prior(self, n: int) -> Batch:
        """Latents, for BigGAN-deep from a normal cut off at two; and random labels."""
        latent = torch.empty(n, self.config.latent)
        if self.config.statistics:
            nn.init.trunc_normal_(latent)
        else:
            latent.normal_()
        return {"latent": latent, "label": torch.randint(self.config.classes, (n,))}

    def phases(self) -> Sequence[Phase]:
        """The discriminator, several times, then the generator.

        Raises:
            ConfigError: BigGAN-deep, whose norms have only stored statistics.
        """
        if self.config.statistics:
            raise ConfigError(
                f"statistics={self.config.statistics}: BigGAN-deep samples from published weights"
                " and cannot be trained; take a preset of BigGAN, listed by `ganzoo info biggan`"
            )
        discriminator, generator = super().phases()
        return replace(discriminator, repeat=self.config.discriminator_updates), generator

    def generate(self, batch: Batch) -> Tensor:
        return self.synthesize(batch, self.generator.embed(batch["label"]))

    def synthesize(self, batch: Batch, condition: Tensor) -> Tensor:
        """Images of latents and conditions, e.g. mixed embeddings of several classes."""
        latent, truncation = batch["latent"], batch.get("truncation")
        if truncation is not None:
            latent = latent * truncation.to(latent.dtype).view(-1, 1)
        if isinstance(self.generator, DeepGenerator):
            output: Tensor = self.generator(latent, condition, truncation)
        else:
            output = self.generator(latent, condition)
        return output

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in one pass: rows are independent, the norms are computed once."""
        label = batch["label"].repeat(2)
        real, fake = self.discriminator(torch.cat([batch["real"], fake]), label).chunk(2)
        return {"adv": losses.hinge_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake, batch["label"]))}

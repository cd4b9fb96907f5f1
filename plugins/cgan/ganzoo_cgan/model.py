"""Projection GAN: the hinge loss between two class-conditional residual networks."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from ganzoo import GAN, Batch, Dataset, Losses, Phase, layers, losses
from ganzoo.errors import ConfigError, DataError
from ganzoo.spec.sample import LABEL, LATENT
from ganzoo_cgan import Config


class ConditionalGAN(GAN):
    """Miyato and Koyama (2018)."""

    config: Config
    inputs = (LATENT, LABEL)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        norm = partial(layers.ConditionalBatchNorm2d, classes=config.classes)
        self.generator = layers.ResidualGenerator(
            config.channels, config.size, config.latent, config.widths, norm
        )
        self.discriminator = layers.ResidualDiscriminator(
            config.channels,
            config.discriminator_widths,
            config.discriminator_halvings,
            config.classes,
        )

    def prior(self, n: int) -> Batch:
        """Latents, and random labels for samples without a given one."""
        return {**super().prior(n), "label": torch.randint(self.config.classes, (n,))}

    def prepare_data(self, data: Dataset) -> Dataset:
        """The same data.

        Raises:
            DataError: the data have no labels; random ones would be learned too.
            ConfigError: a label that the model does not have.
        """
        label = data.columns.get("label")
        if label is None:
            raise DataError(
                f"data {data.name}: no labels; in an image folder, each subfolder is a class"
            )
        if (most := int(label.max())) >= self.config.classes:
            raise ConfigError(
                f"data {data.name} has label {most}, the model classes={self.config.classes}: use"
                f" --set classes={most + 1}"
            )
        return data

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

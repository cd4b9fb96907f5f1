"""Projected GAN: the hinge loss of several small discriminators."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ganzoo import GAN, Batch, Losses, SampleInput, losses
from ganzoo.spec.sample import LABEL, LATENT
from ganzoo_projected.config import Config
from ganzoo_projected.discriminator import Discriminator
from ganzoo_projected.generator import Generator


class ProjectedGAN(GAN):
    """Sauer et al. (2021), with the generator of Liu et al. (2021)."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    @property
    def no_augment(self) -> Mapping[str, str]:
        reason = "an augmentation of its own is on: add --set augment=false"
        return {"diff": reason, "ada": reason} if self.config.augment else {}

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        return (LATENT, LABEL) if self.config.classes else (LATENT,)

    def prior(self, n: int) -> Batch:
        """Latents, then random labels and noise if the generator takes them."""
        drawn = {"latent": torch.randn(n, self.config.latent)}
        if self.config.classes:
            drawn["label"] = torch.randint(self.config.classes, (n,))
        if self.config.noise:
            drawn["noise"] = torch.randn(n, sum(self.config.noise_numbers))
        return drawn

    def generate(self, batch: Batch) -> Tensor:
        label = batch["label"] if self.config.classes else None
        noise = batch["noise"] if self.config.noise else None
        fake: Tensor = self.generator(batch["latent"], label, noise)
        return fake

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in separate passes, each with its own batch statistics."""
        real, fake = self.scores(batch["real"], batch), self.scores(fake, batch)
        return {"adv": losses.hinge_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.scores(fake, batch))}

    def scores(self, images: Tensor, batch: Batch) -> Tensor:
        """Logits of images, for the labels of the batch if there are classes."""
        labels = (batch["label"],) if self.config.classes else ()
        logits: Tensor = self.discriminator(images, *labels)
        return logits

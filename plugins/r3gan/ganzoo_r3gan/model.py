"""R3GAN: the relativistic loss with R1 and R2 penalties, and the schedule of their weight."""

from collections.abc import Mapping
from math import cos, pi

import torch
from torch import Tensor

from ganzoo import GAN, Batch, Losses, SampleInput, losses
from ganzoo.spec.sample import LABEL, LATENT
from ganzoo_r3gan import Config
from ganzoo_r3gan.networks import Discriminator, Generator


class R3GAN(GAN):
    """Huang et al. (2024): real and fake are compared in pairs; R1 and R2 in every step."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        return (LATENT, LABEL) if self.config.classes else (LATENT,)

    @property
    def no_augment(self) -> Mapping[str, str]:
        return {"ada": "its scores are relative, ADA needs signs: use --augment diff"}

    def prior(self, n: int) -> Batch:
        """Latents, and random labels for samples without a given one."""
        latent = {"latent": torch.randn(n, self.config.latent)}
        if not self.config.classes:
            return latent
        return {**latent, "label": torch.randint(self.config.classes, (n,))}

    def generate(self, batch: Batch) -> Tensor:
        fake: Tensor = self.generator(batch["latent"], self.label(batch))
        return fake

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Scores and penalties from the same forward passes, in float32."""
        real, fake = (each.detach().float().requires_grad_() for each in (batch["real"], fake))
        with torch.autocast(real.device.type, enabled=False):
            label = self.label(batch)
            scores = self.discriminator(real, label), self.discriminator(fake, label)
            total = scores[0].sum() + scores[1].sum()
            slopes = torch.autograd.grad(total, (real, fake), create_graph=True)
        r1, r2 = (self.gamma / 2 * slope.flatten(1).square().sum(1).mean() for slope in slopes)
        return {"adv": losses.relativistic_d(*scores), "r1": r1, "r2": r2}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        label = self.label(batch)
        real, fake = self.discriminator(batch["real"], label), self.discriminator(fake, label)
        return {"adv": losses.relativistic_g(real, fake)}

    def label(self, batch: Batch) -> Tensor | None:
        """The labels of a batch, if the model is class-conditional."""
        return batch["label"] if self.config.classes else None

    @property
    def gamma(self) -> float:
        """Weight of both penalties: cosine decay, then constant."""
        done = min(1.0, self.images / (1000 * self.config.decay_kimg))
        start, end = self.config.gamma, self.config.gamma_end
        return end + (start - end) * (1 + cos(pi * done)) / 2

"""SNGAN: the hinge loss between residual networks."""

from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, Phase, layers, losses
from ganzoo_sngan.config import Config

ROTATION_WEIGHTS = {"discriminator": 1.0, "generator": 0.2}
"""Weights of the rotation loss (Chen et al. 2019, beta and alpha)."""


class SNGAN(GAN):
    """Miyato et al. (2018), with the hinge of its equations 16 and 17."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        generator = layers.ResidualGenerator(
            config.channels,
            config.size,
            config.latent,
            config.widths,
            upsampling=config.upsampling,
        )
        self.generator = generator.flatten()
        discriminator = RotationDiscriminator if config.rotation else layers.ResidualDiscriminator
        self.discriminator = discriminator(
            config.channels,
            config.discriminator_widths,
            config.discriminator_halvings,
            bias=config.score_bias,
            relu_shortcut=config.relu_shortcut,
        )

    def phases(self) -> Sequence[Phase]:
        discriminator, generator = super().phases()
        return replace(discriminator, repeat=self.config.discriminator_updates), generator

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in one pass: rows are independent, the norms are computed once."""
        real, fake = self.discriminator(torch.cat([batch["real"], fake])).chunk(2)
        return {
            "adv": losses.hinge_d(real, fake),
            **self._rotation_loss(batch["real"], "discriminator"),
        }

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {
            "adv": losses.wasserstein_g(self.discriminator(fake)),
            **self._rotation_loss(fake, "generator"),
        }

    def _rotation_loss(self, images: Tensor, phase: str) -> Losses:
        """Cross entropy of the predicted rotations; a quarter of the rows has each rotation."""
        if not isinstance(self.discriminator, RotationDiscriminator):
            return {}
        parts = [images[turns::4].rot90(turns, (2, 3)) for turns in range(4)]
        label = torch.cat([torch.full((len(part),), turns) for turns, part in enumerate(parts)])
        logits = self.discriminator.predict_rotation(torch.cat(parts))
        loss = F.cross_entropy(logits, label.to(logits.device))
        return {"rotation": ROTATION_WEIGHTS[phase] * loss}


class RotationDiscriminator(layers.ResidualDiscriminator):
    """A discriminator with a second head for the rotation of its images (Chen et al. 2019)."""

    def __init__(
        self,
        channels: int,
        widths: Sequence[int],
        halvings: int,
        *,
        bias: bool,
        relu_shortcut: bool,
    ) -> None:
        super().__init__(channels, widths, halvings, bias=bias, relu_shortcut=relu_shortcut)
        self.rotation = layers.spectral_norm(layers.glorot_init(nn.Linear(widths[-1], 4)))

    def predict_rotation(self, images: Tensor) -> Tensor:
        """Logits, (N, 4), of counterclockwise quarter turns."""
        logits: Tensor = self.rotation(self.blocks(images).sum((2, 3)))
        return logits

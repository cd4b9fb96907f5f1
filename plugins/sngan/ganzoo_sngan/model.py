"""The hinge game, and the paper's residual networks for any size."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import torch
from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, Phase, layers, losses
from ganzoo_sngan import Config


class SNGAN(GAN):
    """Miyato et al. (2018), with the hinge of its equations 16 and 17."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    def phases(self) -> Sequence[Phase]:
        discriminator, generator = super().phases()
        return replace(discriminator, repeat=self.config.discriminator_updates), generator

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake pass together: no row sees another one, and the norms are found once."""
        real, fake = self.discriminator(torch.cat([batch["real"], fake])).chunk(2)
        return {"adv": losses.hinge_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}


class Generator(nn.Sequential):
    """(N, latent) to (N, channels, size, size) in [-1, 1]; no spectral norm here."""

    def __init__(self, config: Config) -> None:
        first, last = config.widths[0], config.widths[-1]
        start = config.size // 2**config.doublings
        super().__init__(
            layers.glorot_init(nn.Linear(config.latent, first * start**2)),
            nn.Unflatten(1, (first, start, start)),
            *[layers.UpBlock(inputs, outputs) for inputs, outputs in pairwise(config.widths)],
            nn.BatchNorm2d(last),
            nn.ReLU(),
            layers.glorot_init(nn.Conv2d(last, config.channels, 3, padding=1)),
            nn.Tanh(),
        )


class Discriminator(nn.Module):
    """(N, channels, size, size) to (N, 1): residual blocks, the sum over what pixels are left."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = (config.channels, *config.discriminator_widths)
        self.blocks = nn.Sequential(
            *[
                layers.DownBlock(
                    inputs, outputs, halves=index < config.discriminator_halvings, first=index == 0
                )
                for index, (inputs, outputs) in enumerate(pairwise(widths))
            ],
            nn.ReLU(),
        )
        self.score = layers.glorot_init(nn.Linear(widths[-1], 1, bias=False))
        layers.apply_spectral_norm(self)

    def forward(self, images: Tensor) -> Tensor:
        score: Tensor = self.score(self.blocks(images).sum((2, 3)))
        return score

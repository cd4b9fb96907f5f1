"""Discriminator that also reconstructs real images from its features (Liu et al. 2021)."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo.layers import spectral_norm
from ganzoo_lightweight.config import Config

RECONSTRUCTED = 3
"""Most doublings of the decoder: an image of 32 x 32 from features of 4 x 4."""


class Discriminator(nn.Module):
    """Images to scores, (N, 1)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = config.discriminator_widths
        self.first = spectral_norm(nn.Conv2d(config.channels, widths[0], 4, 2, 1))
        self.downs = nn.Sequential(*(Halving(*step) for step in pairwise(widths)))
        self.score = spectral_norm(nn.Conv2d(widths[-1], 1, config.sizes[0]))
        self.decoder, maps = nn.Sequential(), widths[-1]
        for _ in range(min(RECONSTRUCTED, len(widths))):
            fewer = max(4, maps // 2)
            convolution = spectral_norm(nn.Conv2d(maps, 2 * fewer, 3, padding=1))
            self.decoder.append(
                nn.Sequential(
                    nn.Upsample(scale_factor=2),
                    convolution,
                    nn.BatchNorm2d(2 * fewer),
                    nn.GLU(dim=1),
                )
            )
            maps = fewer
        self.decoder.append(nn.Conv2d(maps, config.channels, 3, padding=1))

    def forward(self, images: Tensor) -> Tensor:
        scores: Tensor = self.score(self.features(images))
        return scores.flatten(1)

    def features(self, images: Tensor) -> Tensor:
        """Maps of the coarsest resolution."""
        maps: Tensor = self.downs(F.leaky_relu(self.first(images), 0.2))
        return maps

    def reconstruction_error(self, images: Tensor) -> Tensor:
        """Mean absolute error of the images as the decoder draws them, scaled down."""
        drawn: Tensor = self.decoder(self.features(images))
        wanted = F.adaptive_avg_pool2d(images, drawn.shape[-1])
        return F.l1_loss(drawn.tanh().float(), wanted)


class Halving(nn.Module):
    """Mean of two convolutions, the first with a stride of 2, and of a pooled one."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            spectral_norm(nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False)),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.2),
        )
        self.pooled = nn.Sequential(
            nn.AvgPool2d(2),
            spectral_norm(nn.Conv2d(inputs, outputs, 1, bias=False)),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.2),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.lerp(self.main(x), self.pooled(x), 0.5)

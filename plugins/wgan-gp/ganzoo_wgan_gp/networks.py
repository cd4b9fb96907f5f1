"""The paper's ResNets for 32 x 32 (appendix F), and small strided networks for digits."""

from itertools import pairwise
from math import gcd

import torch
from torch import Tensor, nn

from ganzoo.layers import DownBlock, UpBlock, glorot_init
from ganzoo_wgan_gp import Config


class ResNetGenerator(nn.Sequential):
    """(N, latent) to (N, channels, size, size) in [-1, 1]."""

    def __init__(self, config: Config) -> None:
        start = config.size // 2**config.halvings
        width = config.width
        super().__init__(
            glorot_init(nn.Linear(config.latent, width * start**2)),
            nn.Unflatten(1, (width, start, start)),
            *[UpBlock(width, width) for _ in range(config.halvings)],
            nn.BatchNorm2d(width),
            nn.ReLU(),
            glorot_init(nn.Conv2d(width, config.channels, 3, padding=1)),
            nn.Tanh(),
        )


class ResNetCritic(nn.Sequential):
    """(N, channels, size, size) to (N, 1); no normalisation, mean over the last maps."""

    def __init__(self, config: Config) -> None:
        width = config.width
        halved = [True] * (config.halvings - 2) + [False, False]
        super().__init__(
            DownBlock(config.channels, width, first=True),
            *[DownBlock(width, width, halves=halves) for halves in halved],
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            glorot_init(nn.Linear(width, 1)),
        )


class ConvGenerator(nn.Sequential):
    """(N, latent) to (N, channels, size, size): a linear layer, then transposed convolutions."""

    def __init__(self, config: Config) -> None:
        widths = [config.width * 2**level for level in reversed(range(config.halvings))]
        start = config.size // 2**config.halvings
        layers: list[nn.Module] = [
            nn.Linear(config.latent, widths[0] * start**2, bias=False),
            nn.Unflatten(1, (widths[0], start, start)),
        ]
        for inputs, outputs in zip(widths, [*widths[1:], config.channels], strict=True):
            layers += [
                nn.BatchNorm2d(inputs),
                nn.ReLU(inplace=True),
                nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1),
            ]
        super().__init__(*layers, nn.Tanh())


class ConvCritic(nn.Sequential):
    """(N, channels, size, size) to (N, 1): strided convolutions, no normalisation.

    Halves once more than the generator doubles where more than 4 pixels are left.
    """

    def __init__(self, config: Config) -> None:
        halvings = config.halvings + (config.size // 2**config.halvings > 4)
        widths = [config.channels] + [config.width * 2**level for level in range(halvings)]
        end = config.size // 2**halvings
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [
                nn.Conv2d(inputs, outputs, 4, stride=2, padding=1),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        last = widths[-1]
        if config.group > 1:
            layers, last = [*layers, Spread(config.group)], last + 1
        super().__init__(*layers, nn.Flatten(), nn.Linear(last * end**2, 1))
        for layer in self:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, 0.2)
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)


class Spread(nn.Module):
    """One map more, the same everywhere: how much the rows of a group differ (Karras et al. 2018,
    section 3). Fakes that are all alike betray themselves.

    Args:
        group: consecutive rows that are compared; fewer where they do not divide the batch.
    """

    def __init__(self, group: int) -> None:
        super().__init__()
        self.group = group

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C + 1, H, W)."""
        group = gcd(self.group, len(maps))
        variance = maps.view(-1, group, *maps.shape[1:]).var(1, correction=0)
        spread = (variance + 1e-8).sqrt().mean((1, 2, 3)).repeat_interleave(group)
        return torch.cat([maps, spread[:, None, None, None].expand_as(maps[:, :1])], 1)

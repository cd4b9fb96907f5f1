"""The paper's ResNets for 32 x 32 (appendix F), and small strided networks for digits."""

from itertools import pairwise

from torch import nn

from ganzoo.layers import DownBlock, UpBlock, glorot
from ganzoo_wgan_gp import Config


class ResNetGenerator(nn.Sequential):
    """(N, latent) to (N, channels, size, size) in [-1, 1]."""

    def __init__(self, config: Config) -> None:
        start = config.size // 2**config.halvings
        width = config.width
        super().__init__(
            glorot(nn.Linear(config.latent, width * start**2)),
            nn.Unflatten(1, (width, start, start)),
            *[UpBlock(width, width) for _ in range(config.halvings)],
            nn.BatchNorm2d(width),
            nn.ReLU(),
            glorot(nn.Conv2d(width, config.channels, 3, padding=1)),
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
            glorot(nn.Linear(width, 1)),
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
    """(N, channels, size, size) to (N, 1): strided convolutions, no normalisation."""

    def __init__(self, config: Config) -> None:
        widths = [config.channels] + [config.width * 2**level for level in range(config.halvings)]
        end = config.size // 2**config.halvings
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [
                nn.Conv2d(inputs, outputs, 4, stride=2, padding=1),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        super().__init__(*layers, nn.Flatten(), nn.Linear(widths[-1] * end**2, 1))

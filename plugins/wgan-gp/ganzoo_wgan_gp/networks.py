"""The paper's ResNets for 32 x 32 (appendix F), and small strided networks for digits."""

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_wgan_gp import Config


class ResNetGenerator(nn.Sequential):
    """(N, latent) to (N, channels, size, size) in [-1, 1]."""

    def __init__(self, config: Config) -> None:
        start = config.size // 2**config.halvings
        width = config.width
        first = nn.Linear(config.latent, width * start**2)
        last = nn.Conv2d(width, config.channels, 3, padding=1)
        for layer in (first, last):
            initialise(layer, gain=1.0)
        super().__init__(
            first,
            nn.Unflatten(1, (width, start, start)),
            *[UpBlock(width) for _ in range(config.halvings)],
            nn.BatchNorm2d(width),
            nn.ReLU(),
            last,
            nn.Tanh(),
        )


class UpBlock(nn.Module):
    """Doubles the image: norm, ReLU, up, conv, norm, ReLU, conv, beside an upsampled shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm2d(width), nn.BatchNorm2d(width)])
        self.convolutions = nn.ModuleList(
            [nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)]
        )
        self.shortcut = nn.Conv2d(width, width, 1)
        for convolution in self.convolutions:
            initialise(convolution, gain=2**0.5)
        initialise(self.shortcut, gain=1.0)

    def forward(self, x: Tensor) -> Tensor:
        h = double(F.relu(self.norms[0](x)))
        h = F.relu(self.norms[1](self.convolutions[0](h)))
        output: Tensor = self.shortcut(double(x)) + self.convolutions[1](h)
        return output


class ResNetCritic(nn.Sequential):
    """(N, channels, size, size) to (N, 1); no normalisation, mean over the last maps."""

    def __init__(self, config: Config) -> None:
        width = config.width
        halved = [True] * (config.halvings - 2) + [False, False]
        last = nn.Linear(width, 1)
        initialise(last, gain=1.0)
        super().__init__(
            DownBlock(config.channels, width, first=True),
            *[DownBlock(width, width, halve=halve) for halve in halved],
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            last,
        )


class DownBlock(nn.Module):
    """ReLU, conv, ReLU, conv, mean of 2 x 2, beside a 1 x 1 shortcut; the first has no ReLU."""

    def __init__(self, inputs: int, width: int, halve: bool = True, first: bool = False) -> None:
        super().__init__()
        self.first, self.halve = first, halve
        self.convolutions = nn.ModuleList(
            [nn.Conv2d(inputs, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)]
        )
        needs_shortcut = halve or inputs != width
        self.shortcut = nn.Conv2d(inputs, width, 1) if needs_shortcut else nn.Identity()
        for convolution in self.convolutions:
            initialise(convolution, gain=2**0.5)
        if needs_shortcut:
            initialise(self.shortcut, gain=1.0)

    def forward(self, x: Tensor) -> Tensor:
        h = self.convolutions[0](x if self.first else F.relu(x))
        output: Tensor = self.shortcut(x) + self.convolutions[1](F.relu(h))
        return F.avg_pool2d(output, 2) if self.halve else output


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
                nn.ReLU(),
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
            layers += [nn.Conv2d(inputs, outputs, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        super().__init__(*layers, nn.Flatten(), nn.Linear(widths[-1] * end**2, 1))


def double(x: Tensor) -> Tensor:
    """Twice as large, nearest neighbour."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def initialise(layer: nn.Module, gain: float) -> None:
    """Uniform with standard deviation gain sqrt(2 / (fan in + fan out)), bias 0 (official code)."""
    assert isinstance(layer, nn.Conv2d | nn.Linear)
    nn.init.xavier_uniform_(layer.weight, gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)

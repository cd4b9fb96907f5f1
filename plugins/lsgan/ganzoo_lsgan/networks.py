"""Strided networks, those of the paper's figures 1 and 2, and StudioGAN's."""

from itertools import pairwise

from torch import nn

from ganzoo import layers
from ganzoo.spec.configs import halvings
from ganzoo_lsgan.config import Config


def strided_networks(config: Config) -> tuple[nn.Module, nn.Module]:
    """4 x 4 strided convolutions between two linear layers."""
    channels, size = config.channels, config.size
    generator = layers.StridedGenerator(
        channels, size, config.latent, config.width, linear=True, bias=True, first_bias=True
    )
    widths = layers.StridedDiscriminator.doubled_widths(
        config.discriminator_width or config.width, size
    )
    discriminator = layers.StridedDiscriminator(
        channels,
        size,
        widths,
        linear=True,
        bias=True,
        inplace=False,  # the R1 gradients of published runs, to the last bit
        slope=config.slope,
    )
    return generator, discriminator


def standard_networks(config: Config) -> tuple[nn.Module, nn.Module]:
    """StudioGAN's networks, with 3 x 3 convolutions between the strided ones."""
    channels, size = config.channels, config.size
    generator = layers.StandardGenerator(channels, size, config.latent, config.width)
    width = config.discriminator_width or config.width
    return generator, layers.StandardDiscriminator(channels, size, width)


def paper_networks(config: Config) -> tuple[nn.Module, nn.Module]:
    """A generator of 3 x 3 kernels and a discriminator of 5 x 5 kernels.

    From 32 pixels on, the smallest maps have 8 to 15 pixels. All but the last two sizes of the
    generator have a second convolution.
    """
    doublings = max(2, halvings(config.size) - 1)
    start = config.size // 2**doublings
    return _generator(config, doublings, start), _discriminator(config, doublings, start)


def _generator(config: Config, doublings: int, start: int) -> nn.Module:
    width = config.width
    widest = 4 * width
    layers: list[nn.Module] = [
        nn.Linear(config.latent, widest * start**2),
        nn.Unflatten(1, (widest, start, start)),
        nn.BatchNorm2d(widest),
        nn.ReLU(),
    ]
    steps = [(widest, stride) for _ in range(doublings - 2) for stride in (2, 1)]
    inputs = widest
    for outputs, stride in (*steps, (2 * width, 2), (width, 2)):
        layers += [
            nn.ConvTranspose2d(inputs, outputs, 3, stride, 1, stride - 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
        inputs = outputs
    return nn.Sequential(*layers, nn.ConvTranspose2d(width, config.channels, 3, 1, 1), nn.Tanh())


def _discriminator(config: Config, halvings: int, end: int) -> nn.Module:
    width = config.discriminator_width or config.width
    widths = [width * 2**level for level in range(halvings)]
    layers = [nn.Conv2d(config.channels, width, 5, 2, 2), nn.LeakyReLU(config.slope)]
    for inputs, outputs in pairwise(widths):
        layers += [
            nn.Conv2d(inputs, outputs, 5, 2, 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(config.slope),
        ]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * end**2, 1))

"""The paper's ResNets (appendix F), small strided networks, and progressive GAN's layers."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from torch import nn

from ganzoo import layers
from ganzoo_wgan_gp.config import Config


def residual_networks(config: Config) -> tuple[nn.Module, nn.Module]:
    """Generator and critic; the critic has no norm and averages over the last pixels."""
    halvings = config.halvings
    generator = layers.ResidualGenerator(
        config.channels,
        config.size,
        config.latent,
        config.widths or [config.width] * (halvings + 1),
        upsampling=config.upsampling,
    )
    widths = config.critic_widths or (config.width,) * config.default_blocks
    blocks = layers.down_blocks(
        config.channels,
        widths,
        config.critic_halvings or max(1, halvings - 1),
        relu_shortcut=config.relu_shortcut,
    )
    critic = nn.Sequential(
        *blocks,
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        layers.glorot_init(nn.Linear(widths[-1], 1)),
    )
    return generator.flatten(), critic


def strided_networks(config: Config) -> tuple[nn.Module, nn.Module]:
    """Generator and critic; the critic has no norm and starts with Kaiming-normal weights."""
    channels, size, width = config.channels, config.size, config.width
    generator = layers.StridedGenerator(
        channels, size, config.latent, width, linear=True, bias=True
    )
    widths = layers.StridedDiscriminator.doubled_widths(width, size)
    critic = layers.StridedDiscriminator(
        channels, size, widths, norm=None, linear=True, bias=True, group=config.group
    )
    return generator, _kaiming(critic)


def progressive_networks(config: Config) -> tuple[nn.Module, nn.Module]:
    """The layers of Karras et al. (2018), table 2, trained at the full size from the start.

    Batch norm in the generator, layer norm in the critic (a GroupNorm of one group).
    """
    widths = config.widths or (config.width,) * (config.halvings + 1)
    start, first, last = config.size // 2**config.halvings, widths[0], widths[-1]
    up: list[nn.Module] = [
        nn.Linear(config.latent, first * start**2),
        nn.Unflatten(1, (first, start, start)),
        nn.ReLU(),
        nn.BatchNorm2d(first),
        *_normed(first, first, nn.BatchNorm2d, nn.ReLU),
    ]
    for inputs, outputs in pairwise(widths):
        up += [
            nn.Upsample(scale_factor=2),
            *_normed(inputs, outputs, nn.BatchNorm2d, nn.ReLU),
            *_normed(outputs, outputs, nn.BatchNorm2d, nn.ReLU),
        ]
    down: list[nn.Module] = [nn.Conv2d(config.channels, last, 1), _leaky_relu()]
    for inputs, outputs in pairwise(widths[::-1]):
        down += [
            *_normed(inputs, inputs, _layer_norm, _leaky_relu),
            *_normed(inputs, outputs, _layer_norm, _leaky_relu),
            nn.AvgPool2d(2),
        ]
    down += _normed(first, first, _layer_norm, _leaky_relu, nn.Conv2d(first, first, start))
    generator = nn.Sequential(*up, nn.Conv2d(last, config.channels, 1), nn.Tanh())
    critic = nn.Sequential(*down, nn.Flatten(), nn.Linear(first, 1))
    return _kaiming(generator), _kaiming(critic)


NETWORKS: Mapping[str, Callable[[Config], tuple[nn.Module, nn.Module]]] = {
    "resnet": residual_networks,
    "conv": strided_networks,
    "pggan": progressive_networks,
}


def _normed(
    inputs: int,
    outputs: int,
    norm: Callable[[int], nn.Module],
    activation: Callable[[], nn.Module],
    convolution: nn.Module | None = None,
) -> list[nn.Module]:
    """Convolution (3 x 3 unless given), norm, activation."""
    convolution = convolution or nn.Conv2d(inputs, outputs, 3, padding=1)
    return [convolution, norm(outputs), activation()]


def _layer_norm(maps: int) -> nn.Module:
    return nn.GroupNorm(1, maps)


def _leaky_relu() -> nn.Module:
    return nn.LeakyReLU(0.2)


def _kaiming(network: nn.Sequential) -> nn.Sequential:
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, 0.2)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
    return network

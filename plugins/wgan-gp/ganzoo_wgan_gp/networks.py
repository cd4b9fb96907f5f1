"""The paper's ResNets for 32 x 32 (appendix F), and small strided networks for digits."""

from torch import nn

from ganzoo import layers
from ganzoo_wgan_gp import Config


def residual_networks(config: Config) -> tuple[nn.Module, nn.Module]:
    """Generator and critic; the critic has no norm and averages over the last pixels."""
    width, halvings = config.width, config.halvings
    generator = layers.ResidualGenerator(
        config.channels, config.size, config.latent, [width] * (halvings + 1)
    )
    widths = [width] * max(3, halvings + 1)
    critic = nn.Sequential(
        *layers.down_blocks(config.channels, widths, max(1, halvings - 1)),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        layers.glorot_init(nn.Linear(width, 1)),
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
    for layer in critic:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, 0.2)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
    return generator, critic

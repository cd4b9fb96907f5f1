"""The encoder and decoder of Pathak et al. (2016).

No biases: the authors' code sets them to 0 before each update.
"""

from itertools import pairwise

from torch import nn

from ganzoo.layers import strided_convolutions
from ganzoo_context_encoder import Config


def encoder_decoder(config: Config) -> nn.Sequential:
    """Encoder-decoder: (N, channels, size, size) with holes to the whole image in [-1, 1]."""
    end = config.size // 2**config.halvings
    widths = config.widths
    layers: list[nn.Module] = [
        *strided_convolutions(config.channels, widths),
        nn.Conv2d(widths[-1], config.bottleneck, end, bias=False),
        nn.BatchNorm2d(config.bottleneck),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(config.bottleneck, widths[-1], end, bias=False),
    ]
    for inputs, outputs in pairwise((*reversed(widths), config.channels)):
        layers += [
            nn.BatchNorm2d(inputs),
            nn.ReLU(),
            nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False),
        ]
    return nn.Sequential(*layers, nn.Tanh())

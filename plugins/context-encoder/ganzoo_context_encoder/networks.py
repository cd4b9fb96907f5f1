"""The encoder and decoder, and the discriminator, of Pathak et al. (2016).

Without biases, as the authors' code sets them to 0 before each update.
"""

from itertools import pairwise

from torch import nn

from ganzoo_context_encoder import Config


def painter(config: Config) -> nn.Sequential:
    """(N, channels, size, size) with holes to the whole image in [-1, 1]."""
    end = config.size // 2**config.halvings
    widths = config.widths
    layers: list[nn.Module] = [
        *_halvings(config),
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


def discriminator(config: Config) -> nn.Sequential:
    """(N, channels, size, size) to (N, 1) logits."""
    end = config.size // 2**config.halvings
    last = nn.Conv2d(config.widths[-1], 1, end, bias=False)
    return nn.Sequential(*_halvings(config), last, nn.Flatten())


def _halvings(config: Config) -> list[nn.Module]:
    """Convolutions down to 4 to 7 pixels; no batch norm at the image."""
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(pairwise((config.channels, *config.widths))):
        norm = [nn.BatchNorm2d(outputs)] if number else []
        convolution = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
        layers += [convolution, *norm, nn.LeakyReLU(0.2)]
    return layers


def initialise(module: nn.Module) -> None:
    """Convolutions N(0, 0.02), batch norm gains N(1, 0.02)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)

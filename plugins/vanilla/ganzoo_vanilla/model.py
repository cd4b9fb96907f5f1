"""Vanilla GAN: two multilayer perceptrons and the minimax loss."""

from itertools import pairwise

from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, losses
from ganzoo_vanilla import Config


class Vanilla(GAN):
    """Goodfellow et al. (2014), with the non-saturating loss of its section 3."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        shape = (config.channels, config.size, config.size)
        pixels = config.channels * config.size**2
        self.generator = nn.Sequential(
            perceptron(config.latent, *config.hidden, pixels),
            nn.Tanh(),
            nn.Unflatten(1, shape),
        )
        self.discriminator = nn.Sequential(
            nn.Flatten(),
            perceptron(pixels, *reversed(config.hidden[:-1]), 1),
        )

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.minimax_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.nonsaturating_g(self.discriminator(fake))}


def perceptron(*widths: int) -> nn.Sequential:
    """Linear layers of these widths with leaky ReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers[:-1])

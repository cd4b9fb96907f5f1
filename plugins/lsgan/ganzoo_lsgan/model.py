"""The least squares game, and two strided networks for any size that is 4 to 7 pixels doubled."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, Phase, losses
from ganzoo_lsgan import Config

R1_EVERY = 4
"""Steps from one R1 penalty to the next: often enough, and a quarter of the cost."""


class LSGAN(GAN):
    """Mao et al. (2017), with the targets of equation 9: 1 for real images, 0 for fakes."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)
        self.apply(initialise)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake pass apart, so that each has batch statistics of its own."""
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.least_squares_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.least_squares_g(self.discriminator(fake))}

    def phases(self) -> Sequence[Phase]:
        """The penalty is lazy, and absent where it weighs nothing."""
        if not self.config.r1:
            return super().phases()
        penalty = Phase(
            "r1", self.discriminator, self.r1_loss, interval=R1_EVERY, needs_fakes=False
        )
        return *super().phases(), penalty

    def r1_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Mescheder et al. (2018): the gradient on real images is held near 0."""
        penalty = losses.zero_centered_penalty(self.discriminator, batch["real"])
        return {"penalty": self.config.r1 * penalty}


class Generator(nn.Sequential):
    """(N, latent) to (N, channels, size, size) in [-1, 1]."""

    def __init__(self, config: Config) -> None:
        widths = [config.width * 2**level for level in reversed(range(config.halvings))]
        start = config.size // 2**config.halvings
        layers: list[nn.Module] = [
            nn.Linear(config.latent, widths[0] * start**2),
            nn.Unflatten(1, (widths[0], start, start)),
        ]
        for inputs, outputs in pairwise([*widths, config.channels]):
            layers += [
                nn.BatchNorm2d(inputs),
                nn.ReLU(),
                nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1),
            ]
        super().__init__(*layers, nn.Tanh())


class Discriminator(nn.Sequential):
    """(N, channels, size, size) to (N, 1): any number, not squashed into a probability.

    Halves once more than the generator doubles where more than 4 pixels are left.
    """

    def __init__(self, config: Config) -> None:
        halvings = config.halvings + (config.size // 2**config.halvings > 4)
        widths = [config.width * 2**level for level in range(halvings)]
        end = config.size // 2**halvings
        layers: list[nn.Module] = [
            nn.Conv2d(config.channels, widths[0], 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        ]
        for inputs, outputs in pairwise(widths):
            layers += [
                nn.Conv2d(inputs, outputs, 4, stride=2, padding=1),
                nn.BatchNorm2d(outputs),
                nn.LeakyReLU(0.2),
            ]
        super().__init__(*layers, nn.Flatten(), nn.Linear(widths[-1] * end**2, 1))


def initialise(module: nn.Module) -> None:
    """Weights N(0, 0.02), biases 0, as the official code begins."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        assert module.bias is not None
        nn.init.zeros_(module.bias)

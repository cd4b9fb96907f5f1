"""The two networks of DCGAN, for any size that is 4 to 7 pixels doubled a few times."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, Phase, losses
from ganzoo_dcgan import Config

R1_EVERY = 4
"""Steps from one R1 penalty to the next: often enough, and a quarter of the cost."""


class DCGAN(GAN):
    """Radford et al. (2015) with the non-saturating loss."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)
        self.apply(initialise)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake pass apart, so that each has batch statistics of its own."""
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.minimax_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.nonsaturating_g(self.discriminator(fake))}

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
            nn.Unflatten(1, (config.latent, 1, 1)),
            nn.ConvTranspose2d(config.latent, widths[0], start, bias=False),
        ]
        for inputs, outputs in zip(widths, [*widths[1:], config.channels], strict=True):
            layers += [
                nn.BatchNorm2d(inputs),
                nn.ReLU(inplace=True),
                nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False),
            ]
        super().__init__(*layers, nn.Tanh())


class Discriminator(nn.Sequential):
    """(N, channels, size, size) to (N, 1) logits; no batch norm at the image (section 3).

    Halves once more than the generator doubles where more than 4 pixels are left.
    """

    def __init__(self, config: Config) -> None:
        halvings = config.halvings + (config.size // 2**config.halvings > 4)
        widths = [config.width * 2**level for level in range(halvings)]
        end = config.size // 2**halvings
        layers: list[nn.Module] = [
            nn.Conv2d(config.channels, widths[0], 4, stride=2, padding=1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
        ]
        for inputs, outputs in pairwise(widths):
            layers += [
                nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        super().__init__(*layers, nn.Conv2d(widths[-1], 1, end, bias=False), nn.Flatten())


def initialise(module: nn.Module) -> None:
    """Convolutions N(0, 0.02), batch norm gains N(1, 0.02) (section 4)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)

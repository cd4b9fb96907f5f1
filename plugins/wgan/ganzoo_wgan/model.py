"""The critic, its clipping, and the networks of the official code for any size it can halve."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, Phase, losses
from ganzoo_wgan import Config


class WGAN(GAN):
    """Arjovsky et al. (2017), algorithm 1."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Critic(config)
        self.apply(initialise)

    def phases(self) -> Sequence[Phase]:
        critic, generator = super().phases()
        updates = self.config.critic_updates
        return replace(critic, repeat=updates, after_update=self.clip), generator

    def clip(self) -> None:
        """Weights in a box bound the slope of the critic (section 3)."""
        for parameter in self.discriminator.parameters():
            parameter.clamp_(-self.config.clip, self.config.clip)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake pass apart, so that each has batch statistics of its own."""
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.wasserstein_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}


class Generator(nn.Sequential):
    """(N, latent) to (N, channels, size, size) in [-1, 1]."""

    def __init__(self, config: Config) -> None:
        widths = [config.width * 2**level for level in reversed(range(config.halvings))]
        start = config.size // 2**config.halvings
        layers: list[nn.Module] = [
            nn.Unflatten(1, (config.latent, 1, 1)),
            nn.ConvTranspose2d(config.latent, widths[0], start, bias=False),
        ]
        for inputs, outputs in pairwise([*widths, config.channels]):
            layers += [
                nn.BatchNorm2d(inputs),
                nn.ReLU(),
                nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False),
            ]
        super().__init__(*layers, nn.Tanh())


class Critic(nn.Sequential):
    """(N, channels, size, size) to (N, 1): no sigmoid, and batch norm stays.

    Halves once more than the generator doubles where more than 4 pixels are left.
    """

    def __init__(self, config: Config) -> None:
        halvings = config.halvings + (config.size // 2**config.halvings > 4)
        widths = [config.width * 2**level for level in range(halvings)]
        end = config.size // 2**halvings
        layers: list[nn.Module] = [
            nn.Conv2d(config.channels, widths[0], 4, stride=2, padding=1, bias=False),
            nn.LeakyReLU(0.2),
        ]
        for inputs, outputs in pairwise(widths):
            layers += [
                nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.LeakyReLU(0.2),
            ]
        super().__init__(*layers, nn.Conv2d(widths[-1], 1, end, bias=False), nn.Flatten())


def initialise(module: nn.Module) -> None:
    """Convolutions N(0, 0.02), batch norm gains N(1, 0.02), as the official code begins."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)

"""The peers' architectures, layer by layer, as GANs for ganzoo's trainer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from benchmarks.workloads import WORKLOADS, Config
from ganzoo import GAN, Batch, Losses, Phase, SampleSpec, losses

Pair = tuple[nn.Module, nn.Module]


class Classical(GAN):
    """Minimax GAN with the non-saturating loss of the generator."""

    def __init__(self, config: Config, pair: Pair) -> None:
        super().__init__(config)
        self.generator, self.discriminator = pair
        self.apart = any(isinstance(part, nn.BatchNorm2d) for part in self.discriminator.modules())

    @property
    def sample_spec(self) -> SampleSpec:
        workload = WORKLOADS[self.config.networks]
        return SampleSpec((workload.channels, workload.size, workload.size))

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.minimax_d(*self.opinions(batch["real"], fake))}

    def opinions(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of real and fake, in one pass unless that would share batch statistics."""
        if self.apart:
            return self.discriminator(real), self.discriminator(fake)
        both = self.discriminator(torch.cat([real, fake]))
        return both[: len(real)], both[len(real) :]

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.nonsaturating_g(self.discriminator(fake))}


class Wasserstein(Classical):
    """WGAN-GP with several critic updates per update of the generator."""

    def prior(self, n: int) -> Batch:
        return {"latent": torch.randn(n, self.config.latent), "mix": torch.rand(n)}

    def phases(self) -> Sequence[Phase]:
        critic, generator = super().phases()
        return replace(critic, repeat=self.config.critic), generator

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        penalty = losses.gradient_penalty(self.discriminator, batch["real"], fake, batch["mix"])
        adversarial = losses.wasserstein_d(*self.opinions(batch["real"], fake))
        return {"adv": adversarial, "penalty": 10 * penalty}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}


def build(config: Config) -> GAN:
    """Build the GAN of a workload; the model of the spec."""
    makers = {
        "dcgan32": lambda: dcgan32(config.latent, norm=True),
        "wgangp32": lambda: dcgan32(config.latent, norm=False),
        "sg32": lambda: sg32(config.latent),
        "mlp28": lambda: mlp28(config.latent),
        "wgangp28": lambda: mlp28(config.latent),
        "pgdcgan32": lambda: pgdcgan32(config.latent),
    }
    cls = Wasserstein if config.networks.startswith("wgangp") else Classical
    return cls(config, makers[config.networks]())


def dcgan32(latent: int, norm: bool) -> Pair:
    """DCGAN for 32 x 32, 64 maps next to the image; ``norm`` of the discriminator."""
    up: list[nn.Module] = [nn.Unflatten(1, (latent, 1, 1))]
    up += [
        nn.ConvTranspose2d(latent, 256, 4, bias=False),
        nn.BatchNorm2d(256),
        nn.ReLU(inplace=True),
    ]
    down: list[nn.Module] = [nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    for wide, narrow in ((256, 128), (128, 64)):
        up += [nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=False)]
        up += [nn.BatchNorm2d(narrow), nn.ReLU(inplace=True)]
    for narrow, wide in ((64, 128), (128, 256)):
        down += [nn.Conv2d(narrow, wide, 4, 2, 1, bias=False)]
        down += [nn.BatchNorm2d(wide)] * norm + [nn.LeakyReLU(0.2, inplace=True)]
    up += [nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh()]
    down += [nn.Conv2d(256, 1, 4, bias=False), nn.Flatten()]
    return nn.Sequential(*up), nn.Sequential(*down)


def mlp28(latent: int) -> Pair:
    """PyTorch-GAN's perceptrons (gan.py, wgan_gp.py), which Lightning's template has too."""
    up: list[nn.Module] = [nn.Linear(latent, 128), nn.LeakyReLU(0.2, inplace=True)]
    for narrow, wide in ((128, 256), (256, 512), (512, 1024)):
        up += [nn.Linear(narrow, wide), nn.BatchNorm1d(wide, 0.8), nn.LeakyReLU(0.2, inplace=True)]
    up += [nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))]
    down = [nn.Flatten(), nn.Linear(784, 512), nn.LeakyReLU(0.2, inplace=True)]
    down += [nn.Linear(512, 256), nn.LeakyReLU(0.2, inplace=True), nn.Linear(256, 1)]
    return nn.Sequential(*up), nn.Sequential(*down)


def pgdcgan32(latent: int) -> Pair:
    """PyTorch-GAN's dcgan.py: upsampling and 3 x 3 convolutions, dropout in the discriminator."""
    up: list[nn.Module] = [nn.Linear(latent, 128 * 64), nn.Unflatten(1, (128, 8, 8))]
    up += [nn.BatchNorm2d(128)]
    for inputs, outputs in ((128, 128), (128, 64)):
        up += [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 3, padding=1)]
        up += [nn.BatchNorm2d(outputs, 0.8), nn.LeakyReLU(0.2, inplace=True)]
    up += [nn.Conv2d(64, 3, 3, padding=1), nn.Tanh()]
    down: list[nn.Module] = []
    for inputs, outputs in ((3, 16), (16, 32), (32, 64), (64, 128)):
        down += [
            nn.Conv2d(inputs, outputs, 3, 2, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Dropout2d(0.25),
        ]
        down += [nn.BatchNorm2d(outputs, 0.8)] * (inputs > 3)
    down += [nn.Flatten(), nn.Linear(128 * 4, 1)]
    return nn.Sequential(*up), nn.Sequential(*down)


def sg32(latent: int) -> Pair:
    """StudioGAN's deep_conv (CIFAR10/DCGAN.yaml): batch norm from the first layer on."""
    up: list[nn.Module] = [nn.Linear(latent, 512 * 16), nn.Unflatten(1, (512, 4, 4))]
    for inputs, outputs in ((512, 256), (256, 128), (128, 64)):
        up += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)]
        up += [nn.BatchNorm2d(outputs, 1e-4), nn.ReLU(inplace=True)]
    up += [nn.Conv2d(64, 3, 3, padding=1), nn.Tanh()]
    down: list[nn.Module] = []
    for inputs, outputs in ((3, 64), (64, 128), (128, 256)):
        for layer in (
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.Conv2d(outputs, outputs, 4, 2, 1),
        ):
            down += [layer, nn.BatchNorm2d(outputs, 1e-4), nn.ReLU(inplace=True)]
    down += [nn.Conv2d(256, 512, 3, padding=1), nn.BatchNorm2d(512, 1e-4), nn.ReLU(inplace=True)]
    return nn.Sequential(*up), nn.Sequential(*down, Sum(), nn.Linear(512, 1))


class Sum(nn.Module):
    """Layer norm over the pixels."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum((2, 3))

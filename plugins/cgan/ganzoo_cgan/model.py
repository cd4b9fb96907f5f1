"""The hinge game between two residual networks that both know the class."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from ganzoo import GAN, Batch, Dataset, Losses, Phase, layers, losses
from ganzoo.errors import ConfigError, DataError
from ganzoo_cgan import Config


class ConditionalGAN(GAN):
    """Miyato and Koyama (2018)."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    def prior(self, n: int) -> Batch:
        """Latents, and classes for whoever samples without saying of what."""
        return {**super().prior(n), "label": torch.randint(self.config.classes, (n,))}

    def prepare_data(self, data: Dataset) -> Dataset:
        """The same data, if each row says its class: labels made up would be learned as well."""
        label = data.columns.get("label")
        if label is None:
            raise DataError(
                f"data {data.name}: no labels; of a folder, each folder in it is a class"
            )
        if (most := int(label.max())) >= self.config.classes:
            raise ConfigError(
                f"data {data.name} has label {most}, the model classes={self.config.classes}: use"
                f" --set classes={most + 1}"
            )
        return data

    def phases(self) -> Sequence[Phase]:
        discriminator, generator = super().phases()
        return replace(discriminator, repeat=self.config.discriminator_updates), generator

    def generate(self, batch: Batch) -> Tensor:
        output: Tensor = self.generator(batch["latent"], batch["label"])
        return output

    def judge(self, batch: Batch, data: Tensor) -> Tensor:
        """Whether these are real, and of the batch's classes."""
        scores: Tensor = self.discriminator(data, batch["label"])
        return scores

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake pass together: no row sees another one, and the norms are found once."""
        label = batch["label"].repeat(2)
        real, fake = self.discriminator(torch.cat([batch["real"], fake]), label).chunk(2)
        return {"adv": losses.hinge_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.judge(batch, fake))}


class Generator(nn.Module):
    """(N, latent) and the classes (N,) to (N, channels, size, size) in [-1, 1].

    The class is heard in the norms of the blocks alone.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        first, last = config.widths[0], config.widths[-1]
        start = config.size // 2**config.doublings
        norm = partial(layers.ConditionalBatchNorm2d, classes=config.classes)
        self.start = nn.Sequential(
            layers.glorot_init(nn.Linear(config.latent, first * start**2)),
            nn.Unflatten(1, (first, start, start)),
        )
        self.blocks = nn.ModuleList(
            [layers.UpBlock(inputs, outputs, norm) for inputs, outputs in pairwise(config.widths)]
        )
        self.end = nn.Sequential(
            nn.BatchNorm2d(last),
            nn.ReLU(),
            layers.glorot_init(nn.Conv2d(last, config.channels, 3, padding=1)),
            nn.Tanh(),
        )

    def forward(self, latent: Tensor, label: Tensor) -> Tensor:
        maps = self.start(latent)
        for block in self.blocks:
            maps = block(maps, label)
        images: Tensor = self.end(maps)
        return images


class Discriminator(nn.Module):
    """(N, channels, size, size) and the classes (N,) to (N, 1): a score of the image by itself,
    and the projection of its features on the class."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = (config.channels, *config.discriminator_widths)
        self.blocks = nn.Sequential(
            *[
                layers.DownBlock(
                    inputs, outputs, halves=index < config.discriminator_halvings, first=index == 0
                )
                for index, (inputs, outputs) in enumerate(pairwise(widths))
            ],
            nn.ReLU(),
        )
        self.score = layers.glorot_init(nn.Linear(widths[-1], 1, bias=False))
        self.classes = layers.glorot_init(nn.Embedding(config.classes, widths[-1]))
        layers.apply_spectral_norm(self)

    def forward(self, images: Tensor, label: Tensor) -> Tensor:
        features = self.blocks(images).sum((2, 3))
        fits: Tensor = (self.classes(label) * features).sum(1, keepdim=True)
        score: Tensor = self.score(features)
        return score + fits

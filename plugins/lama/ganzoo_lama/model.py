"""LaMa: holes of any shape in images of any size, filled by fast Fourier convolutions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import GAN, Batch, Dataset, Losses, SampleInput, SampleSpec, losses
from ganzoo.errors import ConfigError
from ganzoo_lama.config import Config
from ganzoo_lama.masks import random_masks
from ganzoo_lama.networks import Discriminator, Generator


class LaMa(GAN):
    """Suvorov et al. (2022): pixels where the mask is 1 are generated, all others are kept."""

    config: Config
    discriminator: Discriminator

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    @property
    def sample_spec(self) -> SampleSpec:
        size = self.config.size or None
        return SampleSpec((self.config.channels, size, size))

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        """A mask is drawn where the size is fixed, and any size is accepted all the same."""
        channels = self.config.channels
        return (
            SampleInput(
                "source",
                "images to repair, (n, C, H, W) in [-1, 1]",
                required=True,
                shape=(channels, None, None),
            ),
            SampleInput(
                "mask",
                "1 where a pixel is missing, 0 elsewhere, (n, 1, H, W)",
                required=not self.config.size,
                shape=(1, None, None),
            ),
        )

    def prior(self, n: int) -> Batch:
        """Masks, (n, 1, size, size); none if any size will do."""
        return {"mask": random_masks(n, self.config.size)} if self.config.size else {}

    def prepare_data(self, data: Dataset) -> Dataset:
        """Use the images as sources where the data have none; the mask hides part of them."""
        columns = data.columns
        if "source" in columns:
            return data
        return replace(data, columns={**columns, "source": columns["real"]})

    def generate(self, batch: Batch) -> Tensor:
        """In training the network's whole image; else with the known pixels of the source."""
        source, missing = batch["source"], batch["mask"]
        if source.shape[2:] != missing.shape[2:]:
            height, width = source.shape[2:]
            raise ConfigError(
                f"the image has {width} x {height} pixels, its mask {missing.shape[3]} x"
                f" {missing.shape[2]}: give a mask of the image's size (--mask)"
            )
        known = 1 - missing
        x = torch.cat([source.add(1).div(2) * known, missing], 1)
        height, width = x.shape[2:]
        image: Tensor = self.generator(padded(x, self.config.unit))
        image = image[:, :, :height, :width].mul(2).sub(1)
        return image if self.training else image * missing + source * known

    @property
    def no_augment(self) -> Mapping[str, str]:
        reason = "its losses compare patches with holes in place: use --augment none"
        return {"diff": reason, "ada": reason}

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Patches of a fake that do not touch the hole count as real (equation 4)."""
        real, fake = self.discriminator(batch["real"]).float(), self.discriminator(fake).float()
        missing = F.adaptive_max_pool2d(batch["mask"], fake.shape[2:])
        wrong = missing * F.softplus(fake) + (1 - missing) * F.softplus(-fake)
        terms = {"adv": F.softplus(-real).mean() + wrong.mean()}
        if self.config.r1:
            penalty = losses.zero_centered_penalty(self.discriminator, batch["real"])
            terms["r1"] = self.config.r1 * penalty
        return terms

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Equation 7 without the perceptual loss; L1 of images in [0, 1]."""
        config, missing = self.config, batch["mask"]
        weight = config.l1_missing * missing + config.l1_known * (1 - missing)
        scores, maps = self.discriminator.scores_and_maps(fake)
        terms = {
            "l1": 0.5 * (weight * (fake - batch["real"]).abs()).mean(),
            "adv": config.adv * losses.nonsaturating_g(scores),
        }
        if config.features:
            with torch.no_grad():
                _, wanted = self.discriminator.scores_and_maps(batch["real"])
            errors = [
                F.mse_loss(own.float(), other.float())
                for own, other in zip(maps, wanted, strict=True)
            ]
            terms["features"] = config.features * torch.stack(errors).mean()
        return terms


def padded(x: Tensor, unit: int) -> Tensor:
    """Maps whose height and width are a multiple of a unit, and at least twice as large.

    They are mirrored to the right and to the bottom, with the last pixel repeated.
    """
    for dimension in (2, 3):
        size = x.shape[dimension]
        wanted = max(2, -(-size // unit)) * unit
        if wanted > size:
            places = torch.arange(wanted, device=x.device) % (2 * size)
            x = x.index_select(dimension, torch.minimum(places, 2 * size - 1 - places))
    return x

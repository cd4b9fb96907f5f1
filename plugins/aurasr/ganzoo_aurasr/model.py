"""AuraSR: enlarged images; an L1 loss and an adversarial one."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo import GAN, Batch, Dataset, Losses, SampleInput, SampleSpec, layers, losses
from ganzoo.data.images.small_sources import with_small_sources
from ganzoo.spec.configs import halvings
from ganzoo_aurasr.config import Config
from ganzoo_aurasr.networks import Generator, exporting, noisy
from ganzoo_aurasr.tiles import upscale_in_tiles

SMALL = 2**16
"""Pixels of enlarged patches in one pass, where each has its own kernels."""


class AuraSR(GAN):
    """GigaGAN's upsampler (Kang et al. 2023) without text."""

    config: Config
    generator: Generator

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = layers.PatchDiscriminator(
            config.channels,
            config.discriminator_width,
            min(3, halvings(config.size)),
            norm=nn.Identity,
        )

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        description = "images to enlarge, (n, C, H, W) in [-1, 1]"
        shape = (self.config.channels, None, None)
        return (SampleInput("source", description, required=True, shape=shape),)

    @property
    def sample_spec(self) -> SampleSpec:
        return SampleSpec((self.config.channels, self.config.size, self.config.size))

    def prior(self, n: int) -> Batch:
        """Latents, and the noise of a patch, which larger images repeat."""
        config = self.config
        return {
            "latent": torch.randn(n, config.latent),
            "noise": torch.randn(n, config.channels, config.patch, config.patch),
        }

    def prepare_data(self, data: Dataset) -> Dataset:
        """The data with a column ``source``: the images, scaled down."""
        return with_small_sources(data, self.config.scale)

    def generate(self, batch: Batch) -> Tensor:
        """Images, (N, C, scale H, scale W)."""
        latent, source = batch["latent"], noisy(batch["source"].add(1).div(2), batch["noise"])
        if self.training:
            return self.upscale(source, latent)
        if exporting():  # the number of rows is free
            return self.upscale_any(source, latent)
        rows = max(1, SMALL // self.config.size**2)
        pairs = zip(torch.split(source, rows), torch.split(latent, rows), strict=True)
        return torch.cat([self.upscale_any(*pair) for pair in pairs])

    def upscale_any(self, source: Tensor, latent: Tensor) -> Tensor:
        """Images in [-1, 1], from sources in [0, 1] of any size."""

        def upscale(tiles: Tensor, count: int) -> Tensor:
            rows = latent if latent.shape[0] == 1 else latent.repeat(count, 1)
            return self.upscale(tiles, rows)

        return upscale_in_tiles(upscale, source, self.config.patch, self.config.scale)

    def upscale(self, source: Tensor, latent: Tensor) -> Tensor:
        """Images in [-1, 1] in one pass, from sources in [0, 1] of the size of a patch."""
        image: Tensor = self.generator(source, latent)
        return image.mul(2).sub(1)

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.minimax_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        adversarial = losses.nonsaturating_g(self.discriminator(fake))
        l1 = F.l1_loss(fake, batch["real"])
        return {"l1": self.config.l1 * l1, "adv": self.config.adv * adversarial}

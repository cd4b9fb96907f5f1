"""ESRGAN: L1 pre-training, then an adversarial phase; images of any size, in tiles if large."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import GAN, Batch, Dataset, Losses, Phase, SampleInput, SampleSpec, losses
from ganzoo.data.images.small_sources import with_small_sources
from ganzoo.errors import ConfigError
from ganzoo_esrgan import Config, tiles
from ganzoo_esrgan.degradation import degrade
from ganzoo_esrgan.networks import CompactNet, RRDBNet, UNetDiscriminator
from ganzoo_esrgan.perceptual import PerceptualLoss

exporting = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)
"""True while torch.export traces: a graph has no tiles. PyTorch 2.6 has only `is_compiling`."""

TILE = SampleInput(
    "tile", "edge of the tiles of large images, in pixels of the source; 0: by the free memory"
)


class ESRGAN(GAN):
    """Wang et al. (2018, 2021): source to an image whose height and width are ``scale`` times as
    large."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = CompactNet(config) if config.network == "compact" else RRDBNet(config)
        self.discriminator = UNetDiscriminator(config.channels, config.discriminator_width)
        self.perceptual_loss = PerceptualLoss()

    @property
    def no_augment(self) -> Mapping[str, str]:
        reason = "its discriminator gets images in [0, 1], not in [-1, 1]: use --augment none"
        return {"diff": reason, "ada": reason}

    @property
    def sample_spec(self) -> SampleSpec:
        size = self.config.size or None
        return SampleSpec((self.config.channels, size, size))

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        shape = (self.config.channels, None, None)
        source = SampleInput(
            "source", "images to enlarge, (n, C, H, W) in [-1, 1]", required=True, shape=shape
        )
        return (source, TILE)

    def prior(self, n: int) -> Batch:
        """In training, a seed for the degradation of each image."""
        if self.training and self.config.degradation != "none":
            return {"degradation": torch.randint(2**31, (n,))}
        return {}

    def prepare_data(self, data: Dataset) -> Dataset:
        """The data with a column ``source``: the images, scaled down.

        With a degradation, these sources are for samples and scores alone; each batch of training
        gets new ones.
        """
        return with_small_sources(data, self.config.scale)

    def degraded(self, images: Tensor, seeds: Tensor) -> Tensor:
        """Sources of images, as the config's degradation makes them."""
        second = self.config.degradation == "second"
        sources: Tensor = degrade(images, seeds, self.config.scale, second=second)
        return sources

    def phases(self) -> tuple[Phase, ...]:
        """L1 alone for the first images, then the discriminator and the generator."""
        start = 1000 * self.config.pretrain_kimg
        adversarial = (
            Phase("discriminator", self.discriminator, self.discriminator_loss, start=start),
            Phase("generator", self.generator, self.generator_loss, start=start),
        )
        if not start:
            return adversarial
        return (Phase("pretrain", self.generator, self.pretrain_loss, end=start), *adversarial)

    def generate(self, batch: Batch) -> Tensor:
        """Images, (N, C, scale H, scale W)."""
        source = batch["source"]
        if "degradation" in batch and "real" in batch:
            source = self.degraded(batch["real"], batch["degradation"])
        if self.training or exporting():
            return self.upscale(source)
        tile = int(batch["tile"][0]) if "tile" in batch else 0
        if tile < 0:
            raise ConfigError(f"tile={tile}: must be 0 or the edge of a tile in pixels")
        overlap, pixels = self.config.overlap, source[0, 0].numel()
        at_once = tiles.pixels_at_once(self.config, source.device)
        if not tile and pixels > at_once:
            tile = tiles.automatic_tile(at_once, overlap)
        parts = torch.split(source, max(1, at_once // pixels))
        if not tile or tile >= max(source.shape[2:]):
            return torch.cat([self.upscale(part) for part in parts])
        return torch.cat(
            [tiles.upscale_in_tiles(self.upscale, part, tile, overlap) for part in parts]
        )

    def upscale(self, source: Tensor) -> Tensor:
        """Images in [-1, 1] through the network, which takes [0, 1], in one pass."""
        height, width = source.shape[2:]
        unit = self.config.unshuffle
        bottom, right = -height % unit, -width % unit
        x = source.add(1).div(2)
        if bottom or right:
            mode = "reflect" if bottom < height and right < width else "replicate"
            x = F.pad(x, (0, right, 0, bottom), mode)
        output: Tensor = self.generator(x.contiguous(memory_format=torch.channels_last))
        scale = self.config.scale
        return output[:, :, : height * scale, : width * scale].mul(2).sub(1)

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def judge(self, images: Tensor) -> Tensor:
        """Logits of all pixels."""
        logits: Tensor = self.discriminator(images.add(1).div(2))
        return logits

    def pretrain_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """L1 alone, of images in [0, 1]."""
        return {"l1": 0.5 * F.l1_loss(fake, batch["real"])}

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real, fake = self.judge(batch["real"]), self.judge(fake)
        if self.config.adversarial == "relativistic":
            return {"adv": 0.5 * losses.minimax_d(*_relative(real, fake))}
        return {"adv": losses.minimax_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        l1 = 0.5 * self.config.l1 * F.l1_loss(fake, batch["real"])
        score = self.judge(fake)
        if self.config.adversarial == "relativistic":
            with torch.no_grad():
                real = self.judge(batch["real"])
            higher, lower = _relative(score, real)
            adversarial = 0.5 * losses.minimax_d(higher, lower)
        else:
            adversarial = losses.nonsaturating_g(score)
        terms = {"l1": l1, "adv": self.config.adv * adversarial}
        if self.config.perceptual:
            images, targets = fake.add(1).div(2), batch["real"].add(1).div(2)
            terms["perceptual"] = self.config.perceptual * self.perceptual_loss(images, targets)
        return terms


def _relative(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Logits relative to the average of the other kind (Jolicoeur-Martineau 2019)."""
    return one.float() - other.float().mean(), other.float() - one.float().mean()

"""Config of the esrgan plugin."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Weight
from ganzoo.spec.fields import AtLeast


@dataclass(frozen=True)
class Config(ModelConfig):
    """Networks, scale, and the weights of the losses."""

    channels: Channels = 3
    size: Annotated[
        int, AtLeast(0), "height and width of the images to learn from; 0: any, not for training"
    ] = 0
    scale: Annotated[Count, "factor of the height and width"] = 4
    network: Annotated[Literal["rrdb", "compact"], "generator"] = "rrdb"
    width: Annotated[Count, "feature maps of the generator"] = 64
    blocks: Annotated[Count, "RRDBs, or inner convolutions of the compact network"] = 23
    growth: Annotated[Count, "feature maps that a convolution of a dense block adds (rrdb)"] = 32
    unshuffle: Annotated[
        Literal[1, 2, 4], "factor by which the source is unshuffled into channels first (rrdb)"
    ] = 1
    discriminator_width: Annotated[
        Count, "feature maps of the discriminator next to the image; doubled with each halving"
    ] = 64
    adversarial: Annotated[
        Literal["vanilla", "relativistic"], "adversarial loss of Real-ESRGAN, or of ESRGAN"
    ] = "vanilla"
    l1: Annotated[Weight, "weight of the L1 loss after the pre-training"] = 1.0
    adv: Annotated[Weight, "weight of the generator's adversarial loss"] = 0.1
    perceptual: Annotated[
        Weight, "weight of the perceptual loss after the pre-training; above 0 it needs VGG-19"
    ] = 0.0
    pretrain_kimg: Annotated[Weight, "thousands of images learned with the L1 loss alone"] = 0.0
    degradation: Annotated[
        Literal["none", "first", "second"],
        "sources of training: images scaled down; or new ones for each batch, with blur, noise and"
        " JPEG once (first), or twice as in Real-ESRGAN (second); scores use images scaled down",
    ] = "none"

    def check(self) -> None:
        total = self.scale * self.unshuffle
        if self.network == "rrdb" and total & (total - 1):
            raise ConfigError(f"scale={self.scale}: of an rrdb network it must be 1, 2, 4, 8, ...")
        if self.network == "compact" and self.unshuffle > 1:
            raise ConfigError(f"unshuffle={self.unshuffle}: the compact network has none")
        if self.degradation != "none" and self.channels not in (1, 3):
            raise ConfigError(
                f"degradation={self.degradation}: JPEG needs 1 or 3 channels, not {self.channels}"
            )
        if self.perceptual and (self.channels not in (1, 3) or 0 < self.size < 16):
            raise ConfigError(
                f"perceptual={self.perceptual:g}: needs 1 or 3 channels, not {self.channels}, and"
                f" a size of 16 or more, not {self.size}"
            )
        if self.size % (self.scale * self.unshuffle):
            raise ConfigError(
                f"size={self.size}: must be a multiple of scale times unshuffle, {total}"
            )

    @property
    def doublings(self) -> int:
        """Number of times that an rrdb network doubles the size."""
        return (self.scale * self.unshuffle).bit_length() - 1

    @property
    def overlap(self) -> int:
        """Margin of tiles, in pixels of the source: the receptive field, at most 64.

        The field of a large rrdb network is 15 pixels per block. For the weights of Real-ESRGAN's
        x4plus on a photograph, a tile differs from the whole image by 15 of 255 levels with a
        margin of 16, by 5 with 32, by 0.6 with 48 and by 0.08 with 64.
        """
        if self.network == "compact":
            return self.blocks + 2
        return min(15 * self.blocks + 4, 64) * self.unshuffle

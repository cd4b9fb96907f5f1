"""Config of the lama plugin."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Weight
from ganzoo.spec.fields import AtLeast, Between


@dataclass(frozen=True)
class Config(ModelConfig):
    """Networks, and the weights of the losses."""

    channels: Channels = 3
    size: Annotated[
        int, AtLeast(0), "height and width of the images to learn from; 0: any, not for training"
    ] = 0
    width: Annotated[Count, "generator's maps next to the image; doubled with each halving"] = 64
    largest_width: Annotated[Count, "most maps of a layer of the generator"] = 1024
    downsamplings: Annotated[Count, "number of times that the generator halves the image"] = 3
    blocks: Annotated[Count, "residual blocks of two Fourier convolutions each"] = 18
    global_share: Annotated[
        float, Between(0, 1), "share of the blocks' maps that are convolved in the spectrum"
    ] = 0.75
    discriminator_width: Annotated[
        Count, "discriminator's maps next to the image; doubled with each halving"
    ] = 64
    discriminator_halvings: Annotated[Count, "number of times that it halves the image"] = 4
    l1_known: Annotated[Weight, "weight of the L1 loss outside the hole"] = 10.0
    l1_missing: Annotated[Weight, "weight of the L1 loss in the hole"] = 0.0
    adv: Annotated[Weight, "weight of the generator's adversarial loss"] = 10.0
    features: Annotated[Weight, "weight of the feature matching loss"] = 100.0
    r1: Annotated[Weight, "weight of the R1 penalty"] = 0.002

    def check(self) -> None:
        if not 0 < self.global_maps < self.widths[-1]:
            raise ConfigError(
                f"global_share={self.global_share:g}: of {self.widths[-1]} maps, some must be"
                " global and some local"
            )
        if self.size and self.size < 2**self.discriminator_halvings * 4:
            raise ConfigError(
                f"size={self.size}: the discriminator halves it {self.discriminator_halvings}"
                f" times; at least {2**self.discriminator_halvings * 4}"
            )

    @property
    def widths(self) -> tuple[int, ...]:
        """The generator's maps next to the image and after each halving."""
        levels = range(self.downsamplings + 1)
        return tuple(min(self.width * 2**level, self.largest_width) for level in levels)

    @property
    def steps(self) -> tuple[tuple[int, int], ...]:
        """Maps before and after each halving."""
        return tuple(pairwise(self.widths))

    @property
    def global_maps(self) -> int:
        """Maps of the blocks that are convolved in the spectrum."""
        return int(self.widths[-1] * self.global_share)

    @property
    def unit(self) -> int:
        """The generator takes heights and widths that are a multiple of this."""
        return 1 << self.downsamplings

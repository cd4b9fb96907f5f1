"""Config of the aurasr plugin."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Counts, Weight
from ganzoo.spec.fields import AtLeast


@dataclass(frozen=True)
class Config(ModelConfig):
    """Networks, patch, and the weights of the losses."""

    channels: Channels = 3
    size: Annotated[
        Count, "height and width of an enlarged patch, and of the images to learn from"
    ] = 256
    latent: Annotated[Count, "latent dimension"] = 128
    style: Annotated[Count, "dimension of a style"] = 512
    mapping: Annotated[Count, "layers from a latent to a style"] = 4
    widths: Annotated[Counts, "maps in the middle, then after each doubling"] = (
        *(1024, 512, 256, 128),
        *(64, 64),
    )
    halvings: Annotated[int, AtLeast(0), "times that the source is halved before the middle"] = 3
    blocks: Annotated[Count, "residual blocks of each level"] = 6
    kernels: Annotated[Count, "kernels that a style mixes in each convolution"] = 4
    attention: Annotated[
        tuple[int, ...], AtLeast(0), "transformer layers in the middle, then after each doubling"
    ] = (4, 4, 2, 0, 0, 0)
    heads: Annotated[Count, "heads of an attention layer"] = 8
    head: Annotated[Count, "dimension of a head"] = 64
    discriminator_width: Annotated[
        Count, "feature maps of the discriminator next to the image; doubled with each halving"
    ] = 64
    l1: Annotated[Weight, "weight of the L1 loss"] = 1.0
    adv: Annotated[Weight, "weight of the generator's adversarial loss"] = 0.1

    def check(self) -> None:
        if not self.halvings < len(self.widths):
            raise ConfigError(
                f"halvings={self.halvings}: must be less than the {len(self.widths)} widths"
            )
        if len(self.attention) != len(self.widths):
            raise ConfigError(
                f"attention={self.attention}: must be {len(self.widths)} numbers, as widths"
            )
        if self.size % 2**self.doublings:
            raise ConfigError(f"size={self.size}: must be a multiple of {2**self.doublings}")

    @property
    def doublings(self) -> int:
        """Number of times that the maps in the middle are doubled in size."""
        return len(self.widths) - 1

    @property
    def scale(self) -> int:
        """Factor of the height and width."""
        return 1 << (self.doublings - self.halvings)

    @property
    def patch(self) -> int:
        """Height and width of the source of one patch."""
        return self.size // self.scale

"""Config of CycleGAN."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Weight
from ganzoo.spec.fields import AtLeast, MultipleOf


@dataclass(frozen=True)
class Config(ModelConfig):
    """Generators, discriminators and the weights of the losses."""

    channels: Channels = 3
    size: Annotated[Count, MultipleOf(4), "height and width of the images, a multiple of 4"] = 256
    width: Annotated[Count, "feature maps next to the image; doubled with each halving"] = 64
    blocks: Annotated[Count, "residual blocks of a generator; the paper has 6 at 128 pixels"] = 9
    halvings: Annotated[Count, "of a discriminator; 3: patches of 70 x 70, 1: of 16 x 16"] = 3
    cycle: Annotated[Weight, "weight of the cycle-consistency loss"] = 10.0
    identity: Annotated[Weight, "weight of the identity loss, times cycle"] = 0.5
    pool: Annotated[Count, "earlier fakes kept for a discriminator"] = 50
    directions: Annotated[
        Literal["both", "there"],
        "translations that exist; there: only from source to real, for weights of one generator,"
        " which cannot be trained",
    ] = "both"
    norm: Annotated[
        Literal["instance", "affine", "batch"],
        "normalization; affine: instance norm with gain and shift",
    ] = "instance"
    upsampling: Annotated[
        Literal["transposed", "nearest"],
        "transposed convolutions, or nearest-neighbor upsampling and a convolution",
    ] = "transposed"
    discriminator_width: Annotated[
        int, AtLeast(0), "feature maps of a discriminator next to the image; 0: as width"
    ] = 0
    padded: Annotated[
        bool,
        "each layer of a discriminator but the last halves the image, and zeros to the left and"
        " above come before the last one",
    ] = False

    def check(self) -> None:
        if self.size >> self.halvings < 3:
            raise ConfigError(f"halvings={self.halvings}: too many for size={self.size}")

    @property
    def both(self) -> bool:
        """True if there is a translation back."""
        return self.directions == "both"

"""Fields and base classes of configs that several model families share.

@dataclass(frozen=True)
class Config(StridedConfig):
    r1: Annotated[Weight, "weight of the R1 penalty; 0: none"] = 0.0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from ganzoo.errors import ConfigError
from ganzoo.spec.fields import AtLeast, Doubled, ModelConfig

Count: TypeAlias = Annotated[int, AtLeast(1)]
Counts: TypeAlias = Annotated[tuple[int, ...], AtLeast(1)]
Weight: TypeAlias = Annotated[float, AtLeast(0)]

Channels: TypeAlias = Annotated[Count, "1 for gray, 3 for RGB"]
Size: TypeAlias = Annotated[Count, "height and width of the images, in pixels"]
HalvableSize: TypeAlias = Annotated[
    int, Doubled(4, 7), "height and width of the images: 4 to 7 pixels, doubled a few times"
]
Latent: TypeAlias = Annotated[Count, "latent dimension"]
CriticUpdates: TypeAlias = Annotated[Count, "critic updates per generator update"]


def halvings(size: int) -> int:
    """Number of times that a size is halved until 4 to 7 pixels are left."""
    return max(0, size.bit_length() - 3)


@dataclass(frozen=True)
class StridedConfig(ModelConfig):
    """Strided networks, `ganzoo.layers.StridedGenerator` and `StridedDiscriminator`."""

    channels: Channels = 3
    size: HalvableSize = 32
    latent: Latent = 100
    width: Annotated[Count, "feature maps next to the image; doubled with each halving"] = 64

    @property
    def halvings(self) -> int:
        """Number of times that the size is halved until 4 to 7 pixels are left."""
        return halvings(self.size)


@dataclass(frozen=True)
class ResidualConfig(ModelConfig):
    """Residual networks, `ganzoo.layers.ResidualGenerator` and `ResidualDiscriminator`."""

    channels: Channels = 3
    size: Size = 32
    latent: Latent = 128
    widths: Annotated[Counts, "feature maps of the generator, doubling after doubling"] = (256,) * 4
    discriminator_widths: Annotated[Counts, "feature maps after each discriminator block"] = (
        128,
    ) * 4
    discriminator_halvings: Annotated[Count, "discriminator blocks that halve the image"] = 2
    discriminator_updates: Annotated[Count, "discriminator updates per generator update"] = 5
    upsampling: Annotated[Literal["nearest", "bilinear"], "interpolation in the generator"] = (
        "nearest"
    )
    relu_shortcut: Annotated[bool, "shortcuts of the discriminator start after the ReLU"] = False
    score_bias: Annotated[bool, "bias of the discriminator's last layer"] = False

    def check(self) -> None:
        if len(self.widths) < 2:
            raise ConfigError(f"widths={self.widths}: at least two, before and after a doubling")
        if self.discriminator_halvings > len(self.discriminator_widths):
            raise ConfigError(
                f"discriminator_halvings={self.discriminator_halvings}: the discriminator has"
                f" {len(self.discriminator_widths)} blocks"
            )
        if self.size % 2**self.doublings:
            raise ConfigError(
                f"size={self.size}: must be divisible by {2**self.doublings}, as the generator"
                f" doubles it {self.doublings} times; set widths for another number"
            )

    @property
    def doublings(self) -> int:
        """Number of times that the generator doubles the size."""
        return len(self.widths) - 1

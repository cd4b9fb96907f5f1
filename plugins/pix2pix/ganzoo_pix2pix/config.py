"""Config of pix2pix."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Size, Weight
from ganzoo.spec.fields import AtLeast, Below


@dataclass(frozen=True)
class Config(ModelConfig):
    """U-Net, patch discriminator, noise, loss weight and the source of the pairs."""

    channels: Channels = 3
    size: Size = 256
    width: Annotated[Count, "feature maps next to the image; doubled up to three times"] = 64
    halvings: Annotated[Count, "of the discriminator; 3: patches of 70 x 70, 1: of 16 x 16"] = 3
    noisy: Annotated[Count, "decoder layers with dropout, from the innermost"] = 3
    dropout: Annotated[Weight, Below(1), "dropout rate of these layers, the only noise"] = 0.5
    l1: Annotated[Weight, "weight of the L1 loss"] = 100.0
    source: Annotated[
        Literal["data", "swapped", "edges"],
        "the data's source; swapped with the data's real; edges, where the data have no source",
    ] = "data"
    skipped: Annotated[
        int,
        AtLeast(0),
        "innermost decoder layers without dropout, before those with it; 1 in published weights",
    ] = 0
    norm: Annotated[
        Literal["affine", "instance", "batch"],
        "normalization: instance norm with or without gain and shift, or batch norm; published"
        " networks use the statistics of one image, as affine does",
    ] = "affine"
    discriminator_width: Annotated[
        int, AtLeast(0), "feature maps of the discriminator next to the image; 0: as width"
    ] = 0
    networks: Annotated[
        Literal["authors", "huggan"],
        "of the paper's authors, or of huggan, whose dropout is active in training only and whose"
        " loss is least squares",
    ] = "authors"

    def check(self) -> None:
        if self.size >> self.halvings < 3:
            raise ConfigError(f"halvings={self.halvings}: too many for size={self.size}")
        if self.networks == "huggan" and self.size & (self.size - 1):
            raise ConfigError(f"size={self.size}: must be a power of two with networks=huggan")
        layers = len(self.widths) - 1
        if self.noisy > layers:
            raise ConfigError(f"noisy={self.noisy}: the decoder has {layers} layers")
        if self.skipped + self.noisy > layers:
            raise ConfigError(f"skipped={self.skipped}: the decoder has {layers} layers")

    @property
    def widths(self) -> tuple[int, ...]:
        """Feature maps of the encoder's layers; each halves the image, the last to one pixel."""
        layers = self.size.bit_length() - 1
        return tuple(self.width * 2 ** min(layer, 3) for layer in range(layers))

    @property
    def noise(self) -> tuple[int, ...]:
        """Features of each decoder layer with dropout, the innermost first."""
        if self.networks == "huggan":
            return ()
        first = len(self.widths) - 1 - self.skipped
        inner = range(first, first - self.noisy, -1)
        return tuple(self.widths[level - 1] * (self.size >> level) ** 2 for level in inner)

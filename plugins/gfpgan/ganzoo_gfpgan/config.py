"""Config of the gfpgan plugin."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Counts, HalvableSize, Weight, halvings


@dataclass(frozen=True)
class Config(ModelConfig):
    """Encoder, decoder and discriminator, and the weights of the losses."""

    channels: Channels = 3
    size: HalvableSize = 512
    widths: Annotated[
        Counts, "maps of decoder and discriminator, the coarsest first; the encoder has half of it"
    ] = (512, 512, 512, 512, 512, 256, 128, 64)
    style: Annotated[Count, "dimension of a style"] = 512
    one_style: Annotated[bool, "one style for all layers, not one for each"] = False
    factor: Annotated[Count, "sources for training are scaled down by this factor, and up"] = 8
    l1: Annotated[Weight, "weight of the L1 loss"] = 0.1
    pyramid: Annotated[Weight, "weight of the L1 losses of the encoder's images"] = 1.0
    adv: Annotated[Weight, "weight of the generator's adversarial loss"] = 0.1
    r1: Annotated[Weight, "weight of the R1 penalty, taken in every 16th step; 0: none"] = 10.0

    def check(self) -> None:
        if len(self.widths) != halvings(self.size) + 1:
            raise ConfigError(
                f"widths={self.widths}: size={self.size} needs {halvings(self.size) + 1}, one for"
                " each resolution"
            )
        if min(self.widths) < 2 or any(width % 2 for width in self.widths):
            raise ConfigError(f"widths={self.widths}: must be even")

    @property
    def start(self) -> int:
        """Height and width of the coarsest maps."""
        return self.size >> halvings(self.size)

    @property
    def encoder_widths(self) -> tuple[int, ...]:
        """Maps of the encoder, the coarsest first."""
        return tuple(width // 2 for width in self.widths)

    @property
    def layers(self) -> int:
        """Number of styles: two for each resolution."""
        return 2 * len(self.widths)

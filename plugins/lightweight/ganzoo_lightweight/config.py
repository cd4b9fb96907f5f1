"""Config of the lightweight plugin."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Counts, HalvableSize, Latent, Weight, halvings

SPAN = 3
"""Doublings between the two ends of a skip-layer excitation."""
EXCITING = range(1, 5)
"""Doublings whose maps may excite later ones; the first one is number 0."""


@dataclass(frozen=True)
class Config(ModelConfig):
    """Generator, discriminator, and the weight of the reconstruction."""

    channels: Channels = 3
    size: HalvableSize = 256
    latent: Latent = 256
    widths: Annotated[Counts, "generator's maps after each doubling"] = (512, 512, 256, 128, 64, 32)
    attention: Annotated[
        tuple[int, ...], "heights of the generator's maps that pass an attention layer"
    ] = (32,)
    discriminator_width: Annotated[
        Count, "discriminator's maps next to the image; doubled with each halving"
    ] = 32
    largest_width: Annotated[Count, "most maps of a layer of the discriminator"] = 512
    reconstruction: Annotated[
        Weight, "weight of the reconstruction of real images from the discriminator's features"
    ] = 1.0

    def check(self) -> None:
        if len(self.widths) != halvings(self.size):
            raise ConfigError(
                f"widths={self.widths}: size={self.size} needs {halvings(self.size)}, one for each"
                " doubling"
            )
        wrong = set(self.attention) - set(self.sizes[:-1])
        if wrong:
            raise ConfigError(
                f"attention={self.attention}: the generator's maps have the heights"
                f" {', '.join(map(str, self.sizes[:-1]))}"
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Heights of the generator's maps, at first and after each doubling."""
        start = self.size >> halvings(self.size)
        return tuple(start << index for index in range(len(self.widths) + 1))

    @property
    def excited(self) -> dict[int, int]:
        """Doublings by number, and the later ones whose maps they excite."""
        return {each: each + SPAN for each in EXCITING if each + SPAN < len(self.widths)}

    @property
    def discriminator_widths(self) -> tuple[int, ...]:
        """The discriminator's maps after each halving."""
        levels = range(len(self.widths))
        return tuple(min(self.discriminator_width << each, self.largest_width) for each in levels)

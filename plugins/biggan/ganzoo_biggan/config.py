"""Config of BigGAN."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Counts, Latent, Size
from ganzoo.spec.fields import Above, AtLeast


@dataclass(frozen=True)
class Config(ModelConfig):
    """Class-conditional residual networks with self-attention."""

    channels: Channels = 3
    size: Size = 128
    latent: Latent = 120
    classes: Annotated[Count, "number of classes; labels count from 0"] = 1000
    widths: Annotated[Counts, "feature maps before and after each generator block"] = (
        *(1536, 1536, 768),
        *(384, 192, 96),
    )
    doublings: Annotated[Counts, "generator blocks that double the size, from 1; empty: all"] = ()
    attention: Annotated[Counts, "generator blocks followed by self-attention, from 1"] = (4,)
    embedding: Annotated[
        int, AtLeast(0), "dimension of the class embedding that norms share; 0: one in each norm"
    ] = 128
    hierarchical: Annotated[bool, "each block gets its own part of the latent"] = True
    statistics: Annotated[
        int, AtLeast(0), "rows of BigGAN-deep's table of norm statistics; 0: not BigGAN-deep"
    ] = 0
    eps: Annotated[float, Above(0), "added to the variance in norms"] = 1e-5
    discriminator_widths: Annotated[Counts, "feature maps after each discriminator block"] = (
        *(96, 192, 384),
        *(768, 1536, 1536),
    )
    discriminator_halvings: Annotated[Count, "discriminator blocks that halve the image"] = 5
    discriminator_attention: Annotated[
        Counts, "discriminator blocks followed by self-attention, from 1"
    ] = (1,)
    discriminator_updates: Annotated[Count, "discriminator updates per generator update"] = 1
    wide: Annotated[bool, "discriminator blocks widen in their first convolution"] = True
    relu_shortcut: Annotated[bool, "shortcuts of the discriminator start after the ReLU"] = False

    def check(self) -> None:
        blocks, halvings = self.blocks, self.discriminator_halvings
        if len(self.widths) < 2:
            raise ConfigError(f"widths={self.widths}: at least two, before and after a block")
        for name, places, count in (
            ("doublings", self.doublings, blocks),
            ("attention", self.attention, blocks),
            ("discriminator_attention", self.discriminator_attention, self.depth),
            ("discriminator_halvings", (halvings,), self.depth),
        ):
            if max(places, default=0) > count:
                raise ConfigError(f"{name}={getattr(self, name)}: there are {count} blocks")
        if self.size % 2**self.halvings:
            raise ConfigError(
                f"size={self.size}: must be divisible by {2**self.halvings}, as the generator"
                f" doubles it {self.halvings} times; set doublings or widths for another number"
            )
        if self.statistics and (self.hierarchical or not self.embedding):
            raise ConfigError(
                f"statistics={self.statistics}: BigGAN-deep has an embedding and passes the whole"
                f" latent to each block; embedding={self.embedding},"
                f" hierarchical={self.hierarchical}"
            )
        if self.hierarchical and (not self.embedding or self.latent % (blocks + 1)):
            raise ConfigError(
                f"hierarchical=True: needs an embedding, and a latent that {blocks + 1} divides,"
                f" the number of its parts; embedding={self.embedding}, latent={self.latent}"
            )

    @property
    def blocks(self) -> int:
        """Number of generator blocks."""
        return len(self.widths) - 1

    @property
    def depth(self) -> int:
        """Number of discriminator blocks."""
        return len(self.discriminator_widths)

    @property
    def halvings(self) -> int:
        """Number of times that the generator doubles the size."""
        return len(self.doublings) or self.blocks

    @property
    def start(self) -> int:
        """Height and width of the first maps."""
        return self.size >> self.halvings

    def doubles(self, block: int) -> bool:
        """True if a generator block, counted from 1, doubles the size."""
        return not self.doublings or block in self.doublings

    def mirrored(self) -> Config:
        """This config with the discriminator that published models of its generator have."""
        small = self.size == 32
        halved = small and bool(self.attention)
        return replace(
            self,
            discriminator_widths=tuple(width >> halved for width in reversed(self.widths)),
            discriminator_halvings=2 if small else self.blocks,
            discriminator_attention=tuple(self.blocks - place for place in self.attention),
            discriminator_updates=(5 if self.attention else 4) if small else 1,
        )

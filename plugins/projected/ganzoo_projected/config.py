"""Config of Projected GAN: generator, frozen backbone, mixed features and augmentation."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Count, HalvableSize, Latent, halvings
from ganzoo.spec.fields import AtLeast, OneOf

MULTIPLES = (16, 8, 4, 2, 2, 1, 0.5, 0.25, 0.125)
"""Feature maps per `Config.width`, from 4 x 4 to 1024 x 1024 (Liu et al. 2021)."""

Variant: TypeAlias = Literal["projected", "fastgan"]


@dataclass(frozen=True)
class Config(ModelConfig):
    """Generator, frozen backbone, mixed features and augmentation."""

    channels: Annotated[int, OneOf(1, 3), "1 for gray, repeated for the backbone, 3 for RGB"] = 3
    size: HalvableSize = 256
    latent: Latent = 256
    width: Annotated[Count, "generator's maps after five doublings; 16 times as many first"] = 128
    lite: Annotated[bool, "one convolution after each doubling instead of two"] = False
    seen: Annotated[Count, "size that smaller images are resized to for the backbone"] = 224
    maps: Annotated[Count, "features mixed at the finest scale; 8 times as many at the last"] = 64
    augment: Annotated[bool, "discriminators see random colors, translations, cutouts"] = True
    backbone_weights: Annotated[
        Literal["imagenet", "random"], "weights of the frozen network; random: for tests"
    ] = "imagenet"
    classes: Annotated[int, AtLeast(0), "number of classes; 0: labels are ignored"] = 0
    noise: Annotated[
        bool, "noise of learned strength on maps of doublings with two convolutions"
    ] = False
    variant: Annotated[
        Variant,
        "generator; fastgan: every second doubling has one convolution, the latents are not"
        " normalized, tanh at the end",
    ] = "projected"

    def check(self) -> None:
        if self.doublings >= len(MULTIPLES):
            raise ConfigError(f"size={self.size}: must be below 2048")
        if min(self.widths) < 1:
            raise ConfigError(f"width={self.width}: no maps are left at size={self.size}")
        if self.input % 32 or self.input < 64:
            raise ConfigError(f"seen={self.seen}: must be a multiple of 32, and at least 64")
        if self.lite and self.variant == "fastgan":
            raise ConfigError("lite=True: not with variant=fastgan, which has its own blocks")
        if self.noise and self.lite:
            raise ConfigError("noise=True: not with lite=True, whose blocks take none")

    @property
    def doublings(self) -> int:
        """Number of times that the generator doubles the size, from 4 to 7 pixels on."""
        return halvings(self.size)

    @property
    def widths(self) -> tuple[int, ...]:
        """The generator's feature maps at first, and after each doubling."""
        return tuple(int(self.width * each) for each in MULTIPLES[: self.doublings + 1])

    @property
    def input(self) -> int:
        """Height and width of the backbone's input."""
        return max(self.size, self.seen)

    @property
    def start(self) -> int:
        """Height and width of the generator's first maps."""
        return self.size >> self.doublings

    @property
    def convolutions(self) -> tuple[int, ...]:
        """Number of convolutions after each doubling."""
        if self.variant == "fastgan":
            return tuple(1 if each % 2 else 2 for each in range(self.doublings))
        return (1 if self.lite else 2,) * self.doublings

    @property
    def noise_numbers(self) -> tuple[int, ...]:
        """Numbers drawn for the noise of each doubling of one sample."""
        if not self.noise:
            return ()
        return tuple(
            2 * (self.start << each) ** 2 if count == 2 else 0
            for each, count in enumerate(self.convolutions, 1)
        )

"""Projected GAN: discriminators over the features of a frozen network (Sauer et al. 2021)."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Count, HalvableSize, Latent, halvings
from ganzoo.spec.fields import OneOf

MULTIPLES = (16, 8, 4, 2, 2, 1, 0.5, 0.25, 0.125)
"""Feature maps per `Config.width`, from 4 x 4 to 1024 x 1024 (Liu et al. 2021)."""


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

    def check(self) -> None:
        if self.doublings >= len(MULTIPLES):
            raise ConfigError(f"size={self.size}: must be below 2048")
        if min(self.widths) < 1:
            raise ConfigError(f"width={self.width}: no maps are left at size={self.size}")
        if self.input % 32 or self.input < 64:
            raise ConfigError(f"seen={self.seen}: must be a multiple of 32, and at least 64")

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


PUBLISHED = Optimizer(lr=2e-4, betas=(0.0, 0.99))
DIGITS = Optimizer(lr=5e-3, betas=(0.0, 0.99), schedule="linear")

spec = ModelSpec(
    model="ganzoo_projected.model:ProjectedGAN",
    summary="Small discriminators over the mixed features of a frozen ImageNet network.",
    paper=Paper(
        "Sauer et al.", 2021, "Projected GANs Converge Faster", "https://arxiv.org/abs/2111.01007"
    ),
    license="Apache-2.0",
    pickled_classes=("pg_modules.",),
    presets={
        "mnist": Preset(
            Config(
                channels=1, size=28, latent=64, width=8, lite=True, seen=64, maps=16, augment=False
            ),
            Recipe(
                data="mnist",
                kimg=160,
                batch=16,
                optimizer=DIGITS,
                optimizers={"discriminator": replace(DIGITS, lr=2e-4)},
                ema_kimg=5,
            ),
            protocol="mnist-lenet",
            weights=Weights("2d5cd4a0d457f4c30c0c151ac1f0be5904eb458bed29464cd8ebab16a483488c"),
            description="digits, 28 x 28",
        ),
        "cifar10": Preset(
            Config(size=32, width=64),
            Recipe(data="cifar10", kimg=10_000, optimizer=PUBLISHED, ema_kimg=20),
            description="small photographs of ten classes, 32 x 32",
        ),
        "folder256": Preset(
            Config(),
            Recipe(data="folder:images", kimg=10_000, optimizer=PUBLISHED, ema_kimg=20),
            description="photographs, 256 x 256, from a folder images; the paper's networks",
        ),
    },
    deviations=(
        Deviation(
            "no noise is added to the generator's maps",
            "for samples that depend on their seed alone it would be drawn with the latents, almost"
            " as many numbers as a sample has; its official weights start at 0",
        ),
        Deviation(
            "cifar10: the generator ends at 32 x 32 and has half the maps",
            "the official one has no size below 128 x 128; no skip connection is left at 32",
        ),
        Deviation(
            "mnist: 28 x 28 from 7 x 7 with one convolution per doubling, gray repeated to three"
            " channels, seen at 64 x 64, a quarter of the features, no augmentation; batch 16,"
            " learning rate 5e-3, of the discriminators 2e-4",
            "the paper has no recipe for digits; a CPU trains 65 images per second with this one."
            " At equal rates the discriminators won at once; in runs of four minutes (one seed"
            " each) 25 times less for them was better than 10 times",
        ),
    ),
    healthy="On digits, over 160 thousand images: discriminator/adv is 0.2 in the first three"
    " thousand, 0.8 after 15, 1 after 60 and 1.1 at the end (2: it cannot tell); generator/adv is"
    " 2.7 after three, 1.1 after 30, 0.5 at the end.",
)

"""Projected GAN: discriminators over the features of a frozen network (Sauer et al. 2021)."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.errors import ConfigError
from ganzoo.spec.fields import AtLeast, Doubled, OneOf


@dataclass(frozen=True)
class Config(ModelConfig):
    """What the networks are built from, and what they look through."""

    channels: Annotated[
        int, OneOf(1, 3), "1 for grey, which is repeated for the backbone, 3 for RGB"
    ] = 3
    size: Annotated[
        int, Doubled(4, 7), "height and width of the images: 4 to 7 pixels, doubled a few times"
    ] = 256
    latent: Annotated[int, AtLeast(1), "numbers that a sample is made from"] = 256
    width: Annotated[
        int, AtLeast(1), "the generator's maps after five doublings; 16 times as many at first"
    ] = 128
    lite: Annotated[bool, "one convolution after each doubling, not two"] = False
    seen: Annotated[int, AtLeast(1), "size that smaller images are brought to for the backbone"] = (
        224
    )
    maps: Annotated[
        int, AtLeast(1), "features mixed at the finest scale; 8 times as many at the coarsest"
    ] = 64
    augment: Annotated[bool, "the discriminators see images in random colours, moved, cut"] = True
    backbone_weights: Annotated[
        Literal["imagenet", "random"], "what the frozen network knows; random: for tests"
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
        """How often the generator doubles the image, from 4 to 7 pixels on."""
        return max(0, self.size.bit_length() - 3)

    @property
    def widths(self) -> tuple[int, ...]:
        """The generator's maps at first, and after each doubling."""
        return tuple(int(self.width * each) for each in MULTIPLES[: self.doublings + 1])

    @property
    def input(self) -> int:
        """Height and width of what the backbone sees."""
        return max(self.size, self.seen)


MULTIPLES = (16, 8, 4, 2, 2, 1, 0.5, 0.25, 0.125)
"""Of `Config.width`, from 4 x 4 to 1024 x 1024 (Liu et al. 2021)."""

PUBLISHED = Optimizer(lr=2e-4, betas=(0.0, 0.99))
DIGITS = Optimizer(lr=5e-3, betas=(0.0, 0.99), schedule="linear")

spec = ModelSpec(
    model="ganzoo_projected.model:ProjectedGAN",
    summary="Small discriminators over the mixed features of a frozen network of photographs.",
    paper=Paper(
        "Sauer et al.",
        2021,
        "Projected GANs Converge Faster",
        "https://arxiv.org/abs/2111.01007",
    ),
    license="Apache-2.0",
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
            "it would have to be drawn with the latents, nearly as many numbers as a sample has, so"
            " that a sample depends on its seed alone; the official one has weights of 0 at first",
        ),
        Deviation(
            "cifar10: the generator's ladder ends at 32 x 32, and has half the maps",
            "the official one makes no image below 128 x 128; nothing is left to skip to at 32",
        ),
        Deviation(
            "mnist: 28 x 28 from 7 x 7 with one convolution a doubling, grey repeated to three"
            " channels, seen at 64 x 64, a quarter of the features, no augmentation; batch 16,"
            " learning rates 5e-3, of the discriminators 2e-4",
            "the paper has no recipe for digits, and a CPU makes 65 images a second of this one."
            " At equal rates the discriminators won at once; in tries of four minutes (one seed"
            " each) 25 times less for them was better than 10 times",
        ),
    ),
    healthy=(
        "On digits, over 160 thousand images: discriminator/adv 0.2 in the first three thousand,"
        " 0.8 after 15, 1 after 60 and 1.1 at the end (2: it cannot tell); generator/adv 2.7 after"
        " three, 1.1 after 30, 0.5 at the end."
    ),
)

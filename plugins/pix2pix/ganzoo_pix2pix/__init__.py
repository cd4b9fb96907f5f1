"""pix2pix: images translated into images, learned from pairs (Isola et al. 2017)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.errors import ConfigError
from ganzoo.spec.fields import AtLeast, Below
from ganzoo.spec.protocol import Protocol


@dataclass(frozen=True)
class Config(ModelConfig):
    """What the networks are built from, and what is translated."""

    channels: Annotated[int, AtLeast(1), "1 for grey, 3 for RGB"] = 3
    size: Annotated[int, AtLeast(1), "height and width of the images, in pixels"] = 256
    width: Annotated[
        int, AtLeast(1), "feature maps next to the image; doubled up to three times"
    ] = 64
    halvings: Annotated[
        int, AtLeast(1), "of the discriminator: 3 judges patches of 70 x 70, 1 of 16 x 16"
    ] = 3
    noisy: Annotated[int, AtLeast(1), "decoder layers with dropout, from the innermost"] = 3
    dropout: Annotated[
        float, AtLeast(0), Below(1), "share of their features that is dropped: the only noise"
    ] = 0.5
    l1: Annotated[float, AtLeast(0), "weight of the distance to the target"] = 100.0
    source: Annotated[
        Literal["data", "swapped", "edges"],
        "the data's source; the data's real, to be made its source; edges, where it has no source",
    ] = "data"

    def check(self) -> None:
        if self.size >> self.halvings < 3:
            raise ConfigError(f"halvings={self.halvings}: too often for size={self.size}")
        if self.noisy > len(self.widths) - 1:
            raise ConfigError(f"noisy={self.noisy}: the decoder has {len(self.widths) - 1} layers")

    @property
    def widths(self) -> tuple[int, ...]:
        """Feature maps of the encoder's layers; each halves the image, the last to one pixel."""
        layers = self.size.bit_length() - 1
        return tuple(self.width * 2 ** min(layer, 3) for layer in range(layers))

    @property
    def noise(self) -> tuple[int, ...]:
        """Features of each decoder layer with dropout, the innermost first."""
        inner = range(len(self.widths) - 1, len(self.widths) - 1 - self.noisy, -1)
        return tuple(self.widths[level - 1] * (self.size >> level) ** 2 for level in inner)


spec = ModelSpec(
    model="ganzoo_pix2pix.model:Pix2Pix",
    summary="Translates images, learned from pairs: a U-Net, and a judge of pairs of patches.",
    paper=Paper(
        "Isola et al.",
        2017,
        "Image-to-Image Translation with Conditional Adversarial Networks",
        "https://arxiv.org/abs/1611.07004",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "edges2digits": Preset(
            Config(channels=1, size=28, width=16, halvings=1, noisy=2, source="edges"),
            Recipe(
                data="mnist",
                kimg=250,
                batch=32,
                optimizer=Optimizer(lr=1e-3, schedule="linear"),
            ),
            protocol=Protocol(
                "pix2pix-digits",
                extractor="lenet-mnist",
                n=10_000,
                metrics=("fd", "kid", "prdc", "l1", "psnr", "ssim"),
                split="test",
                summary="digits from the edges of the test split, beside the digits themselves",
            ),
            weights=Weights("6490d7046ab6bfe5d09c13b9e44aff06af6689f60c643ac26cc0345620feb359"),
            description="digits from their edges, 28 x 28",
        ),
        "facades": Preset(
            Config(source="swapped"),
            Recipe(
                data="pairs:facades",
                kimg=80,
                batch=1,
                optimizer=Optimizer(lr=2e-4, schedule="linear"),
                ema_kimg=1,
                mirror=True,
            ),
            protocol=Protocol(
                "pix2pix-pairs",
                extractor="projection",
                n=500,
                metrics=("l1", "psnr", "ssim", "fd"),
                split="test",
                summary="translations of the test split, beside what they should have been",
            ),
            description="photographs from plans of facades, 256 x 256, from the authors' files"
            " (photograph left, plan right); the published networks and 200 epochs of 400 pairs",
        ),
    },
    deviations=(
        Deviation(
            "instance norm, with gain and shift, instead of batch norm",
            "the same at the paper's batch of one image; at any other, no translation depends on"
            " the rest of its batch",
        ),
        Deviation(
            "dropout, the paper's only noise in training and at test time, takes its masks from the"
            " prior",
            "the same seed gives the same translations, in whatever batches they are made",
        ),
        Deviation(
            "the learning rate falls from the start, images are cropped to their centre",
            "the paper holds the rate for the first half, and crops at random: neither is a key",
        ),
        Deviation(
            "the generator is averaged",
            "as for all models of the library; the raw one is in the checkpoint",
        ),
        Deviation(
            "edges2digits: 4 levels instead of 8, patches of 16 x 16, dropout in 2 layers; edges"
            " are jumps of the grey level",
            "small images, and no other network is needed to draw their edges",
        ),
    ),
    healthy=(
        "On edges2digits discriminator/adv is 0.5 after the first thousand images, 0.23 after the"
        " third, and back at 0.5 after 16; generator/adv 1.1 to 1.9; generator/l1 falls from 57 to"
        " 6."
    ),
)

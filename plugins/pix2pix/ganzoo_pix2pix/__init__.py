"""pix2pix: image-to-image translation, learned from pairs (Isola et al. 2017)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.errors import ConfigError
from ganzoo.spec import Protocol
from ganzoo.spec.configs import Channels, Count, Size, Weight
from ganzoo.spec.deviations import AVERAGED_GENERATOR, DECAY_AND_CENTER_CROP
from ganzoo.spec.fields import Below


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

    def check(self) -> None:
        if self.size >> self.halvings < 3:
            raise ConfigError(f"halvings={self.halvings}: too many for size={self.size}")
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
    summary="Paired image translation: a U-Net and a discriminator of pairs of patches.",
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
                data="mnist", kimg=250, batch=32, optimizer=Optimizer(lr=1e-3, schedule="linear")
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
                summary="translations of the test split, beside their targets",
            ),
            description="photographs from plans of facades, 256 x 256, from the authors' files"
            " (photograph left, plan right); the published networks and 200 epochs of 400 pairs",
        ),
    },
    deviations=(
        Deviation(
            "instance norm, with gain and shift, instead of batch norm",
            "equal at the paper's batch size of 1; at any other, translations do not depend on the"
            " rest of the batch",
        ),
        Deviation(
            "the masks of dropout, the only noise in training and at test time, are in the prior",
            "the same seed gives the same translations for any batch size",
        ),
        DECAY_AND_CENTER_CROP,
        AVERAGED_GENERATOR,
        Deviation(
            "edges2digits: 4 levels instead of 8, patches of 16 x 16, dropout in 2 layers; edges"
            " are jumps of the gray level",
            "small images; no other network is needed to draw their edges",
        ),
    ),
    healthy="On edges2digits discriminator/adv is 0.5 after the first thousand images, 0.23 after"
    " the third and 0.5 again after 16; generator/adv is 1.1 to 1.9; generator/l1 falls from 57 to"
    " 6.",
)

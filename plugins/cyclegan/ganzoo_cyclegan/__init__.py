"""CycleGAN: images translated into images, learned without pairs (Zhu et al. 2017)."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import (
    DatasetSpec,
    Deviation,
    ExtractorSpec,
    ModelConfig,
    ModelSpec,
    Optimizer,
    Paper,
    Preset,
    Recipe,
    Weights,
)
from ganzoo.errors import ConfigError
from ganzoo.evaluation.protocols import LENET_SHA256
from ganzoo.spec.fields import AtLeast, MultipleOf
from ganzoo.spec.protocol import Protocol


@dataclass(frozen=True)
class Config(ModelConfig):
    """What the networks are built from, and what is asked of them."""

    channels: Annotated[int, AtLeast(1), "1 for grey, 3 for RGB"] = 3
    size: Annotated[
        int, AtLeast(1), MultipleOf(4), "height and width of the images, a multiple of 4"
    ] = 256
    width: Annotated[
        int, AtLeast(1), "feature maps next to the image; doubled with each halving"
    ] = 64
    blocks: Annotated[
        int, AtLeast(1), "residual blocks of a generator; the paper has 6 at 128 pixels"
    ] = 9
    halvings: Annotated[
        int, AtLeast(1), "of a discriminator: 3 judges patches of 70 x 70, 1 of 16 x 16"
    ] = 3
    cycle: Annotated[float, AtLeast(0), "weight of the way there and back"] = 10.0
    identity: Annotated[
        float, AtLeast(0), "weight of leaving alone what is there already, times cycle"
    ] = 0.5
    pool: Annotated[int, AtLeast(1), "earlier fakes that a discriminator is shown again"] = 50

    def check(self) -> None:
        if self.size >> self.halvings < 3:
            raise ConfigError(f"halvings={self.halvings}: too often for size={self.size}")


data = DatasetSpec(
    "ganzoo_cyclegan.digits:load",
    "Half of MNIST as sources, the other half inverted, 28 x 28, grey; no pairs but in test",
    "CC-BY-SA-3.0",
)

extractor = ExtractorSpec(
    "ganzoo_cyclegan.digits:InverseLeNet",
    "120 features of a digit classifier that ships with ganzoo, of inverted digits",
    "CC-BY-SA-3.0",
    sha256=LENET_SHA256,
    shape=(1, 28, 28),
)

spec = ModelSpec(
    model="ganzoo_cyclegan.model:CycleGAN",
    summary="Translates images, learned without pairs: there and back again must change nothing.",
    paper=Paper(
        "Zhu et al.",
        2017,
        "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks",
        "https://arxiv.org/abs/1703.10593",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "digits2inverse": Preset(
            Config(channels=1, size=28, width=16, blocks=2, halvings=1, identity=0.0),
            Recipe(
                data="digits-inverse",
                kimg=60,
                batch=8,
                optimizer=Optimizer(lr=1e-3, schedule="linear"),
                ema_kimg=2,
            ),
            protocol=Protocol(
                "cyclegan-digits",
                extractor="inverse-lenet",
                n=10_000,
                metrics=("fd", "kid", "prdc", "l1", "psnr", "ssim"),
                split="test",
                summary="inverted digits of the test split, beside the inverses themselves",
            ),
            weights=Weights("bcd142438955f3da53df8f1b40ed96f43ad4cc6345bda1738e16d2d48f0b7652"),
            description="black digits on white from white ones on black, 28 x 28",
        ),
        "horse2zebra": Preset(
            Config(),
            Recipe(
                data="unpaired:horse,zebra",
                kimg=267,
                batch=1,
                optimizer=Optimizer(lr=2e-4, schedule="linear"),
                ema_kimg=1,
                mirror=True,
            ),
            protocol=Protocol(
                "cyclegan-unpaired",
                extractor="projection",
                n=1_000,
                metrics=("fd", "kid", "prdc"),
                summary="translations beside the images that they are to be like",
            ),
            description="zebras from horses, 256 x 256; the published networks, and 200 epochs of"
            " the authors' 1,334 zebras",
        ),
    },
    deviations=(
        Deviation(
            "the discriminators are updated before the generators",
            "all four networks then learn from the same fakes, made once",
        ),
        Deviation(
            "the learning rate falls from the start, images are cropped to their centre",
            "the paper holds the rate for the first half, and crops at random: neither is a key",
        ),
        Deviation(
            "the generators are averaged",
            "as for all models of the library; the raw ones are in the checkpoint",
        ),
        Deviation(
            "digits2inverse: 16 maps, 2 blocks, patches of 16 x 16, no identity loss",
            "small images; a digit that is to be inverted has nothing that should stay",
        ),
    ),
    healthy=(
        "On digits discriminator/real and /source are 0.25, a guess, from the second thousand"
        " images on, generator/there and /back 0.27; the cycles fall from 1.7 after one thousand"
        " images to 0.7 after two and 0.4 after six. A cycle that stays above 1 has"
        " found no way back."
    ),
)

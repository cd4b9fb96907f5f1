"""Context encoder: what is missing is painted from what is around it (Pathak et al. 2016)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec.fields import AtLeast, Between, Doubled
from ganzoo.spec.protocol import Protocol


@dataclass(frozen=True)
class Config(ModelConfig):
    """What the networks are built from, and which holes they learn to fill."""

    channels: Annotated[int, AtLeast(1), "1 for grey, 3 for RGB"] = 3
    size: Annotated[
        int, Doubled(4, 7), "height and width of the images: 4 to 7 pixels, doubled a few times"
    ] = 128
    width: Annotated[
        int, AtLeast(1), "feature maps next to the image; doubled from the third layer on"
    ] = 64
    bottleneck: Annotated[int, AtLeast(1), "numbers that an image is reduced to"] = 4000
    holes: Annotated[
        Literal["rectangles", "centre"],
        "sides of a quarter to three quarters of the image's, anywhere; or half of them, centred",
    ] = "rectangles"
    adversarial: Annotated[
        float, Between(0, 1), "weight of the discriminator's opinion; 1 - it: of the error"
    ] = 0.001

    @property
    def halvings(self) -> int:
        """How often the image is halved until 4 to 7 pixels are left."""
        return max(0, self.size.bit_length() - 3)

    @property
    def widths(self) -> tuple[int, ...]:
        """Feature maps of the layers that halve the image: 64, 64, 128, 256, 512 at 128 pixels."""
        return tuple(self.width * 2 ** max(0, layer - 1) for layer in range(self.halvings))


spec = ModelSpec(
    model="ganzoo_context_encoder.model:ContextEncoder",
    summary="Inpainting: an encoder and a decoder paint what is missing, whatever its shape.",
    paper=Paper(
        "Pathak et al.",
        2016,
        "Context Encoders: Feature Learning by Inpainting",
        "https://arxiv.org/abs/1604.07379",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "mnist": Preset(
            Config(channels=1, size=28, width=32, bottleneck=256, adversarial=0.02),
            Recipe(
                data="mnist",
                kimg=500,
                optimizer=Optimizer(lr=2e-3, schedule="linear"),
                optimizers={"discriminator": Optimizer(lr=2e-4, schedule="linear")},
            ),
            protocol=Protocol(
                "context-encoder-digits",
                extractor="lenet-mnist",
                n=10_000,
                metrics=("fd", "l1", "psnr", "ssim"),
                split="test",
                summary="digits of the test split, repaired; errors over the whole image, most of"
                " which was there",
            ),
            weights=Weights("96cb16b9261b9b0b71f9478abfab1e61a713fc0923adfabae7912d7d21368248"),
            description="digits with a rectangle missing, 28 x 28",
        ),
        "folder128": Preset(
            Config(),
            Recipe(
                data="folder:images",
                kimg=5000,
                optimizer=Optimizer(lr=2e-3),
                optimizers={"discriminator": Optimizer(lr=2e-4)},
            ),
            protocol=Protocol(
                "context-encoder-images",
                extractor="projection",
                n=1_000,
                metrics=("l1", "psnr", "ssim", "fd"),
                summary="images of the training set, repaired; errors over the whole image, most"
                " of which was there",
            ),
            description="any images, 128 x 128; the networks of the authors' train_random.lua",
        ),
    },
    deviations=(
        Deviation(
            "the holes are rectangles; the image is kept where nothing is missing",
            "the paper's random regions are cut from one large pattern; the discriminator then"
            " judges what is handed out",
        ),
        Deviation(
            "holes are filled with mid-grey before the encoder, not with the mean colour",
            "nearly the same, for any number of channels",
        ),
        Deviation(
            "no overlap of 4 pixels, in which what is there is painted too",
            "what is there is kept; the authors' code for random regions has none either",
        ),
        Deviation(
            "the generator is averaged",
            "as for all models of the library; the raw one is in the checkpoint",
        ),
        Deviation(
            "mnist: two halvings, a bottleneck of 256, rates that fall to 0",
            "small images; trains on a CPU",
        ),
        Deviation(
            "mnist: the discriminator weighs 0.02 instead of 0.001",
            "with 0.001 it won and holes were filled with a blur: a distance of 76 instead of 24"
            " after 60 thousand images, 2,000 samples (one seed each)",
        ),
    ),
    healthy=(
        "On mnist discriminator/adv starts at 1.3, falls to 0.4 after 10 thousand images, and is"
        " back at 0.9 after 60; generator/adv, which has its weight in it, 0.02 to 0.05;"
        " generator/l2 falls from 0.5 to 0.35. At the paper's weight"
        " discriminator/adv falls to 0.01."
    ),
)

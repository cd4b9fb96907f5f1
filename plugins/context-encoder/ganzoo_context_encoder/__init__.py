"""Context encoder: inpainting by an encoder and a decoder (Pathak et al. 2016)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import Protocol
from ganzoo.spec.configs import Channels, Count, HalvableSize, halvings
from ganzoo.spec.deviations import AVERAGED_GENERATOR
from ganzoo.spec.fields import Between


@dataclass(frozen=True)
class Config(ModelConfig):
    """Encoder, decoder and discriminator, holes, and the weights of the losses."""

    channels: Channels = 3
    size: HalvableSize = 128
    width: Annotated[Count, "feature maps next to the image; doubled from the third layer on"] = 64
    bottleneck: Annotated[Count, "dimension of the code between encoder and decoder"] = 4000
    holes: Annotated[
        Literal["rectangles", "centre"],
        "random rectangles, sides 1/4 to 3/4 of the image's; or the center, sides 1/2",
    ] = "rectangles"
    adversarial: Annotated[
        float, Between(0, 1), "weight of the adversarial loss; 1 - adversarial: of the error"
    ] = 0.001

    @property
    def halvings(self) -> int:
        """Number of times that the size is halved until 4 to 7 pixels are left."""
        return halvings(self.size)

    @property
    def widths(self) -> tuple[int, ...]:
        """Feature maps of the strided layers: 64, 64, 128, 256, 512 at 128 pixels."""
        return tuple(self.width * 2 ** max(0, layer - 1) for layer in range(self.halvings))


spec = ModelSpec(
    model="ganzoo_context_encoder.model:ContextEncoder",
    summary="Inpainting: an encoder and a decoder fill holes of any shape.",
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
                summary="inpainted digits of the test split; errors over the whole image",
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
                summary="inpainted images of the training set; errors over the whole image",
            ),
            description="any images, 128 x 128; the networks of the authors' train_random.lua",
        ),
    },
    deviations=(
        Deviation(
            "holes are rectangles; pixels outside the hole are kept",
            "the paper cuts random regions from one large pattern; here the discriminator sees what"
            " `sample` returns",
        ),
        Deviation(
            "holes are filled with mid-gray before the encoder, not with the mean color",
            "nearly the same, for any number of channels",
        ),
        Deviation(
            "no overlap of 4 pixels in which known pixels are predicted too",
            "known pixels are kept; the authors' code for random regions has no overlap either",
        ),
        AVERAGED_GENERATOR,
        Deviation(
            "mnist: two halvings, a bottleneck of 256, learning rates that fall to 0",
            "small images; trains on a CPU",
        ),
        Deviation(
            "mnist: the adversarial loss has weight 0.02 instead of 0.001",
            "with 0.001 the discriminator won and holes were blurred: a distance of 76 instead of"
            " 24 after 60 thousand images, 2,000 samples (one seed each)",
        ),
    ),
    healthy="On mnist discriminator/adv starts at 1.3, falls to 0.4 after 10 thousand images and is"
    " at 0.9 after 60; generator/adv, its weight included, is 0.02 to 0.05; generator/l2 falls from"
    " 0.5 to 0.35. With the paper's weight discriminator/adv falls to 0.01.",
)

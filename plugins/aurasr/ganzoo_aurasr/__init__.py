"""AuraSR: enlarged images by GigaGAN's upsampler without text (Kang et al. 2023)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import Protocol
from ganzoo.spec.deviations import AVERAGED_GENERATOR
from ganzoo_aurasr.config import Config

__all__ = ["Config", "spec"]

DIGITS = Protocol(
    "aurasr-digits",
    extractor="lenet-mnist",
    n=10_000,
    metrics=("fd", "l1", "psnr", "ssim"),
    split="test",
    summary="digits of the test split from their quarters of 7 x 7, beside the digits themselves",
)


def _published(name: str, sha256: str, text: str) -> Preset:
    """A release of fal, for patches of 64 x 64."""
    weights = Weights(
        sha256,
        license="CC-BY-SA-4.0",
        repo=f"fal/{name}",
        path="model.safetensors",
        converter="ganzoo_aurasr.convert:upsampler",
        origin=f"https://huggingface.co/fal/{name}",
    )
    recipe = Recipe(data="folder:PHOTOS", kimg=10_000, optimizer=Optimizer(betas=(0.0, 0.99)))
    return Preset(Config(), recipe, "quick", weights, f"published: {text}")


spec = ModelSpec(
    model="ganzoo_aurasr.model:AuraSR",
    summary="Images of any size, 4 times as large: a U-Net whose kernels depend on a latent.",
    paper=Paper(
        "Kang et al.",
        2023,
        "Scaling up GANs for Text-to-Image Synthesis",
        "https://arxiv.org/abs/2303.05511",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "mnist": Preset(
            Config(
                channels=1,
                size=28,
                latent=16,
                style=32,
                mapping=2,
                widths=(32, 32, 16),
                halvings=0,
                blocks=1,
                kernels=2,
                attention=(1, 0, 0),
                heads=2,
                head=16,
                discriminator_width=16,
                adv=0.01,
            ),
            Recipe(
                data="mnist",
                kimg=100,
                batch=16,
                optimizer=Optimizer(lr=1e-3, betas=(0.0, 0.99), schedule="linear"),
                ema_kimg=2,
            ),
            protocol=DIGITS,
            description="digits of 28 x 28 from their quarters of 7 x 7",
        ),
        "v2": _published(
            "AuraSR-v2",
            "8a80b4546f3f49b9095733cb9699030409339e2f4eb0ae9c1ada14c7d21d4dde",
            "AuraSR v2, 4 times; Apache-2.0 by other statements of the publisher",
        ),
        "v1": _published(
            "AuraSR",
            "ff203dd1037ca14697a55f7c47129e2b11e7ef6315c2a4113d8e382a0d3fa7de",
            "AuraSR, the first version, 4 times",
        ),
    },
    deviations=(
        Deviation("no text, so no cross-attention", "as in the published weights"),
        Deviation(
            "tiles of a quarter's overlap fade into each other, all from one latent; the noise of"
            " a patch is repeated over larger images",
            "images of any size without seams, from a seed alone",
        ),
        Deviation(
            "L1 and a PatchGAN discriminator",
            "the paper's discriminator sees several scales; its perceptual and vision-aided losses"
            " need further networks",
        ),
        Deviation(
            "sources for training are the images scaled down (bicubic, antialiased)",
            "one data set of images is enough",
        ),
        Deviation("own recipe in the published presets", "the authors' is not public"),
        AVERAGED_GENERATOR,
    ),
    converters=("ganzoo_aurasr.convert:upsampler",),
    healthy="On mnist, in a run of six thousand images: generator/l1 is about 0.4 at first, 0.32"
    " after a thousand images and 0.15 to 0.2 after five; discriminator/adv falls from 1.37 to 0.15"
    " within five hundred images and then stays near 1.0.",
)

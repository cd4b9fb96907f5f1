"""GFPGAN: restoration of faces with StyleGAN2's decoder as a prior (Wang et al. 2021)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import Protocol
from ganzoo.spec.deviations import AVERAGED_GENERATOR
from ganzoo_gfpgan.config import Config

__all__ = ["Config", "spec"]

REPOSITORY = "https://github.com/TencentARC/GFPGAN"
DIGITS = Protocol(
    "gfpgan-digits",
    extractor="lenet-mnist",
    n=10_000,
    metrics=("fd", "l1", "psnr", "ssim"),
    split="test",
    summary="digits of the test split from their quarters of 7 x 7, beside the digits themselves",
)


def _published(version: str, sha256: str, text: str) -> Preset:
    """A release for faces of 512 x 512."""
    weights = Weights(
        sha256,
        license="Apache-2.0",
        url=f"{REPOSITORY}/releases/download/v1.3.0/GFPGANv{version}.pth",
        size=348_632_874,
        converter="ganzoo_gfpgan.convert:clean",
        origin=REPOSITORY,
    )
    recipe = Recipe(data="folder:FFHQ", kimg=9600, batch=12, optimizer=Optimizer(lr=2e-3))
    return Preset(Config(), recipe, "quick", weights, f"published: GFPGAN {version}, {text}")


spec = ModelSpec(
    model="ganzoo_gfpgan.model:GFPGAN",
    summary="Restored faces: a U-Net modulates the decoder of StyleGAN2.",
    paper=Paper(
        "Wang et al.",
        2021,
        "Towards Real-World Blind Face Restoration with Generative Facial Prior",
        "https://arxiv.org/abs/2101.04061",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "mnist": Preset(
            Config(
                channels=1,
                size=28,
                widths=(32, 32, 16),
                style=16,
                factor=4,
                l1=1.0,
                pyramid=0.5,
                adv=0.01,
                r1=0.0,
            ),
            Recipe(
                data="mnist",
                kimg=100,
                batch=16,
                optimizer=Optimizer(lr=2e-3, betas=(0.0, 0.99), schedule="linear"),
                ema_kimg=2,
            ),
            protocol=DIGITS,
            description="digits of 28 x 28 from their quarters of 7 x 7",
        ),
        "v14": _published(
            "1.4",
            "e2cd4703ab14f4d01fd1383a8a8b266f9a5833dacee8e6a79d3bf21a1b6be5ad",
            "aligned faces, 512 x 512; more details than v13",
        ),
        "v13": _published(
            "1.3",
            "c953a88f2727c85c3d9ae72e2bd4846bbaf59fe6972ad94130e23e7017524a70",
            "aligned faces, 512 x 512; natural results for damaged faces",
        ),
    },
    deviations=(
        Deviation(
            "faces must be aligned: eyes and mouth at the places of FFHQ's, 512 x 512",
            "detection, alignment and pasting back are another program's work",
        ),
        Deviation(
            "the noise of each layer is that of the file, not drawn",
            "the same face gives the same result",
        ),
        Deviation(
            "no perceptual, identity and facial component losses",
            "they need further networks; L1 at all resolutions and the adversarial loss remain",
        ),
        Deviation(
            "sources for training are the images scaled down and up",
            "the authors also blur them and add noise and JPEG artifacts",
        ),
        Deviation(
            "the decoder is trained from the start", "the authors start from a trained StyleGAN2"
        ),
        AVERAGED_GENERATOR,
    ),
    converters=("ganzoo_gfpgan.convert:clean",),
    healthy="On mnist, in a run of a thousand images: generator/l1 falls from 0.85 to 0.33 and"
    " generator/pyramid from 0.89 to 0.31; discriminator/adv falls from 1.36 to 0.62.",
)

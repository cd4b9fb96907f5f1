"""R3GAN: a relativistic loss with R1 and R2, and modern ResNets (Huang et al. 2024)."""

from dataclasses import replace

from ganzoo import Deviation, ModelSpec, Paper, Preset, Recipe, Weights
from ganzoo_r3gan.config import Config
from ganzoo_r3gan.published import OPTIMIZER, PRESETS

__all__ = ["Config", "spec"]

spec = ModelSpec(
    model="ganzoo_r3gan.model:R3GAN",
    summary="A relativistic loss with two gradient penalties, residual networks, no tricks.",
    paper=Paper(
        "Huang et al.",
        2024,
        "The GAN is dead; long live the GAN! A Modern Baseline GAN",
        "https://arxiv.org/abs/2501.05441",
    ),
    license="Apache-2.0",
    pickled_classes=("R3GAN.", "BaselineGAN."),
    presets={
        "mnist": Preset(
            Config(
                channels=1,
                size=28,
                widths=(96, 32, 8),
                blocks=(3, 1, 1),
                group=8,
                gamma=2.0,
                gamma_end=0.2,
                decay_kimg=200.0,
            ),
            Recipe(
                data="mnist",
                kimg=200,
                batch=16,
                optimizer=replace(OPTIMIZER, lr=2e-3),
                ema_kimg=5,
            ),
            protocol="mnist-lenet",
            weights=Weights("a95358b03f565ee919274a187ebb192a61cb01f13074373643249cbdd78187f3"),
            description="digits, 28 x 28",
        ),
        **PRESETS,
    },
    deviations=(
        Deviation(
            "no augmentation, unless --augment diff",
            "the paper raises the strength of StyleGAN2-ADA's along a fixed schedule; here scores"
            " steer it, and those of this model are relative. Without augmentation the"
            " discriminator can memorize small data sets",
        ),
        Deviation(
            "beta2 is 0.99 from the start, not from 0.9 on", "a recipe's betas have no schedule"
        ),
        Deviation(
            "the half-life of the average grows linearly, not along a cosine",
            "a recipe's ramp is linear; it ends at the same half-life, after as many images",
        ),
        Deviation(
            "training ends where the schedules end",
            "the official code continues with the last values; `--kimg` does not: the learning"
            " rate's schedule is as long as the run, that of gamma is `decay_kimg`",
        ),
        Deviation(
            "published weights are computed in float32 unless asked otherwise",
            "the official program computes the finest stages in bfloat16; its float32 answers are"
            " the same as ours",
        ),
        Deviation(
            "mnist: three blocks of 96 maps at 7 x 7, then one of 32 and one of 8, groups of 8;"
            " batch 16, learning rate 2e-3, gamma from 2 to 0.2",
            "the paper has no recipe for digits; a CPU trains 100 images per second with this one."
            " In runs of four minutes (one seed each) a small batch and many maps at low resolution"
            " helped most; at 4e-3 all samples were alike",
        ),
    ),
    healthy="On digits, over 200 thousand images: discriminator/adv is 0.48 after one thousand,"
    " 0.28 after three, 0.6 from 45 to 130 (log 2 = 0.69: it can hardly tell), 0.53 at the end;"
    " generator/adv is 2.2 after three, then about 1; both penalties, their weight included, are"
    " below 0.07.",
    converters=("ganzoo_r3gan.convert:official",),
)

"""BigGAN: large class-conditional GANs of images (Brock et al. 2019)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import deviations
from ganzoo_biggan.config import Config
from ganzoo_biggan.published import PUBLISHED
from ganzoo_biggan.settings import CIFAR, CIFAR_RECIPE

__all__ = ["Config", "spec"]

DIGITS = Optimizer(lr=2e-3, betas=(0.0, 0.99), schedule="linear")

spec = ModelSpec(
    model="ganzoo_biggan.model:BigGAN",
    summary="Class-conditional images; self-attention, a part of the latent for each block.",
    paper=Paper(
        "Brock et al.",
        2019,
        "Large Scale GAN Training for High Fidelity Natural Image Synthesis",
        "https://arxiv.org/abs/1809.11096",
    ),
    license="Apache-2.0",
    presets={
        "mnist": Preset(
            Config(
                channels=1,
                size=28,
                latent=60,
                classes=10,
                widths=(64, 32, 8),
                attention=(1,),
                embedding=32,
                discriminator_widths=(8, 32, 64),
                discriminator_halvings=2,
                discriminator_attention=(1,),
            ),
            Recipe(data="mnist", kimg=32, batch=16, optimizer=DIGITS),
            protocol="mnist-lenet",
            weights=Weights("689b91e3917cfe3716ab6b00705ea1bc6ed516361e91317db7745a7e99a25390"),
            description="digits of a given class, 28 x 28",
        ),
        "cifar10": Preset(
            CIFAR,
            CIFAR_RECIPE,
            description="small photographs of a given class, 32 x 32; BigGAN-PyTorch's networks",
        ),
        **PUBLISHED,
    },
    converters=(
        "ganzoo_biggan.convert:ajbrock",
        "ganzoo_biggan.convert:studiogan",
        "ganzoo_biggan.convert:mmgen",
        "ganzoo_biggan.convert_deep:huggingface",
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
            "initial weights are Glorot-uniform, not orthogonal",
            "spectral norm scales both alike; making the largest layers orthogonal takes a minute",
        ),
        Deviation(
            "`truncation` scales normal latents; those of BigGAN-deep are cut off at two before",
            "as BigGAN-PyTorch and the published BigGAN-deep do; the paper draws latents anew until"
            " they are below the truncation",
        ),
        Deviation(
            "published weights keep their spectral norm; in BigGAN-deep it is folded into the"
            " weights, and that generator has no discriminator and cannot be trained",
            "its discriminator was never published",
        ),
        Deviation(
            "SAGAN and cifar10: no spectral norm in the class embeddings",
            "folded where published weights have it, which changes nothing until they are trained",
        ),
        Deviation(
            "mnist: widths that shrink where the image doubles, one rate from 2e-3 to 0, batch 16,"
            " 32 thousand images",
            "trains on a CPU; no other setting was tried. The digits are of the right class, but"
            " alike: recall 0.08",
        ),
        deviations.CIFAR_DISCRIMINATOR_FIRST,
    ),
    healthy="discriminator/adv is 2 where it cannot tell. On digits it was 1.7 after one thousand"
    " images, 1.9 after five and 1.65 to 1.85 from ten thousand on; generator/adv was 0.2 to 0.4.",
)

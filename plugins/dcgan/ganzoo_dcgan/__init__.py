"""DCGAN: strided convolutions and batch normalization (Radford et al. 2015)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo_dcgan.config import Config
from ganzoo_dcgan.published import PUBLISHED

__all__ = ["Config", "spec"]

spec = ModelSpec(
    model="ganzoo_dcgan.model:DCGAN",
    summary="The convolutional GAN: transposed convolutions up, strided convolutions down.",
    paper=Paper(
        "Radford et al.",
        2015,
        "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial"
        " Networks",
        "https://arxiv.org/abs/1511.06434",
    ),
    license="Apache-2.0",
    pickled_classes=("models.utils.config.BaseConfig",),
    presets={
        "mnist": Preset(
            Config(channels=1, size=28, width=32, r1=1.0),
            Recipe(data="mnist", kimg=1500, optimizer=Optimizer(lr=8e-3, schedule="linear")),
            protocol="mnist-lenet",
            weights=Weights("6da0fd028f204efae0100b5be151a658e8f436b01af87b7d8bdf046f53e416b0"),
            description="digits, 28 x 28",
        ),
        "cifar10": Preset(
            Config(size=32),
            Recipe(data="cifar10", kimg=12_800),
            description="small photographs of ten classes, 32 x 32",
        ),
        "celeba64": Preset(
            Config(),
            Recipe(data="celeba", kimg=5000, batch=128),
            description="faces, 64 x 64; the networks of the paper's figure 1",
        ),
        **PUBLISHED,
    },
    converters=(
        "ganzoo_dcgan.convert:tutorial",
        "ganzoo_dcgan.convert:mmgen",
        "ganzoo_dcgan.convert:gan_zoo",
        "ganzoo_dcgan.convert:blocks",
        "ganzoo_dcgan.convert:studiogan",
    ),
    deviations=(
        Deviation(
            "4 x 4 kernels and half the paper's width, latents normal instead of uniform",
            "the PyTorch version, which later papers compare with",
        ),
        Deviation(
            "the generator is averaged",
            "a little better in a short run, equal in a long one; the raw one is in the checkpoint",
        ),
        Deviation(
            "mnist: 28 x 28 from 7 x 7 in two doublings, 32 maps; learning rate from 8e-3 to 0",
            "the paper has no MNIST recipe; 2e-3 was worse after 100 thousand images (one seed)",
        ),
        Deviation(
            "mnist: an R1 penalty on every fourth step (Mescheder et al. 2018)",
            "without it the discriminator won, and the distance of the whole recipe was three times"
            " as large (one seed each); `--set r1=0` disables it",
        ),
    ),
    healthy="discriminator/adv starts between 1.3 and 2.1 and falls to about 1.1 with R1, to 0.1 to"
    " 1.1 without; generator/adv is 0.8 to 4. A discriminator below 0.05 with a generator above 8"
    " has won: lower its learning rate, or set r1.",
)

"""WGAN-GP: a critic with a gradient penalty (Gulrajani et al. 2017)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec.deviations import EQUAL_BATCHES
from ganzoo_wgan_gp.config import Config
from ganzoo_wgan_gp.published import PUBLISHED

__all__ = ["Config", "spec"]

spec = ModelSpec(
    model="ganzoo_wgan_gp.model:WGANGP",
    summary="Wasserstein GAN with gradient penalty: a critic without batch norm, trained 5 to 1.",
    paper=Paper(
        "Gulrajani et al.",
        2017,
        "Improved Training of Wasserstein GANs",
        "https://arxiv.org/abs/1704.00028",
    ),
    license="Apache-2.0",
    presets={
        "mnist": Preset(
            Config(
                channels=1, size=28, latent=100, width=32, network="conv", critic_updates=1, group=4
            ),
            Recipe(
                data="mnist",
                kimg=1500,
                optimizer=Optimizer(lr=3e-3, betas=(0.0, 0.9), schedule="linear"),
            ),
            protocol="mnist-lenet",
            weights=Weights("942be6865de6a89e102f1745d2df3523c8eb3ea6480d9ea6bc3c9edc7e1f4af4"),
            description="digits, 28 x 28",
        ),
        "cifar10": Preset(
            Config(),
            Recipe(
                data="cifar10",
                kimg=6400,
                optimizer=Optimizer(lr=2e-4, betas=(0.0, 0.9), schedule="linear"),
            ),
            description="small photographs of ten classes, 32 x 32; the paper's ResNet",
        ),
        **PUBLISHED,
    },
    converters=(
        "ganzoo_wgan_gp.convert:mimicry",
        "ganzoo_wgan_gp.convert:mmgen",
        "ganzoo_wgan_gp.convert:blocks",
    ),
    deviations=(
        EQUAL_BATCHES,
        Deviation(
            "images are not dequantized with noise",
            "8-bit images in [-1, 1] for all models; the noise is below a gray level",
        ),
        Deviation(
            "the generator is averaged",
            "as in all models of ganzoo; in a short run it was slightly worse than the raw one,"
            " which is in the checkpoint",
        ),
        Deviation(
            "mnist: 4 x 4 strided convolutions, 32 maps, no norm in the critic; learning rate from"
            " 3e-3 to 0, one critic update instead of five",
            "like the paper's small MNIST network; on a CPU five updates, or 1e-3, were worse after"
            " the same time (one seed each)",
        ),
        Deviation(
            "mnist: a minibatch standard deviation over groups of 4 rows in the critic (Karras et"
            " al. 2018, who add it to this loss)",
            "the penalty is on each row's gradient, which then includes its group's scores. After"
            " 120 thousand images the distance was 106 with it and 142 without (one seed each);"
            " `--set group=1` disables it",
        ),
    ),
    healthy="discriminator/adv is minus the Wasserstein estimate: negative, rising to 0. On digits"
    " it was -15 after one thousand images, -0.8 after 190, -1.0 at the end, where the rate is low;"
    " discriminator/penalty was 6.5, 0.13 and 0.08. generator/adv has no scale and may drift.",
)

"""Lightweight GAN: images from few photographs (Liu et al. 2021; lucidrains)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe
from ganzoo.spec.deviations import AVERAGED_GENERATOR
from ganzoo_lightweight.config import Config

__all__ = ["Config", "spec"]

spec = ModelSpec(
    model="ganzoo_lightweight.model:LightweightGAN",
    summary="Images from a few hundred photographs: FastGAN's generator in a lighter version.",
    paper=Paper(
        "Liu et al.",
        2021,
        "Towards Faster and Stabilized GAN Training for High-fidelity Few-shot Image Synthesis",
        "https://arxiv.org/abs/2101.04775",
    ),
    license="Apache-2.0",
    presets={
        "mnist": Preset(
            Config(
                channels=1,
                size=28,
                latent=32,
                widths=(32, 16),
                attention=(),
                discriminator_width=16,
            ),
            Recipe(
                data="mnist",
                kimg=160,
                batch=16,
                optimizer=Optimizer(lr=1e-3, betas=(0.5, 0.9), schedule="linear"),
                ema_kimg=5,
            ),
            protocol="mnist-lenet",
            description="digits, 28 x 28",
        ),
        "folder256": Preset(
            Config(),
            Recipe(
                data="folder:images",
                kimg=1500,
                batch=10,
                optimizer=Optimizer(lr=2e-4, betas=(0.5, 0.9)),
                ema_kimg=5,
                augment="diff",
            ),
            description="a few hundred photographs, 256 x 256, from a folder images",
            few=True,
        ),
        "photos64": Preset(
            Config(
                size=64,
                latent=128,
                widths=(64, 32, 32, 16),
                attention=(),
                discriminator_width=16,
            ),
            Recipe(
                data="folder:images",
                kimg=200,
                batch=16,
                optimizer=Optimizer(lr=3e-4, betas=(0.5, 0.9)),
                ema_kimg=5,
                mirror=True,
                augment="diff",
            ),
            description="a few hundred photographs, 64 x 64, from a folder images; hours on a CPU",
            few=True,
        ),
    },
    deviations=(
        Deviation(
            "the generator is that of github.com/lucidrains/lightweight-gan: pixel shuffle and blur"
            " in the place of nearest neighbors, global context in that of pooling, attention",
            "its files are read; `projected` has FastGAN's own generator",
        ),
        Deviation(
            "the noise of each layer is drawn with the latents",
            "a sample depends on its seed alone",
        ),
        Deviation(
            "the discriminator is FastGAN's with one decoder and an L1 reconstruction, not two and"
            " a perceptual loss; images to reconstruct are not augmented",
            "no further network is needed; augmentation is the recipe's, in front of the scores",
        ),
        Deviation(
            "photos64: 64 x 64 with a 25th of folder256's parameters, no attention, no excitation;"
            " batch 16, mirrored images, learning rate 3e-4",
            "it trains on a CPU: on 300 photographs in 1.9 hours of two threads; samples show"
            " their objects. At a rate of 1e-3 shapes appeared and vanished (one seed)",
        ),
        Deviation(
            "mnist: two doublings from 7 x 7, no attention, no excitation",
            "small images; trains on a CPU",
        ),
        AVERAGED_GENERATOR,
    ),
    converters=("ganzoo_lightweight.convert:lightweight",),
    healthy="On mnist, in a run of three thousand images: discriminator/reconstruction falls from 1"
    " to 0.22 after two thousand and 0.06 after three, when samples begin to look like digits;"
    " discriminator/adv is 1.6, then 0.9.",
)

"""The first GAN: two multilayer perceptrons (Goodfellow et al. 2014)."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec.fields import AtLeast


@dataclass(frozen=True)
class Config(ModelConfig):
    """Sizes of the images and of the networks."""

    channels: Annotated[int, AtLeast(1), "1 for gray, 3 for RGB"] = 1
    size: Annotated[int, AtLeast(1), "height and width of the images, in pixels"] = 28
    latent: Annotated[int, AtLeast(1), "latent dimension"] = 100
    hidden: Annotated[tuple[int, ...], AtLeast(1), "widths of the generator's hidden layers"] = (
        256,
        512,
        1024,
    )


spec = ModelSpec(
    model="ganzoo_vanilla.model:Vanilla",
    summary="The first GAN: a generator and a discriminator, both multilayer perceptrons.",
    paper=Paper(
        "Goodfellow et al.", 2014, "Generative Adversarial Nets", "https://arxiv.org/abs/1406.2661"
    ),
    license="Apache-2.0",
    presets={
        "mnist": Preset(
            Config(),
            Recipe(
                data="mnist",
                kimg=2000,
                batch=128,
                optimizer=Optimizer(lr=1e-3, schedule="linear"),
                ema_kimg=20,
            ),
            protocol="mnist-lenet",
            weights=Weights("d490b17af188eb6bb134b564e10fec3a14ab94988a6fd9537ccc46be66420f6d"),
            description="digits, 28 x 28",
        ),
    },
    deviations=(
        Deviation(
            "leaky ReLU and Adam, from 1e-3 to 0, instead of maxout, dropout and SGD",
            "the usual vanilla GAN today; a constant 2e-4 was worse than a constant 1e-3 after 200"
            " thousand images (one seed)",
        ),
        Deviation(
            "latents are normal, images in [-1, 1] with tanh, instead of uniform and sigmoid",
            "all models of ganzoo share one range and one prior",
        ),
        Deviation(
            "the generator is averaged",
            "it halved the distance in a short run; the raw one is in the checkpoint",
        ),
    ),
    healthy="discriminator/adv starts at 2 ln 2 = 1.39 and stays between 0.7 and 1.3; below 0.2 the"
    " discriminator has won. generator/adv is 0.8 to 2.",
)

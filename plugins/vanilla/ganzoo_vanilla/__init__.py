"""The first GAN: two multilayer perceptrons (Goodfellow et al. 2014)."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec.fields import AtLeast


@dataclass(frozen=True)
class Config(ModelConfig):
    """What the networks are built from."""

    channels: Annotated[int, AtLeast(1), "1 for grey, 3 for RGB"] = 1
    size: Annotated[int, AtLeast(1), "height and width of the images, in pixels"] = 28
    latent: Annotated[int, AtLeast(1), "numbers that a sample is made from"] = 100
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
            "this is what everybody calls the vanilla GAN today; at a constant 2e-4 the"
            " distance was larger than at a constant 1e-3, one seed, 200 thousand images",
        ),
        Deviation(
            "latents are normal, images in [-1, 1] with tanh, instead of uniform and sigmoid",
            "one range and one prior for all models of the library",
        ),
        Deviation(
            "the generator is averaged",
            "it halved the distance in a short run; the raw one is in the checkpoint",
        ),
    ),
    healthy=(
        "discriminator/adv starts at 2 ln 2 = 1.39 and stays between 0.7 and 1.3; below 0.2 the"
        " discriminator has won. generator/adv between 0.8 and 2."
    ),
)

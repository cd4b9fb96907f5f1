"""Answers of the aurasr plugin to the official network; see tests/parity.py of the repository."""

import parity
from ganzoo_aurasr import Config, convert
from ganzoo_aurasr.networks import noisy


def upsampler(case):
    gan = parity.load("aurasr", convert.upsampler, case.state(case.config["constructor"]))
    network, inputs = gan.generator, case.inputs
    source, latent, noise = inputs["img"], inputs["noise"], inputs["image_noise"]
    return {
        "img_no_image_noise": network(source, latent),
        "img_image_noise": network(noisy(source, noise), latent),
        "styles": network.mapping(latent),
    }


SMALL_CONFIG = Config(
    size=16,
    latent=4,
    style=6,
    mapping=2,
    widths=(12, 8, 4, 4),
    halvings=1,
    blocks=2,
    kernels=2,
    attention=(1, 1, 0, 0),
    heads=2,
    head=4,
    discriminator_width=4,
)
FAMILIES = {"aura-sr": upsampler}
SMALL = {"aurasr": ("aurasr", SMALL_CONFIG)}

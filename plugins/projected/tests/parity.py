"""Answers of our generator for the folders of official FastGAN answers; see tests/parity.py."""

import parity
import torch
from ganzoo_projected import Config
from ganzoo_projected.convert import projected
from torch import Tensor


def fastgan(case: parity.Case) -> dict[str, Tensor]:
    """Images, with the given noise or without; some answers have every second row and column."""
    gan = parity.load("projected", projected, case.state())
    label = case.inputs["c"].argmax(1) if "c" in case.inputs else case.inputs.get("y")
    count = sum(name.startswith("noise_") for name in case.inputs)
    given = [case.inputs[f"noise_{each}"].flatten(1) for each in range(count)]
    images = {}
    for name, official in case.answers.items():
        noise = torch.cat(given, 1) if given and "no_noise" not in name else None
        image = gan.generator(case.inputs["z"], label, noise)
        step = image.shape[-1] // official.shape[-1]
        images[name] = image[..., ::step, ::step]
    return images


FAMILIES = {"projected-gan-fastgan": fastgan}

SMALL = {
    "projected-lite-classes": (
        "projected",
        Config(
            size=64,
            latent=8,
            width=2,
            lite=True,
            classes=3,
            seen=64,
            maps=2,
            backbone_weights="random",
        ),
    ),
    "projected-fastgan": (
        "projected",
        Config(
            size=64,
            latent=8,
            width=2,
            noise=True,
            variant="fastgan",
            seen=64,
            maps=2,
            backbone_weights="random",
        ),
    ),
}

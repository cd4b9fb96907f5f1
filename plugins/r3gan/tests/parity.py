"""Answers of our networks for the folders of official R3GAN answers; see tests/parity.py."""

import parity
import torch
from ganzoo_r3gan import Config
from ganzoo_r3gan.convert import official
from torch import Tensor


def r3gan(case: parity.Case) -> dict[str, Tensor]:
    """Images, the first layers, and the discriminator's logits."""
    gan = parity.load("r3gan", official, case.state())
    x, seen = case.inputs["z"], case.inputs["d_img"]
    label = d_label = None
    if "c" in case.inputs:
        label, d_label = case.inputs["c"].argmax(1), case.inputs["d_c"].argmax(1)
    latent = x if label is None else torch.cat([x, gan.generator.embedding(label)], 1)
    basis = gan.generator.stages[0](latent)
    return {
        "basis": basis,
        "stage0": gan.generator.stages[1 : 1 + gan.config.blocks[0]](basis),
        "img": gan.generator(x, label),
        "d_logits": gan.discriminator(seen, d_label)[:, 0],
    }


FAMILIES = {"r3gan": r3gan}

SMALL = {
    "r3gan-classes": (
        "r3gan",
        Config(size=16, latent=8, classes=5, widths=(16, 16, 8), blocks=(1, 2, 1), group=8),
    ),
    "r3gan-groups": (
        "r3gan",
        Config(
            size=8, latent=4, classes=3, widths=(8, 12), blocks=(1, 1), groups=(2, 3), embedding=6
        ),
    ),
}

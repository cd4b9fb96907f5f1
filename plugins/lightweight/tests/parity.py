"""Answers of the lightweight plugin to the official network; see tests/parity.py."""

import parity
import torch
from ganzoo_lightweight import Config, convert


def lightweight(case):
    generator = parity.load("lightweight", convert.lightweight, case.state()).generator
    planes = [case.inputs[f"noise_{number}"].flatten(1) for number in range(5)]
    return {
        "img_no_noise": generator(case.inputs["z"])[..., ::2, ::2],
        "img_noise": generator(case.inputs["z"], torch.cat(planes, 1)),
    }


FAMILIES = {"lightweight-gan": lightweight}
SMALL = {
    "lightweight": (
        "lightweight",
        Config(size=80, latent=6, widths=(8, 6, 6, 4), attention=(10,), discriminator_width=4),
    )
}

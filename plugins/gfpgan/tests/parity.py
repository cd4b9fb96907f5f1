"""Answers of the gfpgan plugin to the official network; see tests/parity.py of the repository."""

import parity
from ganzoo_gfpgan import Config, convert


def clean(case):
    gan = parity.load("gfpgan", convert.clean, case.state())
    images = case.inputs["img"]
    own = gan.generator.encoder.images(images)
    return {"img": gan.generator(images), "rgb_first": own[0], "rgb_last": own[-1][..., ::2, ::2]}


FAMILIES = {"gfpgan-clean": clean}
SMALL = {"gfpgan": ("gfpgan", Config(size=16, widths=(8, 8, 4), style=4))}

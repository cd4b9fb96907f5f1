"""Answers of the lama plugin to the official network; see tests/parity.py of the repository."""

import parity
import torch
from ganzoo_lama import Config, convert


def lama(case):
    gan = parity.load("lama", convert.lama, case.state())
    images, mask = case.inputs["img"], case.inputs["mask"]
    x = torch.cat([images * (1 - mask), mask], 1)
    maps = gan.generator.encode(x)
    first = gan.generator.blocks[0](maps)
    local = gan.generator.blocks[0].first.convolution.local_maps
    return {
        "img": gan.generator(x),
        "inpainted": gan.sample(source=images * 2 - 1, mask=mask) / 2 + 0.5,
        "block0_global": first[:, local:],
        "bottleneck_local": maps[:, :local],
        "bottleneck_global": maps[:, local:],
    }


FAMILIES = {"lama": lama}
SMALL = {
    "lama": (
        "lama",
        Config(
            width=4,
            downsamplings=2,
            blocks=1,
            discriminator_width=4,
            size=28,
            discriminator_halvings=2,
        ),
    ),
}

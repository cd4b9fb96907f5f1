"""Weights that others published."""

from collections.abc import Mapping

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_dcgan.config import Config

MMGEN = "https://download.openmmlab.com/mmgen/dcgan/dcgan_"
MMGEN_PAGE = "https://github.com/open-mmlab/mmgeneration/blob/ccd1f56c10/configs/dcgan/README.md"


def _mmgen(
    file: str, summary: str, recipe: Recipe, scores: Mapping[str, float], channels: int = 3
) -> Preset:
    """A checkpoint of mmgeneration; the name ends with the first digits of its hash."""
    weights = Weights(
        file.rpartition("-")[2],
        license="Apache-2.0",
        url=f"{MMGEN}{file}.pth",
        converter="ganzoo_dcgan.convert:mmgen",
        origin=MMGEN_PAGE,
        scores=scores,
    )
    config = Config(channels=channels, width=128, outer_bias=True, slope=0.01)
    return Preset(config, recipe, weights=weights, description=f"{summary}; published")


PUBLISHED: Mapping[str, Preset] = {
    "mnist64-huggan": Preset(
        Config(channels=1),
        Recipe(data="mnist", kimg=300, batch=128),
        weights=Weights(
            "",
            license="unstated",
            repo="huggan/dcgan-mnist",
            path="pytorch_model.bin",
            converter="ganzoo_dcgan.convert:tutorial",
            origin="https://huggingface.co/huggan/dcgan-mnist",
        ),
        description="digits, 64 x 64, PyTorch's tutorial network trained by huggan; published",
    ),
    "mnist64-mmgen": _mmgen(
        "mnist-64_b128x1_Glr4e-4_Dlr1e-4_5k_20210512_163926-207a1eaf",
        "digits, 64 x 64",
        Recipe(
            data="mnist",
            kimg=640,
            batch=128,
            optimizers={"generator": Optimizer(lr=4e-4), "discriminator": Optimizer(lr=1e-4)},
        ),
        {"SWD": 11.32, "MS-SSIM": 0.1395},
        channels=1,
    ),
    "celeba64-mmgen": _mmgen(
        "celeba-cropped_64_b128x1_300kiter_20210408_161607-1f8a2277",
        "faces, 64 x 64",
        Recipe(data="celeba", kimg=38_400, batch=128),
        {"SWD": 23.26, "MS-SSIM": 0.2899},
    ),
    "bedroom64-mmgen": _mmgen(
        "lsun-bedroom_64_b128x1_5e_20210408_161713-117c498b",
        "bedrooms, 64 x 64",
        Recipe(data="folder:lsun-bedroom", kimg=15_165, batch=128),
        {"SWD": 58.6, "MS-SSIM": 0.2095},
    ),
}

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


XYFJASON = "https://github.com/xyfJASON/GANs-Implementations"


def _xyfjason(folder: str, summary: str, scores: Mapping[str, float]) -> Preset:
    """A checkpoint of GANs-Implementations: no hash is stored, so it is never downloaded."""
    weights = Weights(
        "",
        license="MIT",
        repo="xyfJASON/GANs-Implementations",
        revision="63c8a26d27e435896c08499561a9513b4b1e8d22",
        path=f"{folder}/ckpt/best/model.pt",
        converter="ganzoo_dcgan.convert:blocks",
        origin=XYFJASON,
        scores=scores,
    )
    recipe = Recipe(data="cifar10", kimg=20_480, batch=512, optimizer=Optimizer(lr=8e-4))
    config = Config(size=32, width=256, outer_bias=True)
    about = f"small photographs of ten classes, 32 x 32, {summary}; published"
    return Preset(config, recipe, weights=weights, description=about)


STUDIOGAN_RUNS = {
    "cifar10-studiogan": (
        "20_39_29",
        50_000,
        "e693dc410b8afd81c16b4a3092d4239d71ce4eda05163f91e73ed6598243325e",
    ),
    "cifar10-studiogan-2": (
        "20_32_07",
        26_000,
        "99c9ce17abb91668ce78e795e92b51a2309e02684e429a328c103d184755f60d",
    ),
    "cifar10-studiogan-3": (
        "20_40_00",
        18_000,
        "5ec98edaab4b6dceddc5b68ab7ea0669db271e211fc10247880eb8eedb0b3651",
    ),
}
"""Runs of StudioGAN's DCGAN by preset: time of the run, step of the best weights, hash."""


def _studiogan(time: str, step: int, sha256: str) -> Preset:
    run = f"CIFAR10_tailored/CIFAR10-DCGAN-train-2022_01_11_{time}"
    weights = Weights(
        sha256,
        license="MIT",
        repo="Mingguksky/PyTorch-StudioGAN",
        revision="7297a41ca14de2b5016e79d6deacf9d10f5144d4",
        path=f"studiogan_official_ckpt/{run}/model=G-best-weights-step={step}.pth",
        converter="ganzoo_dcgan.convert:studiogan",
        origin="https://github.com/POSTECH-CVLab/PyTorch-StudioGAN",
    )
    return Preset(
        Config(size=32, latent=128, network="standard"),
        Recipe(data="cifar10", kimg=step * 64 / 1000),
        weights=weights,
        description=f"small photographs of ten classes, 32 x 32, StudioGAN, step {step}; published",
    )


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
    "fashion64-gan-zoo": Preset(
        Config(),
        Recipe(data="folder:fashiongen", kimg=3000, batch=16),
        weights=Weights(
            "",
            license="BSD-3-Clause",
            url="https://dl.fbaipublicfiles.com/gan_zoo/DCGAN_fashionGen-1d67302.pth",
            converter="ganzoo_dcgan.convert:gan_zoo",
            origin="https://github.com/facebookresearch/pytorch_GAN_zoo",
        ),
        description="clothes, 64 x 64, of pytorch_GAN_zoo; published",
    ),
    "cifar10-xyfjason": _xyfjason(
        "gan_cifar10", "GANs-Implementations", {"FID50k": 24.7311, "IS": 7.0339}
    ),
    "cifar10-r1-xyfjason": _xyfjason(
        "gan_r1reg_cifar10",
        "GANs-Implementations, with R1",
        {"FID50k": 24.1535, "IS": 7.0188},
    ),
    **{name: _studiogan(*run) for name, run in STUDIOGAN_RUNS.items()},
}

"""Presets of mmgeneration: BigGAN and SAGAN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ganzoo import Preset, Recipe, Weights
from ganzoo_biggan.config import Config
from ganzoo_biggan.settings import (
    CIFAR,
    CIFAR_RECIPE,
    CLASSES,
    LARGE,
    LARGE_SAGAN,
    LARGE_SAGAN_RECIPE,
    PAPER,
    SAGAN,
    SAGAN_RECIPE,
)

PAGE = "https://github.com/open-mmlab/mmgeneration"
FILES = "https://download.openmmlab.com/mmgen"


def _preset(
    path: str,
    config: Config,
    recipe: Recipe,
    converter: str,
    fid: float,
    inception: float,
) -> Preset:
    """A preset of mmgeneration; the file's name ends in the beginning of its hash."""
    weights = Weights(
        path.rpartition("-")[2],
        license="MIT" if "cvt" in path or "convert" in path else "Apache-2.0",
        url=f"{FILES}/{path}.pth",
        converter=f"ganzoo_biggan.convert:{converter}",
        origin=PAGE,
        classes=CLASSES if config.classes == 1000 else "",
        scores={"FID50k": fid, "IS": inception},
    )
    images = (
        "photographs of ImageNet's classes"
        if config.classes == 1000
        else "small photographs of a given class"
    )
    model = "SAGAN" if path.startswith("sagan") else "BigGAN"
    return Preset(
        config,
        recipe,
        weights=weights,
        description=f"{images}, {config.size} x {config.size}, mmgeneration's {model}; published",
    )


def _inplace(config: Config) -> Config:
    return replace(config, relu_shortcut=True)


LONG_SAGAN = replace(LARGE_SAGAN, eps=1e-5)
SAGAN32, SAGAN128 = (
    "sagan/sagan_cifar10_32_lr2e-4_ndisc5_b64x1",
    "sagan/sagan_imagenet1k_128_Glr1e-4_Dlr4e-4_ndisc1_b32x4",
)
BIGGAN128 = "biggan/biggan_imagenet1k_128x128"

FROM_MMGEN = {
    "cifar10-mmgen": (
        "biggan/biggan_cifar10_32x32_b25x2_500k_20210728_110906-08b61a44",
        CIFAR, CIFAR_RECIPE, "mmgen", 9.78, 8.70,
    ),
    "imagenet128-mmgen": (
        f"{BIGGAN128}_b32x8_best_fid_iter_1232000_20211111_122548-5315b13d",
        _inplace(LARGE), replace(PAPER, kimg=315_392), "mmgen", 8.69, 101.15,
    ),
    "imagenet128-is-mmgen": (
        f"{BIGGAN128}_b32x8_best_is_iter_1328000_20211111_122911-28c688bc",
        _inplace(LARGE), replace(PAPER, kimg=339_968), "mmgen", 13.51, 129.07,
    ),
    "imagenet128-ajbrock-mmgen": (
        f"{BIGGAN128}_cvt_BigGAN-PyTorch_rgb_20210730_125223-3e353fef",
        LARGE, PAPER, "mmgen_rgb", 10.14, 96.73,
    ),
    "cifar10-sagan-mmgen": (
        f"{SAGAN32}_woReUinplace_fid-iter480000_20210730_125449-d50568a4",
        SAGAN, SAGAN_RECIPE, "mmgen", 9.43, 9.32,
    ),
    "cifar10-sagan-is-mmgen": (
        f"{SAGAN32}_woReUinplace_is-iter400000_20210730_125743-4008a9ca",
        SAGAN, SAGAN_RECIPE, "mmgen", 10.50, 9.32,
    ),
    "cifar10-sagan-inplace-mmgen": (
        f"{SAGAN32}_wReLUinplace_fid-iter460000_20210730_125155-cbefb354",
        _inplace(SAGAN), SAGAN_RECIPE, "mmgen_inplace", 10.78, 9.21,
    ),
    "cifar10-sagan-inplace-is-mmgen": (
        f"{SAGAN32}_wReLUinplace_is-iter380000_20210730_124937-c77b4d25",
        _inplace(SAGAN), SAGAN_RECIPE, "mmgen_inplace", 11.78, 9.23,
    ),
    "cifar10-sagan-studiogan": (
        "sagan/sagan_32_cifar10_convert-studio-rgb_20210730_153321-080da7e2",
        _inplace(SAGAN), SAGAN_RECIPE, "mmgen_studio", 10.20, 9.12,
    ),
    "imagenet128-sagan-mmgen": (
        f"{SAGAN128}_woReLUinplace_fid-iter950000_20210730_163431-d7916963",
        LARGE_SAGAN, LARGE_SAGAN_RECIPE, "mmgen", 34.78, 28.49,
    ),
    "imagenet128-sagan-is-mmgen": (
        f"{SAGAN128}_woReLUinplace_is-iter980000_20210730_163140-cfbebfc6",
        LARGE_SAGAN, LARGE_SAGAN_RECIPE, "mmgen", 36.77, 31.59,
    ),
    "imagenet128-sagan-long-mmgen": (
        "sagan/sagan_128_woReLUinplace_noaug_bigGAN_imagenet1k_b32x8_Glr1e-4_Dlr-4e-4_ndisc1"
        "_20210818_210232-3f5686af",
        LONG_SAGAN, PAPER, "mmgen", 12.83, 69.54,
    ),
    "imagenet128-sagan-studiogan": (
        "sagan/sagan_128_imagenet1k_convert-studio-rgb_20210730_153357-eddb0d1d",
        _inplace(LARGE_SAGAN), LARGE_SAGAN_RECIPE, "mmgen_studio", 40.12, 27.37,
    ),
}  # fmt: skip
"""File, networks, recipe, converter, FID and Inception score over 50 thousand samples."""


MMGENERATION: Mapping[str, Preset] = {name: _preset(*each) for name, each in FROM_MMGEN.items()}

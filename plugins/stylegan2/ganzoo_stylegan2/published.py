"""Presets of StyleGAN2: digits, own photographs, and the published checkpoints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_stylegan2 import Config

ADA = "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained"
NGC = "https://api.ngc.nvidia.com/v2/models/nvidia/research/stylegan2/versions/1/files"
CLIBDEV = "https://github.com/clibdev/stylegan2-pytorch"
COPIES: dict[str, Any] = {
    "repo": "aaronb/StyleGAN2-pkl",
    "revision": "7d9a80d433e2a63592e73622d3606d600f1fd46e",
}
"""Copies of NVIDIA's files with a known hash."""
PAPER = Recipe(
    data="folder:images",
    kimg=25_000,
    batch=32,
    optimizer=Optimizer(lr=2e-3, betas=(0.0, 0.99)),
    ema_ramp=0.0,
    mirror=True,
)
"""Configuration F (Karras et al. 2020); images of 1024 x 1024."""
SMALLER = replace(PAPER, batch=64, optimizer=Optimizer(lr=2.5e-3, betas=(0.0, 0.99)), ema_kimg=20.0)
"""Images of 256 x 256 and 512 x 512 in the second paper."""


def widths(size: int, base: int = 32_768) -> tuple[int, ...]:
    """Feature maps from 4 x 4 on: base / resolution, at most 512."""
    return tuple(min(512, base >> level) for level in range(2, size.bit_length()))


def published(
    config: Config,
    recipe: Recipe,
    data: str,
    about: str,
    sha256: str = "",
    converter: str = "nvidia",
    origin: str = "https://github.com/NVlabs/stylegan2-ada-pytorch",
    **place: Any,
) -> Preset:
    """A preset with NVIDIA's weights.

    Args:
        config: of the networks.
        recipe: the paper's, for other data.
        data: data set to train on.
        about: description.
        sha256: of the file; empty if it is not known.
        converter: function of `ganzoo_stylegan2.convert`.
        origin: page of the publication.
        place: further fields of `Weights`.
    """
    weights = Weights(
        sha256,
        license="NVIDIA-Source-Code-License-NC",
        terms="https://nvlabs.github.io/stylegan2-ada-pytorch/license.html",
        converter=f"ganzoo_stylegan2.convert:{converter}",
        origin=origin,
        **place,
    )
    return Preset(
        config,
        replace(recipe, data=data),
        weights=weights,
        description=f"{about}, {config.size} x {config.size}; published",
    )


def converted(
    name: str, size: int, sha256: str, kimg: float, r1: float = 100.0, **more: Any
) -> Preset:
    """A preset of the first paper, with weights that others converted for rosinality's code."""
    return published(
        Config(size=size, widths=widths(size), clamp=0.0, r1=r1),
        replace(PAPER, kimg=kimg, mirror=False),
        f"folder:{name}",
        "faces, FFHQ" if name == "ffhq" else f"LSUN {name}",
        sha256,
        converter="rosinality",
        origin=CLIBDEV,
        url=f"{CLIBDEV}/releases/latest/download/stylegan2-{name}-config-f.pt",
        **more,
    )


FULL = Config(size=1024, widths=widths(1024))
HALF = Config(size=512, widths=widths(512), group=8, r1=0.5)
QUARTER = Config(size=256, widths=widths(256, 16_384), group=8, r1=1.0)
"""Configurations of the papers by resolution."""
SMALL = Config(
    size=32,
    classes=10,
    mapping=2,
    widths=widths(32),
    discriminator="orig",
    group=32,
    r1=0.01,
    path_length=0.0,
    mixing=0.0,
)
DIGITS = Config(
    channels=1,
    size=28,
    latent=64,
    w_dim=64,
    mapping=2,
    widths=(64, 32, 16),
    group=8,
    group_maps=4,
    clamp=0.0,
    r1=1.0,
    path_length=0.0,
    mixing=0.0,
)

PRESETS = {
    "mnist": Preset(
        DIGITS,
        Recipe(
            data="mnist",
            kimg=200,
            batch=16,
            optimizer=Optimizer(lr=2.5e-3, betas=(0.0, 0.99), schedule="cosine"),
            ema_kimg=5,
        ),
        protocol="mnist-lenet",
        weights=Weights("7d4e0e079b2a5570e183e640299165469660a6340538aad69943b567da431b29"),
        description="digits, 28 x 28",
    ),
    "folder256": Preset(
        QUARTER,
        SMALLER,
        description="photographs, 256 x 256, from a folder images; the paper's networks",
    ),
    "ffhq1024": published(
        FULL,
        PAPER,
        "folder:ffhq1024",
        "faces, FFHQ",
        "a205a346e86a9ddaae702e118097d014b7b8bd719491396a162cca438f2f524c",
        url=f"{ADA}/ffhq.pkl",
        size=381_624_121,
    ),
    "ffhq512": published(
        HALF,
        SMALLER,
        "folder:ffhq512",
        "faces, FFHQ",
        "d2b1c92f41ce8a64c55f7a75ef06c4c0eef9e17b1eb29aae8c10fb37b3e60478",
        url=f"{NGC}/stylegan2-ffhq-512x512.pkl",
    ),
    "ffhq256": published(
        QUARTER,
        SMALLER,
        "folder:ffhq256",
        "faces, FFHQ",
        url=f"{NGC}/stylegan2-ffhq-256x256.pkl",
    ),
    "afhqcat512": published(
        HALF,
        SMALLER,
        "folder:afhq-cat",
        "cats, AFHQ",
        "17a83abee464242f8bb40dc6363d33c2fb087066b68fc0147677fdbf21f7a7a9",
        url=f"{NGC}/stylegan2-afhqcat-512x512.pkl",
    ),
    "afhqdog512": published(
        HALF,
        SMALLER,
        "folder:afhq-dog",
        "dogs, AFHQ",
        "f124ff3f23206052473a7212cbc1f4e095a73c231500411e9c3b81a11eac3662",
        path="ada/afhqdog.pkl",
        **COPIES,
    ),
    "afhqwild512": published(
        HALF,
        SMALLER,
        "folder:afhq-wild",
        "wild animals, AFHQ",
        url=f"{ADA}/afhqwild.pkl",
    ),
    "metfaces1024": published(
        FULL,
        PAPER,
        "folder:metfaces",
        "faces in works of art, MetFaces",
        "880a460d011a3696c088f58f5844b44271b17903963f2671f96f72dfbce5f76f",
        path="ada/metfaces.pkl",
        **COPIES,
    ),
    "brecahad512": published(
        HALF,
        SMALLER,
        "folder:brecahad",
        "breast cancer tissue, BreCaHAD",
        "f9f0c2766187aff4c3424c4a5a67d52c503672f28cf08eab645382523b7a5161",
        path="ada/brecahad.pkl",
        **COPIES,
    ),
    "cifar10": published(
        SMALL,
        replace(SMALLER, kimg=100_000, ema_kimg=500.0, ema_ramp=0.05),
        "cifar10",
        "small photographs of a given class",
        url=f"{ADA}/cifar10.pkl",
    ),
    "ffhq1024-clibdev": converted(
        "ffhq",
        1024,
        "37dd0b9722af1788f016f1472416cfdbf6628777ddd8345d57cca15efdac4e89",
        kimg=25_000,
        r1=10.0,
        scores={"FID50k": 2.81},
    ),
    "car512": converted(
        "car",
        512,
        "7dcf0b90bf687a75293ba8df8d923be34ee134b183029d9f426634b079f85c9d",
        kimg=57_000,
        r1=10.0,
        scores={"FID50k": 5.43},
    ),
    "cat256": converted(
        "cat",
        256,
        "af199066967dcaa3bdf51e396084970c447799f593fcfb93d9c2c655475e39bb",
        kimg=88_000,
    ),
    "church256": converted(
        "church",
        256,
        "59fd45db3f66219f947aa5273ea981fd543e899d00e6b8690b1be9c66d4a1a36",
        kimg=48_000,
    ),
    "horse256": converted(
        "horse",
        256,
        "c4bfc90b2e855dad434dafc02e74a4906b2f07fecd7006159147d45dc7c42fd4",
        kimg=100_000,
    ),
}

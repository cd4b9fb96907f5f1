"""Weights that others published: BigGAN, BigGAN-deep and SAGAN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_biggan.config import Config
from ganzoo_biggan.mmgeneration import MMGENERATION
from ganzoo_biggan.settings import CIFAR_RECIPE, CLASSES, LARGE, PAPER, SAGAN

AJBROCK = "https://github.com/ajbrock/BigGAN-PyTorch"
DRIVE = "https://drive.google.com/open?id="
DEEP_PAGE = "https://github.com/huggingface/pytorch-pretrained-BigGAN"
DEEP_FILES = "https://s3.amazonaws.com/models.huggingface.co/biggan"
STUDIOGAN = "https://github.com/POSTECH-CVLab/PyTorch-StudioGAN"

STUDIO = replace(
    SAGAN, latent=80, widths=(384,) * 4, embedding=128, hierarchical=True, relu_shortcut=True
).mirrored()
STUDIO_PETS = Config(
    size=256,
    latent=140,
    classes=3,
    widths=(1536, 1536, 768, 768, 384, 192, 96),
    attention=(),
).mirrored()
IN_STUDIO: dict[str, Any] = {"eps": 1e-4, "relu_shortcut": True, "discriminator_updates": 2}

STUDIO_RECIPE = replace(
    CIFAR_RECIPE,
    kimg=5248,
    batch=64,
    optimizer=Optimizer(lr=2e-4, betas=(0.5, 0.999)),
    ema_kimg=444,
)
STUDIO_LARGE_RECIPE = replace(
    PAPER,
    kimg=51_200,
    batch=256,
    optimizer=Optimizer(lr=5e-5, betas=(0.0, 0.999)),
    optimizers={"discriminator": Optimizer(lr=2e-4, betas=(0.0, 0.999))},
    ema_kimg=1774,
)


def deep_config(size: int, multiples: tuple[int, ...]) -> Config:
    """BigGAN-deep; every second block doubles the size.

    Args:
        size: of the images.
        multiples: feature maps before and after each block, in 128.
    """
    return Config(
        size=size,
        latent=128,
        widths=tuple(128 * each for each in multiples),
        doublings=tuple(range(2, len(multiples), 2)),
        attention=(8,),
        hierarchical=False,
        statistics=51,
        eps=1e-4,
        discriminator_widths=(64,),
        discriminator_halvings=1,
        discriminator_attention=(),
    )


DEEP = {
    128: (deep_config(128, (*(16,) * 4, 8, 8, 4, 4, 2, 2, 1)), {"FID50k": 5.95, "IS": 107.2}),
    256: (
        deep_config(256, (*(16,) * 4, *(8,) * 4, 4, 4, 2, 2, 1)),
        {"FID50k": 11.32, "IS": 135.1},
    ),
    512: (
        deep_config(512, (*(16,) * 4, *(8,) * 4, 4, 4, 2, 2, 1, 1, 1)),
        {"FID50k": 16.87, "IS": 124.4},
    ),
}
"""Scores are mmgeneration's."""


def deep(size: int) -> Preset:
    """A generator of DeepMind, as huggingface converted it: only one has a known hash."""
    config, scores = DEEP[size]
    place: dict[str, Any] = {
        "sha256": "",
        "url": f"{DEEP_FILES}/biggan-deep-{size}-pytorch_model.bin",
    }
    if size == 128:
        place = {
            "sha256": "b86146a8cfcde4cda135adba4b2806f78b3abe2dac9d0fd090cc3ab318604ad9",
            "repo": "osanseviero/BigGAN-deep-128",
            "revision": "af0640a119a2486b24eed0985d6d54e734890bff",
            "path": "pytorch_model.bin",
        }
    weights = Weights(
        **place,
        license="Apache-2.0",
        converter="ganzoo_biggan.convert_deep:huggingface",
        origin=DEEP_PAGE,
        classes=CLASSES,
        scores=scores,
    )
    about = (
        f"photographs of ImageNet's classes, {size} x {size}, BigGAN-deep; published, sampling only"
    )
    return Preset(config, PAPER, weights=weights, description=about)


def ajbrock(drive: str, steps: int, scores: Mapping[str, float]) -> Preset:
    """BigGAN of Andrew Brock: no hash is published."""
    weights = Weights(
        "",
        license="MIT",
        url=f"{DRIVE}{drive}",
        converter="ganzoo_biggan.convert:ajbrock",
        origin=AJBROCK,
        classes=CLASSES,
        scores=scores,
    )
    about = f"photographs of ImageNet's classes, 128 x 128, {steps} thousand steps; published"
    return Preset(
        LARGE, replace(PAPER, kimg=2.048 * 1000 * steps), weights=weights, description=about
    )


def studiogan(path: str, sha256: str, config: Config, recipe: Recipe, about: str) -> Preset:
    """A generator of PyTorch-StudioGAN."""
    weights = Weights(
        sha256,
        license="MIT",
        repo="Mingguksky/PyTorch-StudioGAN",
        revision="7297a41ca14de2b5016e79d6deacf9d10f5144d4",
        path=f"studiogan_official_ckpt/{path}.pth",
        converter="ganzoo_biggan.convert:studiogan",
        origin=STUDIOGAN,
        classes=CLASSES if config.classes == 1000 else "",
    )
    about = f"{about}, {config.size} x {config.size}, StudioGAN's BigGAN; published"
    return Preset(config, recipe, weights=weights, description=about)


PUBLISHED: Mapping[str, Preset] = {
    **{f"imagenet{size}": deep(size) for size in DEEP},
    "imagenet128-ajbrock": ajbrock("1nAle7FCVFZdix2--ks0r5JBkFnKw8ctW", 138, {"IS": 97.35}),
    "imagenet128-ajbrock-100k": ajbrock("1dmZrcVJUAWkPBGza_XgswSuT-UODXZcO", 100, {}),
    **MMGENERATION,
    "imagenet128-studiogan": studiogan(
        "ImageNet_tailored/ImageNet-BigGAN-256-train-2022_02_13_09_14_45"
        "/model=G-best-weights-step=200000",
        "ac7534cae31e30808104af0b8affaaa7e757add86da22aa1f51279793b7cc088",
        replace(LARGE, **IN_STUDIO),
        replace(STUDIO_LARGE_RECIPE, ema_kimg=0),
        "photographs of ImageNet's classes",
    ),
    "cifar10-30p-studiogan": studiogan(
        "Efficient-CIFAR10-30%/CIFAR10_30p-BigGAN-LeCam-train-2022_02_22_12_14_37"
        "/model=G_ema-best-weights-step=82000",
        "b96ea98d72352db282538fc9b803a9431ddc67b3ef2f47679686266765fa5790",
        STUDIO,
        STUDIO_RECIPE,
        "small photographs, from 30 % of CIFAR-10",
    ),
    "afhqv2-studiogan": studiogan(
        "Efficient-AFHQ-V2-256/AFHQv2-BigGAN-256Res-DiffAug-LeCam-train-2022_03_02_16_04_20"
        "/model=G_ema-best-weights-step=12000",
        "bab0ebbe06b35294cd79a2d0bfabff2248084c2e5fd1a95cdbeda9c1c9f39d69",
        replace(STUDIO_PETS, **IN_STUDIO),
        replace(STUDIO_LARGE_RECIPE, data="folder:afhqv2", kimg=768, batch=64, ema_kimg=444),
        "cats, dogs and wild animals",
    ),
}

"""Presets of the paper's networks, with the weights that its authors published."""

from dataclasses import dataclass, replace

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_r3gan.config import Config

OPTIMIZER = Optimizer(lr=2e-4, betas=(0.0, 0.99), schedule="cosine", lr_end=5e-5)

HUB = "https://huggingface.co/brownvc"


@dataclass(frozen=True)
class Release:
    """Training and published file of one data set (Huang et al. 2024, appendix)."""

    config: Config
    recipe: Recipe
    repo: str
    fid: float
    description: str
    path: str = "network-snapshot-final.pkl"
    sha256: str = ""
    revision: str = ""
    size: int = 0


def recipe(data: str, batch: int, ema_kimg: float, kimg: float = 20_000) -> Recipe:
    """The paper's training; the half-life of the average grows until the end."""
    return Recipe(
        data=data,
        kimg=kimg,
        batch=batch,
        optimizer=OPTIMIZER,
        ema_kimg=ema_kimg,
        ema_ramp=ema_kimg / kimg,
        fresh_fakes=True,
        mirror=True,
    )


FACES = Config(size=64, widths=(*[768] * 4, 384), blocks=(2,) * 5, gamma=2.0, gamma_end=0.2)
IMAGENET = Config(
    classes=1000,
    widths=(1536,) * 4,
    group=32,
    gamma=0.5,
    gamma_end=0.05,
    decay_kimg=200_000.0,
)

RELEASES = {
    "cifar10": Release(
        Config(classes=10),
        recipe("cifar10", 512, 5000),
        "R3GAN-CIFAR10",
        1.96,
        "small photographs of a given class, 32 x 32",
    ),
    "ffhq64": Release(
        FACES,
        recipe("folder:ffhq64", 256, 500),
        "R3GAN-FFHQ-64x64",
        1.95,
        "faces, 64 x 64, from a folder ffhq64",
    ),
    "ffhq256": Release(
        replace(
            FACES,
            size=256,
            widths=(*FACES.widths, 192, 96),
            blocks=(2,) * 7,
            gamma=150.0,
            gamma_end=15.0,
        ),
        recipe("folder:ffhq256", 256, 500),
        "R3GAN-FFHQ-256x256",
        2.75,
        "faces, 256 x 256, from a folder ffhq256",
        sha256="2e8e6ba20ff42766fb21b67dd45ae865da29dc00b7dab890be16735e3fb8fc5d",
    ),
    "imagenet32": Release(
        IMAGENET,
        recipe("folder:imagenet32", 4096, 50_000, 200_000),
        "R3GAN-ImgNet-32x32",
        1.27,
        "photographs of a given class, 32 x 32, from a folder imagenet32",
        path="ImageNet-32x32.pkl",
        sha256="72af437b11d1de94c992562163cd024af99071775c30f81437a33c5ee80932c3",
        revision="9679ea76811579d5facd10d177da0434ba3791f9",
        size=2365383011,
    ),
    "imagenet64": Release(
        replace(IMAGENET, size=64, widths=(1536,) * 5, blocks=(2,) * 5, gamma=1.0, gamma_end=0.1),
        recipe("folder:imagenet64", 4096, 50_000, 200_000),
        "R3GAN-ImgNet-64x64",
        2.09,
        "photographs of a given class, 64 x 64, from a folder imagenet64",
    ),
}


def weights(release: Release) -> Weights:
    """The published file; the authors state no license."""
    page = f"{HUB}/{release.repo}"
    return Weights(
        release.sha256,
        license="unstated",
        repo=f"brownvc/{release.repo}",
        path=release.path,
        revision=release.revision,
        size=release.size,
        converter="ganzoo_r3gan.convert:official",
        origin=page,
        terms=page,
        scores={"FID50k": release.fid},
    )


PRESETS = {
    name: Preset(
        each.config,
        each.recipe,
        weights=weights(each),
        description=f"{each.description}; published by the paper's authors",
    )
    for name, each in RELEASES.items()
}

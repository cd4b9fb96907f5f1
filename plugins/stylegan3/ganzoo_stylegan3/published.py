"""Presets of StyleGAN3: digits, and the published checkpoints."""

from __future__ import annotations

from dataclasses import replace

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_stylegan3 import Config

NGC = "https://api.ngc.nvidia.com/v2/models/nvidia/research/stylegan3/versions/1/files"
ORIGIN = "https://github.com/NVlabs/stylegan3"
LICENSE = "NVIDIA-Source-Code-License-NC"
TERMS = "https://nvlabs.github.io/stylegan2-ada-pytorch/license.html"
PAPER = Recipe(
    data="folder:images",
    kimg=25_000,
    batch=32,
    optimizer=Optimizer(lr=2.5e-3, betas=(0.0, 0.99)),
    optimizers={"discriminator": Optimizer(lr=2e-3, betas=(0.0, 0.99))},
    mirror=True,
)
KNOWN = {
    "t-ffhq-1024x1024": "efd9fa1f967a11b5390399a8ed512dc32e341c245fa2d4dafa6d94e96222085b",
}
"""Hashes of the files that are known."""
SCORES = {
    "t-ffhq-1024x1024": 2.79,
    "r-ffhq-1024x1024": 3.07,
    "t-ffhqu-256x256": 4.62,
    "r-ffhqu-256x256": 4.50,
    "t-afhqv2-512x512": 4.04,
    "r-afhqv2-512x512": 4.40,
}
"""FID of 50,000 samples, as published."""
DATA = {
    "ffhq": ("faces, FFHQ", 1024),
    "ffhqu": ("unaligned faces, FFHQ-U", 1024),
    "ffhqu256": ("unaligned faces, FFHQ-U", 256),
    "afhqv2": ("animal faces, AFHQv2", 512),
    "metfaces": ("faces in works of art, MetFaces", 1024),
    "metfacesu": ("unaligned faces in works of art, MetFaces-U", 1024),
}


def official(kind: str, data: str) -> Preset:
    """A preset with NVIDIA's weights.

    Args:
        kind: configuration, t or r.
        data: a key of DATA.
    """
    about, size = DATA[data]
    name = data.removesuffix("256")
    file = f"{kind}-{name}-{size}x{size}"
    half = 2 if size == 256 else 1
    rotations = {"base": 65_536 // half, "most": 1024, "kernel": 1, "radial": True}
    config = Config(
        size=size,
        base=32_768 // half,
        discriminator_base=32_768 // half,
        r1=2.0 * (size / 256) ** 2,
    )
    weights = Weights(
        KNOWN.get(file, ""),
        license=LICENSE,
        size=294_775_112 if file in KNOWN else 0,
        url=f"{NGC}/stylegan3-{file}.pkl",
        converter="ganzoo_stylegan3.convert:nvidia",
        origin=ORIGIN,
        terms=TERMS,
        scores={"FID50k": SCORES[file]} if file in SCORES else {},
    )
    return Preset(
        replace(config, **rotations) if kind == "r" else config,  # type: ignore[arg-type] # by name
        replace(PAPER, data=f"folder:{name}"),
        weights=weights,
        description=f"{about}, {size} x {size}, configuration {kind.upper()}; published",
    )


PRESETS = {
    "mnist": Preset(
        Config(
            channels=1,
            size=32,
            latent=64,
            w_dim=64,
            layers=4,
            base=192,
            most=24,
            discriminator_base=512,
            discriminator_most=64,
            clamp=0.0,
            r1=0.5,
        ),
        Recipe(
            data="mnist",
            kimg=50,
            batch=16,
            optimizer=Optimizer(lr=2.5e-3, betas=(0.0, 0.99), schedule="cosine"),
            ema_kimg=5,
        ),
        description="digits, 32 x 32",
    ),
    **{f"{kind}-{data}": official(kind, data) for data in DATA for kind in ("t", "r")},
    "t-lhq256": Preset(
        Config(size=256, r1=2.0),
        replace(PAPER, data="folder:lhq"),
        weights=Weights(
            "cdf396b1e68a7da77faa292b3360e97bab42d12f0817016616a2146b8ed4a10a",
            license=LICENSE,
            repo="justinpinkney/stylegan3-t-lhq-256",
            revision="bc80be416c3660d93e8a7421bc451a6d31a8a1ae",
            path="lhq-256-stylegan3-t-25Mimg.pkl",
            size=343_475_703,
            converter="ganzoo_stylegan3.convert:nvidia",
            origin="https://huggingface.co/justinpinkney/stylegan3-t-lhq-256",
            terms=TERMS,
        ),
        description="landscapes, LHQ, 256 x 256, configuration T; published by J. Pinkney",
    ),
}

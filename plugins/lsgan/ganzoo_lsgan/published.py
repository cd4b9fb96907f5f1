"""Weights that others published: mmgeneration's LSGANs and Geometric GANs, and two others."""

from collections.abc import Mapping
from dataclasses import replace

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_lsgan.config import Config

MMGEN = "https://download.openmmlab.com/mmgen"
PAGE = "https://github.com/open-mmlab/mmgeneration/blob/ccd1f56c10/configs"
BEDROOMS = "folder:lsun-bedroom"

DCGAN64 = Config(size=64, width=128, slope=0.01)
DCGAN128 = Config(size=128, width=64, discriminator_width=128, slope=0.01)
PAPER64 = Config(size=64, latent=1024, network="paper")
PAPER128 = Config(size=128, latent=1024, network="paper")


def _recipe(data: str, lr: float, batch: int, kimg: float) -> Recipe:
    return Recipe(data, kimg, batch, Optimizer(lr=lr, betas=(0.5, 0.99)))


def _preset(
    config: Config, recipe: Recipe, summary: str, file: str, fid: float, sha256: str
) -> Preset:
    kind, _, _ = file.partition("_")
    hinge = "_hinge" if config.loss == "hinge" else ""
    weights = Weights(
        sha256,
        license="Apache-2.0",
        url=f"{MMGEN}/{kind}/{file}{'-' if sha256 else ''}{sha256}.pth",
        converter=f"ganzoo_lsgan.convert:mmgen_{config.network}{hinge}",
        origin=f"{PAGE}/{kind}/README.md",
        scores={"FID50k": fid},
    )
    return Preset(config, recipe, weights=weights, description=f"{summary}; published")


PUBLISHED: Mapping[str, Preset] = {
    "celeba64": _preset(
        DCGAN64,
        _recipe("celeba", 1e-3, 128, 12_800),
        "faces, 64 x 64",
        "lsgan_celeba-cropped_dcgan-archi_lr-1e-3_64_b128x1_12m_20210429_144001",
        11.9258,
        "92ca1d0d",
    ),
    "bedroom64": _preset(
        DCGAN64,
        _recipe(BEDROOMS, 1e-4, 128, 12_800),
        "bedrooms, 64 x 64",
        "lsgan_lsun-bedroom_dcgan-archi_lr-1e-4_64_b128x1_12m_20210429_144602",
        30.7390,
        "ec4ec6bb",
    ),
    "celeba128": _preset(
        DCGAN128,
        _recipe("celeba", 1e-4, 64, 10_240),
        "faces, 128 x 128",
        "lsgan_celeba-cropped_dcgan-archi_lr-1e-4_128_b64x1_10m_20210429_144229",
        38.3752,
        "01ba67dc",
    ),
    "bedroom128": _preset(
        PAPER128,
        _recipe(BEDROOMS, 1e-4, 64, 10_240),
        "bedrooms, 128 x 128; the paper's networks",
        "lsgan_lsun-bedroom_lsgan-archi_lr-1e-4_128_b64x1_10m_20210429_155605",
        51.5500,
        "cf78c0a8",
    ),
    "celeba64-ggan": _preset(
        replace(DCGAN64, loss="hinge"),
        _recipe("celeba", 1e-3, 128, 12_800),
        "faces, 64 x 64, Geometric GAN",
        "ggan_celeba-cropped_dcgan-archi_lr-1e-3_64_b128x1_12m",
        20.1797,
        "",
    ),
    "celeba128-ggan": _preset(
        replace(DCGAN128, loss="hinge"),
        _recipe("celeba", 1e-4, 64, 10_240),
        "faces, 128 x 128, Geometric GAN",
        "ggan_celeba-cropped_dcgan-archi_lr-1e-4_128_b64x1_10m_20210430_143027",
        18.7647,
        "516423dc",
    ),
    "bedroom64-ggan": _preset(
        replace(PAPER64, loss="hinge"),
        _recipe(BEDROOMS, 1e-4, 128, 20_480),
        "bedrooms, 64 x 64, Geometric GAN; the paper's networks",
        "ggan_lsun-bedroom_lsgan_archi_lr-1e-4_64_b128x1_20m_20210430_143114",
        85.6629,
        "5d99b76c",
    ),
    "cifar10-xyfjason": Preset(
        Config(width=256),
        Recipe("cifar10", 20_480, 512, Optimizer(lr=8e-4)),
        weights=Weights(
            "",
            license="MIT",
            repo="xyfJASON/GANs-Implementations",
            revision="63c8a26d27e435896c08499561a9513b4b1e8d22",
            path="lsgan_cifar10/ckpt/best/model.pt",
            converter="ganzoo_lsgan.convert:blocks",
            origin="https://github.com/xyfJASON/GANs-Implementations",
            scores={"FID50k": 28.4850, "IS": 6.7465},
        ),
        description="small photographs of ten classes, 32 x 32, GANs-Implementations; published",
    ),
    "cifar10-studiogan": Preset(
        Config(latent=128, network="standard"),
        Recipe("cifar10", 12_800),
        weights=Weights(
            "9792d3aaa42c5130d64af980ee2beb59a7a8f51252247424e15cefc5dc4314eb",
            license="MIT",
            repo="Mingguksky/PyTorch-StudioGAN",
            revision="7297a41ca14de2b5016e79d6deacf9d10f5144d4",
            path="studiogan_official_ckpt/CIFAR10_tailored/CIFAR10-LSGAN-train-2022_01_11_21_24_05"
            "/model=G-best-weights-step=78000.pth",
            converter="ganzoo_lsgan.convert:studiogan",
            origin="https://github.com/POSTECH-CVLab/PyTorch-StudioGAN",
        ),
        description="small photographs of ten classes, 32 x 32, StudioGAN; published",
    ),
}

"""Presets of the published weights of Real-ESRGAN, ESRGAN and BSRGAN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_esrgan.config import Config

REAL = "https://github.com/xinntao/Real-ESRGAN"
ESRGAN = "https://github.com/xinntao/ESRGAN"
BSRGAN = "https://github.com/cszn/BSRGAN"
KAIR = "https://github.com/cszn/KAIR/releases/download/v1.0"
OLD = "https://github.com/victorca25/traiNNer"
OLD_FILES = (
    "https://objectstorage.us-phoenix-1.oraclecloud.com/n/ax6ygfvpvzka/b/open-modeldb-files/o"
)
DRIVE = "https://drive.google.com/uc?export=download&id="

ADAM = Optimizer(lr=1e-4, betas=(0.9, 0.99))
REAL_RECIPE = Recipe(data="folder:DF2K", kimg=19_200, batch=48, optimizer=ADAM, ema_kimg=33)
ESRGAN_RECIPE = Recipe(data="folder:DF2K", kimg=6_400, batch=16, optimizer=ADAM, ema_kimg=10)

REAL_CONFIG = Config()
ESRGAN_CONFIG = Config(adversarial="relativistic", l1=1e-2, adv=5e-3)
L1_CONFIG = Config(adv=0.0)
COMPACT = Config(network="compact", blocks=32)
ANIME = replace(COMPACT, blocks=16)


def _real(
    file: str, size: int, sha256: str, config: Config, text: str, converter: str = "rrdb"
) -> Preset:
    """A file of Real-ESRGAN's releases."""
    weights = Weights(
        sha256,
        license="BSD-3-Clause",
        url=f"{REAL}/releases/download/{file}",
        size=size,
        converter=f"ganzoo_esrgan.convert:{converter}",
        origin=REAL,
    )
    config = replace(config, degradation="second")
    return Preset(config, REAL_RECIPE, "quick", weights, f"published: {text}")


def _esrgan(
    url: str,
    size: int,
    sha256: str,
    config: Config,
    text: str,
    origin: str = ESRGAN,
    converter: str = "rrdb",
) -> Preset:
    """A file of ESRGAN, BSRGAN or their heirs."""
    weights = Weights(
        sha256,
        license="Apache-2.0",
        url=url,
        size=size,
        converter=f"ganzoo_esrgan.convert:{converter}",
        origin=origin,
    )
    return Preset(config, ESRGAN_RECIPE, "quick", weights, f"published: {text}")


PUBLISHED: Mapping[str, Preset] = {
    "x4plus": _real(
        "v0.1.0/RealESRGAN_x4plus.pth",
        67_040_989,
        "4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1",
        REAL_CONFIG,
        "Real-ESRGAN, photographs, 4 times",
    ),
    "x2plus": _real(
        "v0.2.1/RealESRGAN_x2plus.pth",
        67_061_725,
        "49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb",
        replace(REAL_CONFIG, scale=2, unshuffle=2),
        "Real-ESRGAN, photographs, 2 times",
    ),
    "x4plus-anime6b": _real(
        "v0.2.2.4/RealESRGAN_x4plus_anime_6B.pth",
        17_938_799,
        "f872d837d3c90ed2e05227bed711af5671a6fd1c9f7d7e91c911a61f155e99da",
        replace(REAL_CONFIG, blocks=6),
        "Real-ESRGAN, drawings, 4 times; 6 blocks",
    ),
    "general-x4v3": _real(
        "v0.2.5.0/realesr-general-x4v3.pth",
        4_885_111,
        "8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292",
        COMPACT,
        "Real-ESRGAN, small network, photographs, 4 times; removes noise",
        "compact",
    ),
    "general-wdn-x4v3": _real(
        "v0.2.5.0/realesr-general-wdn-x4v3.pth",
        4_885_111,
        "1641f8c4464b9f097c9fdda5589273713f67cf59f3d909e0bd688f0cee269dca",
        COMPACT,
        "Real-ESRGAN, small network, photographs, 4 times; keeps noise",
        "compact",
    ),
    "animevideov3": _real(
        "v0.2.5.0/realesr-animevideov3.pth",
        2_504_012,
        "b8a8376811077954d82ca3fcf476f1ac3da3e8a68a4f4d71363008000a18b75d",
        ANIME,
        "Real-ESRGAN, smallest network, frames of animation, 4 times",
        "compact",
    ),
    "animevideo-xsx2": _real(
        "v0.2.3.0/RealESRGANv2-animevideo-xsx2.pth",
        2_419_014,
        "27985aa2198711ecd72f9bb274ec7b164e018fc9ce2933daaa7c7ab36a2bd3fe",
        replace(ANIME, scale=2),
        "Real-ESRGAN, smallest network, frames of animation, 2 times; version 2",
        "compact",
    ),
    "animevideo-xsx4": _real(
        "v0.2.3.0/RealESRGANv2-animevideo-xsx4.pth",
        2_502_086,
        "5e04b111c16d5b40deb8f8062d09fdff72fa80281fb9607be23b62650c08daff",
        ANIME,
        "Real-ESRGAN, smallest network, frames of animation, 4 times; version 2",
        "compact",
    ),
    "realesrnet-x4plus": _real(
        "v0.1.1/RealESRNet_x4plus.pth",
        0,
        "",
        L1_CONFIG,
        "Real-ESRNet, trained without a discriminator, photographs, 4 times",
    ),
    "x4": _esrgan(
        f"{KAIR}/ESRGAN.pth",
        66_929_193,
        "65fece06e1ccb48853242aa972bdf00ad07a7dd8938d2dcbdf4221b59f6372ce",
        ESRGAN_CONFIG,
        "ESRGAN, 4 times",
    ),
    "x4-basicsr": _esrgan(
        f"{REAL}/releases/download/v0.1.1/ESRGAN_SRx4_DF2KOST_official-ff704c30.pth",
        0,
        "ff704c30",
        ESRGAN_CONFIG,
        "ESRGAN, 4 times; BasicSR's file",
    ),
    "psnr-x4": _esrgan(
        f"{DRIVE}1pJ_T-V1dpb1ewoEra1TGSWl5e6H7M4NN",
        0,
        "f372b59f22929e1bc83fa58d78215c96f976de3b2eaeee736da1b348913da6cc",
        L1_CONFIG,
        "ESRGAN's network trained without a discriminator, 4 times",
    ),
    "bsrgan-x4": _esrgan(
        f"{KAIR}/BSRGAN.pth",
        67_046_751,
        "5d505a0766160921e0388d76e1ddf08cb114303990f9080432bf2b1c988b1c54",
        REAL_CONFIG,
        "BSRGAN, photographs, 4 times",
        BSRGAN,
    ),
    "bsrgan-x2": _esrgan(
        f"{KAIR}/BSRGANx2.pth",
        66_894_171,
        "614f68bcafcf123a1ea51cc75ae5741640a8b1d49dd75757ad3ad531f772c736",
        replace(REAL_CONFIG, scale=2),
        "BSRGAN, photographs, 2 times",
        BSRGAN,
    ),
    **{
        f"old-x{scale}": _esrgan(
            f"{OLD_FILES}/{folder}{scale}x-ESRGAN.pth",
            size,
            sha256,
            replace(ESRGAN_CONFIG, scale=scale),
            f"ESRGAN, {scale} times; start of fine-tuning for models of the community",
            OLD,
            "rrdb_old",
        )
        for scale, folder, size, sha256 in (
            (
                1,
                "models%2F",
                66_656_830,
                "25e733e2b0d6ada63b07ace241e0f1065cec0d08945d6b20b9d46cc88bfa8b5d",
            ),
            (
                2,
                "models%2F",
                66_804_909,
                "fedd0660312effd7febb8c06a4ac0304eaee5ca119b508895a95b0aa11ba6310",
            ),
            (
                4,
                "models%2F",
                66_952_991,
                "545805ce2d861ee90972b5fa50b851f19ee4bb35dedd2eb090be1f7c935b6b00",
            ),
            (
                8,
                "",
                67_101_075,
                "885d9fa1eadb277b5157f97d3fdd3893d7fb78f91331fc8a8bf9a3e4a9dd4651",
            ),
            (
                16,
                "models%2F",
                67_249_159,
                "8701acac21c4c412a3e05242b389700c1248ff52314380793c045326f4c61dfb",
            ),
        )
    },
}
"""Presets by name."""

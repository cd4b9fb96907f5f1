"""Weights that others published: mimicry's generators of SNGAN, SSGAN, InfoMax-GAN and DCGAN."""

from collections.abc import Mapping
from dataclasses import replace

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_sngan.config import Config

PUBLISHED_OPTIMIZER = Optimizer(lr=2e-4, betas=(0.0, 0.9), schedule="linear")

DRIVE = "https://drive.google.com/open?id="

SMALL = Config(upsampling="bilinear", relu_shortcut=True, score_bias=True)
LARGE = replace(
    SMALL,
    size=64,
    widths=(1024, 512, 256, 128, 64),
    discriminator_widths=(64, 128, 256, 512, 1024),
    discriminator_halvings=5,
)
MIMICRY: Mapping[int, Config] = {
    32: SMALL,
    48: replace(LARGE, size=48, widths=(512, 256, 128, 64), discriminator_halvings=4),
    64: LARGE,
    128: replace(
        LARGE,
        size=128,
        widths=(1024, 1024, 512, 256, 128, 64),
        discriminator_widths=(64, 128, 256, 512, 1024, 1024),
    ),
}
"""Networks of mimicry by the size of the images."""

DATA = {
    "cifar10": "small photographs of ten classes",
    "cifar100": "small photographs of a hundred classes",
    "stl10": "photographs",
    "celeba": "faces",
    "folder:imagenet": "photographs of a thousand classes",
    "folder:lsun-bedroom": "bedrooms",
}

GENERATORS = (
    ("cifar10", 32, "sngan", "16TxezS7VBTiuPdQdjDUM0-_rHXqyPrvr", 16.77, 7.97),
    ("cifar10", 32, "ssgan", "1sceT1tUPw2wRVqLcpg1EkWpz8Qa5j_fE", 14.65, 8.17),
    ("cifar100", 32, "sngan", "16XtxZd6ARXjfTBuOZml_FpR0WVaWkToA", 22.61, 7.57),
    ("cifar100", 32, "ssgan", "1dkO0mf6S44tvrtqRYtTABmIlZQ0iCmNw", 22.18, 7.56),
    ("folder:imagenet", 32, "sngan", "1LF-tNfbVmHHw8onneOz3V5b-j2ff-Kh2", 23.04, 8.97),
    ("folder:imagenet", 32, "ssgan", "1PzdCYzwg4lZ9r9tPf6I7XItoIu5lHhwy", 21.79, 9.11),
    ("stl10", 48, "sngan", "1tVRXDHgUTpBwfGh0RJvdjw2EUOGu-m-A", 39.56, 8.04),
    ("stl10", 48, "ssgan", "1TBeAhxvxJr3ykKwu4Wgw715D2fAslM-9", 37.06, 8.25),
    ("celeba", 64, "sngan", "1d9pYKKW9Hgi-ylOKwU0UM1ZsmUyD8Bpj", 5.71, 2.68),
    ("celeba", 64, "ssgan", "1wM23g566VrHTJzC0F7X5MgxgcAzzhbLr", 6.03, 2.67),
    ("celeba", 128, "sngan", "1rYnv2tCADbzljYlnc8Ypy-JTTipJlRyN", 12.93, 2.72),
    ("celeba", 128, "ssgan", "1Gn4ouslRAHq3D7AP_V-T2x8Wi1S1hTXJ", 15.18, 2.63),
    ("folder:lsun-bedroom", 128, "sngan", "1SrvdLM-5mUVYwEztY-6TVAdTKlNPUA7k", 25.87, 2.30),
    ("folder:lsun-bedroom", 128, "ssgan", "1uSQHr0PMeCdpWAFPwbn-6YgZX0w0TApu", 12.02, 2.12),
    ("folder:imagenet", 128, "sngan", "1ZmjV9iMFgmthCgOKpMp8vKCIVQh_XPiR", 65.74, 13.05),
    ("folder:imagenet", 128, "ssgan", "1LIqtrlRd2jOcrwLpzD_ztf7Dc2GZwH8g", 62.48, 13.30),
    ("cifar10", 32, "infomax-gan", "15k7HmwcKBDL0wjpV4XG9AGs-7yzxuFKV", 15.12, 8.08),
    ("cifar100", 32, "infomax-gan", "1gkjytt_fdWIKsGOTHruahTQK-SuBds42", 18.94, 7.86),
    ("folder:imagenet", 32, "infomax-gan", "1aKtU9P9eccqSmPZrlMRy2eqmd0BJT0vo", 20.68, 9.04),
    ("stl10", 48, "infomax-gan", "1QHwyvaCqAKyXbkYYzHGNEsDWpBPn05oS", 35.52, 8.54),
    ("celeba", 64, "infomax-gan", "1bvRvkOgZAuN89sVxfdNS16j6kAyKwN8z", 5.71, 2.68),
    ("celeba", 128, "infomax-gan", "1C0jzZmx2uSUvBlQpAo3aRay1l8fB4McU", 9.50, 2.84),
    ("folder:lsun-bedroom", 128, "infomax-gan", "1PNaYmzLb66D-JXdzVimZ-EiNjI7qAwu_", 12.13, 2.22),
    ("folder:imagenet", 128, "infomax-gan", "1kKfMddYe3gP0Y3xOhq0KD3GNjBwe_k9S", 58.91, 13.68),
)
"""Data, size, model, file, FID and Inception score over 50 thousand samples.

InfoMax-GAN (Lee et al. 2021) and mimicry's DCGAN have SNGAN's generator; their discriminators are
not published, and training here is SNGAN's.
"""

CONVERTERS = {"sngan": "mimicry", "ssgan": "mimicry_rotation", "dcgan": "mimicry_sigmoid"}

TITLES = {"infomax-gan": "InfoMax-GAN"}

PAPER = " in the setting of its paper"


def _preset(
    data: str, size: int, model: str, drive: str, scores: Mapping[str, float], text: str = ""
) -> Preset:
    """A generator of mimicry: no hash is published, so it is never downloaded."""
    weights = Weights(
        "",
        license="MIT",
        url=f"{DRIVE}{drive}",
        converter=f"ganzoo_sngan.convert:{CONVERTERS.get(model, 'mimicry')}",
        origin="https://github.com/kwotsin/mimicry",
        scores=scores,
    )
    title = TITLES.get(model, model.upper())
    return Preset(
        replace(MIMICRY[size], rotation=model == "ssgan"),
        _recipe(data, size),
        weights=weights,
        description=f"{DATA[data]}, {size} x {size}, mimicry's {title}{text}; published",
    )


def _recipe(data: str, size: int) -> Recipe:
    """100 thousand generator updates, 450 thousand for large photographs."""
    if data == "folder:imagenet" and size == 128:
        return Recipe(data, 28_800, 64, replace(PUBLISHED_OPTIMIZER, schedule="constant"))
    return Recipe(data, 6400, 64, PUBLISHED_OPTIMIZER)


def _name(data: str, size: int, model: str) -> str:
    data = data.rpartition(":")[2].removeprefix("lsun-")
    own_size = "" if data in ("cifar10", "cifar100", "stl10") else size
    return f"{data}{own_size}-{'' if model == 'sngan' else model.removesuffix('-gan') + '-'}mimicry"


PUBLISHED: Mapping[str, Preset] = {
    **{
        _name(data, size, model): _preset(data, size, model, drive, {"FID50k": fid, "IS": score})
        for data, size, model, drive, fid, score in GENERATORS
    },
    "cifar10-mimicry-paper": _preset(
        "cifar10", 32, "sngan", "1aLbds1EGFoWZZF2y1l8mvPCvnb7AGHh7", {"FID5k": 23.90}, PAPER
    ),
    "cifar10-ssgan-mimicry-paper": _preset(
        "cifar10", 32, "ssgan", "1lgOk4lC0-p4PoXvju9m5p0lOGoZDWELe", {"FID10k": 17.61}, PAPER
    ),
    "cifar10-infomax-mimicry-paper": _preset(
        "cifar10", 32, "infomax-gan", "1hgoN6Nx59j_JuaCup2rBPC4koih9qZ1y", {"FID10k": 17.14}, PAPER
    ),
    "cifar10-dcgan-mimicry-paper": _preset(
        "cifar10", 32, "dcgan", "1IOcgdkVFScASEpBftWLxhwhhAPRgwSDt", {"FID10k": 28.95}, PAPER
    ),
}

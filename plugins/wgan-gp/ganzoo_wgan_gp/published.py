"""Weights that others published: mimicry's, mmgeneration's and xyfJASON's."""

from collections.abc import Mapping

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_wgan_gp.config import Config

MMGEN = "https://download.openmmlab.com/mmgen/wgangp/wgangp_GN"
DRIVE = "https://drive.google.com/open?id="

MIMICRY: Mapping[int, Config] = {
    32: Config(
        widths=(256,) * 4,
        critic_widths=(128,) * 4,
        critic_halvings=2,
        upsampling="bilinear",
        relu_shortcut=True,
    ),
    48: Config(
        size=48,
        widths=(512, 256, 128, 64),
        critic_widths=(64, 128, 256, 512, 1024),
        critic_halvings=4,
        upsampling="bilinear",
        relu_shortcut=True,
    ),
    64: Config(
        size=64,
        widths=(1024, 512, 256, 128, 64),
        critic_widths=(64, 128, 256, 512, 1024),
        critic_halvings=5,
        upsampling="bilinear",
        relu_shortcut=True,
    ),
    128: Config(
        size=128,
        widths=(1024, 1024, 512, 256, 128, 64),
        critic_widths=(64, 128, 256, 512, 1024, 1024),
        critic_halvings=5,
        upsampling="bilinear",
        relu_shortcut=True,
    ),
}
"""Networks of mimicry by the size of the images."""


def _mimicry(size: int, data: str, drive: str, scores: Mapping[str, float], text: str) -> Preset:
    """A generator of mimicry: no hash is published, so it is never downloaded."""
    adam = Optimizer(lr=2e-4, betas=(0.0, 0.9), schedule="linear")
    weights = Weights(
        "",
        license="MIT",
        url=f"{DRIVE}{drive}",
        converter="ganzoo_wgan_gp.convert:mimicry",
        origin="https://github.com/kwotsin/mimicry",
        scores=scores,
    )
    recipe = Recipe(data, 6400, 64, adam)
    return Preset(MIMICRY[size], recipe, weights=weights, description=f"{text}; published")


def _mmgen(
    data: str, kimg: float, file: str, scores: Mapping[str, float], text: str, penalty: float = 10.0
) -> Preset:
    """A checkpoint of mmgeneration; the name ends with the first digits of its hash."""
    kind = "mmgen" if penalty == 10 else f"mmgen_penalty_{penalty:.0f}"
    weights = Weights(
        file.rpartition("-")[2],
        license="Apache-2.0",
        url=f"{MMGEN}{file}.pth",
        converter=f"ganzoo_wgan_gp.convert:{kind}",
        origin="https://github.com/open-mmlab/mmgeneration/blob/ccd1f56c10/configs/wgan-gp",
        scores=scores,
    )
    config = Config(size=128, network="pggan", widths=(512, 512, 256, 128, 64, 32), penalty=penalty)
    recipe = Recipe(data, kimg, 64, Optimizer(lr=1e-4, betas=(0.5, 0.9)))
    return Preset(config, recipe, weights=weights, description=f"{text}; published")


PUBLISHED: Mapping[str, Preset] = {
    "cifar10-mimicry": _mimicry(
        32,
        "cifar10",
        "1KL9uDpSZ1Fwzt-4Mke1o88w8ftX01OxR",
        {"FID50k": 22.29, "IS": 7.33},
        "small photographs of ten classes, 32 x 32, mimicry",
    ),
    "cifar10-mimicry-paper": _mimicry(
        32,
        "cifar10",
        "1HVBlp2cK_hT0J_5cRqp_JOvysJjBPrrj",
        {"FID50k": 26.08},
        "small photographs of ten classes, 32 x 32, mimicry's run with the paper's settings",
    ),
    "stl10-mimicry": _mimicry(
        48,
        "stl10",
        "1-Fw_xzl_D7P05wL7HmSPGtPPiH3zTeG7",
        {"FID50k": 43.01, "IS": 8.55},
        "photographs, 48 x 48, mimicry",
    ),
    "celeba128-mmgen": _mmgen(
        "celeba",
        10_240,
        "_celeba-cropped_128_b64x1_160k_20210408_170611-f8a99336",
        {"SWD": 10.97, "MS-SSIM": 0.2601},
        "faces, 128 x 128, layers of progressive GAN, mmgeneration",
    ),
    "bedroom128-mmgen": _mmgen(
        "folder:lsun-bedroom",
        8320,
        "_GP-50_lsun-bedroom_128_b64x1_130k_20210408_170509-56f2a37c",
        {"SWD": 13.69, "MS-SSIM": 0.059},
        "bedrooms, 128 x 128, layers of progressive GAN, mmgeneration",
        penalty=50.0,
    ),
    "cifar10-xyfjason": Preset(
        Config(latent=100, width=256, network="conv"),
        Recipe("cifar10", 20_480, 512, Optimizer(lr=8e-4, betas=(0.5, 0.9))),
        weights=Weights(
            "",
            license="MIT",
            repo="xyfJASON/GANs-Implementations",
            revision="63c8a26d27e435896c08499561a9513b4b1e8d22",
            path="wgan_gp_cifar10/ckpt/best/model.pt",
            converter="ganzoo_wgan_gp.convert:blocks",
            origin="https://github.com/xyfJASON/GANs-Implementations",
            scores={"FID50k": 28.7963, "IS": 6.7241},
        ),
        description="small photographs of ten classes, 32 x 32, GANs-Implementations; published",
    ),
}

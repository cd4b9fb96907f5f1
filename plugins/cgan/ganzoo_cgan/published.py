"""Weights that others published: projection GANs of mmgeneration, mimicry and StudioGAN."""

from collections.abc import Mapping
from dataclasses import replace

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_cgan.config import Config

BASE = "https://download.openmmlab.com/mmgen/sngan_proj/"
PAGE = "https://github.com/open-mmlab/mmgeneration/blob/ccd1f56c10/configs/sngan_proj/README.md"
DRIVE = "https://drive.google.com/open?id="

MIMICRY = Config(upsampling="bilinear", relu_shortcut=True, score_bias=True)
MMGEN = Config(relu_shortcut=True, score_bias=True, norm_eps=1e-4)

DISCRIMINATORS: Mapping[int, tuple[tuple[int, ...], int]] = {
    32: ((128,) * 4, 2),
    128: ((64, 128, 256, 512, 1024, 1024), 5),
}
"""Widths and halvings of the usual discriminator, by the size of the images."""

CIFAR10 = "sngan_proj_cifar10_32_lr-2e-4"
IMAGENET = "sngan_proj_imagenet1k_128_Glr2e-4_Dlr5e-5_ndisc5_b128x2"
FILES = {
    "cifar10-mmgen": ("mmgen", f"{CIFAR10}_b64x1_woReLUinplace_fid-iter490000_20210709_163329",
        "ba0862a0", 8.1158, 9.5659),
    "cifar10-mmgen-is": ("mmgen", f"{CIFAR10}_b64x1_woReLUinplace_is-iter400000_20210709_163823",
        "902ce1ae", 9.8203, 9.6919),
    "cifar10-mmgen-inplace": ("mmgen_inplace",
        f"{CIFAR10}-b64x1_wReLUinplace_fid-iter490000_20210709_203038",
        "191b2648", 8.3462, 9.5564),
    "cifar10-mmgen-inplace-is": ("mmgen_inplace",
        f"{CIFAR10}_b64x1_wReLUinplace_is-iter490000_20210709_202230",
        "cd863c74", 8.3462, 9.5564),
    "cifar10-studiogan": ("mmgen_rgb", "sngan_cifar10_convert-studio-rgb_20210709_111346",
        "2979202d", 10.2011, 9.372),
    "imagenet128-mmgen": ("mmgen",
        f"{IMAGENET}_woReLUinplace_fid-iter988000_20210730_131424", "061bf803", 32.6193, 29.5779),
    "imagenet128-mmgen-is": ("mmgen",
        f"{IMAGENET}_woReLUinplace_is-iter952000_20210730_132027", "9c884a21", 33.4682, 30.0651),
    "imagenet128-mmgen-inplace": ("mmgen_inplace",
        f"{IMAGENET}_wReLUinplace_fid-iter988000_20210730_132401", "9a682411", 33.4821, 27.7948),
    "imagenet128-mmgen-inplace-is": ("mmgen_inplace",
        f"{IMAGENET}_wReLUinplace_is-iter944000_20210730_132714", "ca0ccd07", 34.3383, 28.1799),
    "imagenet128-studiogan": ("mmgen_rgb", "sngan_imagenet1k_convert-studio-rgb_20210709_111406",
        "877b1130", 29.8199, 30.218),
}  # fmt: skip
"""Converter, file without its hash, hash, FID and Inception score.

``is``: the checkpoint of the best Inception score; else that of the best FID. ``inplace``: trained
with ReLUs that overwrite what a shortcut of the discriminator reads.
"""

GENERATORS = {
    "cifar10-mimicry": (10, "12nGJZjJyi-RJQFj98MlrSqhA_uST2_1n", {"FID50k": 10.84, "IS": 8.25}),
    "cifar10-mimicry-paper": (10, "1v26E7mIk8PqIg5ldE-iQNMQ2AYQ36iGM", {"FID5k": 17.84}),
    "cifar100-mimicry": (100, "1wQY5IbqD_CcuVwpGZXfMdWxh7OZHrQxM", {"FID50k": 14.16, "IS": 8.92}),
    "imagenet32-mimicry": (
        1000, "1gHduZDIP9QOr-YgkB3_4p4vU-gjCPnRH", {"FID50k": 21.17, "IS": 9.08}
    ),
}  # fmt: skip
"""Classes, file and scores of mimicry's generators; ``paper``: with the paper's sample sizes."""


def _mmgen(name: str) -> Preset:
    converter, file, sha256, fid, score = FILES[name]
    weights = Weights(
        sha256,
        license="MIT" if converter == "mmgen_rgb" else "Apache-2.0",
        url=f"{BASE}{file}-{sha256}.pth",
        converter=f"ganzoo_cgan.convert:{converter}",
        origin=PAGE,
        scores={"FID50k": fid, "IS": score},
    )
    config = replace(MMGEN, relu_shortcut=converter != "mmgen")
    if name.startswith("imagenet128"):
        widths, halvings = DISCRIMINATORS[128]
        config = replace(
            config,
            size=128,
            widths=widths[::-1],
            discriminator_widths=widths,
            discriminator_halvings=halvings,
            classes=1000,
        )
    return Preset(config, _recipe(name), weights=weights, description=_description(name, "SNGAN"))


def _mimicry(name: str) -> Preset:
    """A generator of mimicry: no hash is published, so it is never downloaded."""
    classes, drive, scores = GENERATORS[name]
    weights = Weights(
        "",
        license="MIT",
        url=f"{DRIVE}{drive}",
        converter="ganzoo_cgan.convert:mimicry",
        origin="https://github.com/kwotsin/mimicry",
        scores=scores,
    )
    config = replace(MIMICRY, classes=classes)
    return Preset(config, _recipe(name), weights=weights, description=_description(name, "cGAN-PD"))


def _recipe(name: str) -> Recipe:
    data = name.partition("-")[0]
    if data == "imagenet128":
        rates = {"generator": 2e-4, "discriminator": 5e-5}
        optimizers = {phase: Optimizer(lr=lr, betas=(0.0, 0.999)) for phase, lr in rates.items()}
        return Recipe("folder:imagenet", 50_000, 256, optimizers=optimizers)
    data = "folder:imagenet" if data == "imagenet32" else data
    if "mimicry" in name:
        return Recipe(data, 6400, 64, Optimizer(lr=2e-4, betas=(0.0, 0.9), schedule="linear"))
    return Recipe(data, 6400, 64, Optimizer(lr=2e-4, betas=(0.5, 0.999)))


def _description(name: str, model: str) -> str:
    data, _, publisher = name.partition("-")
    size = 128 if data.endswith("128") else 32
    by = {"mmgen": "mmgeneration", "studiogan": "StudioGAN"}.get(publisher.split("-")[0], "mimicry")
    ends = {"is": ", best Inception score", "paper": " in the setting of its paper"}
    scored = ends.get(name.rpartition("-")[2], "")
    return f"photographs of a given class, {size} x {size}, {model} of {by}{scored}; published"


PUBLISHED: Mapping[str, Preset] = {
    **{name: _mmgen(name) for name in FILES},
    **{name: _mimicry(name) for name in GENERATORS},
    "cifar10-30p-studiogan": Preset(
        MMGEN,
        Recipe("cifar10", 12_800, 64, Optimizer(lr=2e-4, betas=(0.5, 0.999))),
        weights=Weights(
            "f2c104265f0310e5575ec9507711c26a2f918adc2165bc7f7e9bf57c67e14787",
            license="MIT",
            repo="Mingguksky/PyTorch-StudioGAN",
            revision="7297a41ca14de2b5016e79d6deacf9d10f5144d4",
            path="studiogan_official_ckpt/Efficient-CIFAR10-30%"
            "/CIFAR10_30p-SNGAN-LeCam-train-2022_02_15_02_29_08"
            "/model=G-best-weights-step=112000.pth",
            converter="ganzoo_cgan.convert:studiogan",
            origin="https://github.com/POSTECH-CVLab/PyTorch-StudioGAN",
        ),
        description="photographs of a given class, 32 x 32, SNGAN of StudioGAN with LeCam"
        " regularization, from 30 % of CIFAR-10; published",
    ),
}

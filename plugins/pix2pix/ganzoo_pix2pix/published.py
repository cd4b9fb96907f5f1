"""Presets of weights that others published."""

from ganzoo import Optimizer, Preset, Protocol, Recipe, Weights
from ganzoo_pix2pix.config import Config

PAIRS = Protocol(
    "pix2pix-pairs",
    extractor="projection",
    n=500,
    metrics=("l1", "psnr", "ssim", "fd"),
    split="test",
    summary="translations of the test split, beside their targets",
)

FACADES = ("pairs:facades", 80, 1, True, "photographs from plans of facades")
SHOES = ("pairs:edges2shoes", 747, 4, False, "shoes from their edges")
TO_MAP = ("pairs:maps", 219.2, 1, False, "maps from aerial photographs")
TO_PHOTO = ("pairs:maps", 219.2, 1, True, "aerial photographs from maps")
TO_NIGHT = ("pairs:night2day", 303, 4, False, "views at night from views by day")
"""Data, thousands of images, batch size, swapped, content; 200, 15 or 17 epochs."""

BERKELEY = {
    "facades-berkeley": ("facades_label2photo", FACADES),
    "edges2shoes-berkeley": ("edges2shoes", SHOES),
    "sat2map-berkeley": ("sat2map", TO_MAP),
    "map2sat-berkeley": ("map2sat", TO_PHOTO),
    "day2night": ("day2night", TO_NIGHT),
}

MMGEN = {
    "facades-mmgen": (
        "bn_1x1_80k_facades_20210902_170442-c0958d50",
        FACADES,
        {"FID": 124.9773, "IS": 1.620},
    ),
    "sat2map-mmgen": (
        "bn_a2b_1x1_219200_maps_convert-bgr_20210902_170729-59a31517",
        TO_MAP,
        {"FID": 122.5856, "IS": 3.137},
    ),
    "map2sat-mmgen": (
        "bn_b2a_1x1_219200_maps_convert-bgr_20210902_170814-6d2eac4a",
        TO_PHOTO,
        {"FID": 88.4635, "IS": 3.310},
    ),
    "edges2shoes-mmgen": (
        "bn_wo_jitter_flip_1x4_186840_edges2shoes_convert-bgr_20210902_170902-0c828552",
        SHOES,
        {"FID": 84.3750, "IS": 2.815},
    ),
}

HUGGAN = {
    "maps-huggan": (
        "pix2pix-maps",
        "63283c3c4d2d71ff5a1ec161a72d9d7df727ea461d9f1f65bb1819b8f31e1339",
        "",
        0,
        (
            "pairs:maps",
            219.2,
            1,
            False,
            "aerial photographs and maps, in a direction that is not stated",
        ),
    ),
    "night2day": (
        "pix2pix-night2day",
        "c8ab79327a12be06863d2e79c10a5f11d5604bfeebd63aff91b95ef6a200defa",
        "168d6806038e048d6d29e8590d691bdb32318283",
        217_623_794,
        ("pairs:night2day", 303, 4, False, "views by day from views at night"),
    ),
    "edges2shoes-huggan": (
        "pix2pix-edge2shoes",
        "",
        "64c0964925eddf9e83f45481fb2f8a99638523ad",
        0,
        SHOES,
    ),
    "facades-huggan": (
        "pix2pix-facades-demo",
        "",
        "",
        0,
        (
            "pairs:facades",
            80,
            1,
            False,
            "photographs and plans of facades, in a direction that is not stated",
        ),
    ),
}
"""By preset: repository, hash, commit, bytes, training."""

Training = tuple[str, float, int, bool, str]


def _preset(training: Training, config: Config, weights: Weights, note: str) -> Preset:
    data, kimg, batch, _, content = training
    recipe = Recipe(
        data=data,
        kimg=kimg,
        batch=batch,
        optimizer=Optimizer(lr=2e-4, schedule="linear"),
        ema_kimg=1,
        mirror="edges2shoes" not in data,
    )
    description = f"{content}, 256 x 256; weights published by {note}"
    return Preset(config, recipe, PAIRS, weights, description)


def _authors(training: Training) -> tuple[Config, str]:
    """Config of the authors' networks, and the ending of the converter's name."""
    swapped = training[3]
    config = Config(skipped=1, source="swapped" if swapped else "data")
    return config, "_swapped" if swapped else ""


def _berkeley(file: str, training: Training) -> Preset:
    config, end = _authors(training)
    weights = Weights(
        "",
        license="BSD-2-Clause",
        url=f"http://efrosgans.eecs.berkeley.edu/pix2pix/models-pytorch/{file}.pth",
        converter=f"ganzoo_pix2pix.convert:berkeley{end}",
        origin="https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix",
    )
    return _preset(training, config, weights, "the authors, without a hash")


def _mmgen(file: str, training: Training, scores: dict[str, float]) -> Preset:
    config, end = _authors(training)
    weights = Weights(
        file.rpartition("-")[2],
        license="Apache-2.0",
        url=f"https://download.openmmlab.com/mmgen/pix2pix/refactor/pix2pix_vanilla_unet_{file}.pth",
        converter=f"ganzoo_pix2pix.convert:mmgen{end}",
        origin="https://github.com/open-mmlab/mmgeneration/tree/master/configs/pix2pix",
        scores=scores,
    )
    return _preset(training, config, weights, "mmgeneration")


def _huggan(repo: str, sha256: str, revision: str, size: int, training: Training) -> Preset:
    weights = Weights(
        sha256,
        license="MIT",
        repo=f"huggan/{repo}",
        revision=revision,
        size=size,
        path="pytorch_model.bin",
        converter="ganzoo_pix2pix.convert:huggan",
        origin=f"https://huggingface.co/huggan/{repo}",
    )
    return _preset(training, Config(halvings=4, networks="huggan"), weights, "huggan")


PRESETS = {
    **{name: _berkeley(*facts) for name, facts in BERKELEY.items()},
    **{name: _mmgen(*facts) for name, facts in MMGEN.items()},
    **{name: _huggan(*facts) for name, facts in HUGGAN.items()},
}

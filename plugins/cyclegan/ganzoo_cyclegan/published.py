"""Presets of weights that others published."""

from dataclasses import replace

from ganzoo import Optimizer, Preset, Protocol, Recipe, Weights
from ganzoo_cyclegan.config import Config

UNPAIRED = Protocol(
    "cyclegan-unpaired",
    extractor="projection",
    n=1_000,
    metrics=("fd", "kid", "prdc"),
    summary="translations beside images of the target domain",
)

BOTH = Config()
THERE = replace(BOTH, directions="there")
AFFINE = replace(THERE, norm="affine", size=512)

BERKELEY = {
    "apple2orange": ("apple2orange", "oranges from apples", 204),
    "orange2apple": ("orange2apple", "apples from oranges", 204),
    "summer2winter-berkeley": ("summer2winter_yosemite", "Yosemite in winter from summer", 246),
    "winter2summer-berkeley": ("winter2summer_yosemite", "Yosemite in summer from winter", 246),
    "horse2zebra-berkeley": ("horse2zebra", "zebras from horses", 267),
    "zebra2horse-berkeley": ("zebra2horse", "horses from zebras", 267),
    "monet2photo": ("monet2photo", "photographs from paintings by Monet", 1257),
    "photo2monet": ("style_monet", "paintings in the style of Monet from photographs", 1257),
    "photo2cezanne": ("style_cezanne", "paintings in the style of Cezanne from photographs", 1257),
    "photo2ukiyoe": ("style_ukiyoe", "prints in the style of Ukiyo-e from photographs", 1257),
    "photo2vangogh": ("style_vangogh", "paintings in the style of Van Gogh from photographs", 1257),
    "sat2map": ("sat2map", "maps from aerial photographs", 219),
    "map2sat": ("map2sat", "aerial photographs from maps", 219),
    "cityscapes-photo2label": (
        "cityscapes_photo2label",
        "segmented from photographed streets",
        595,
    ),
    "cityscapes-label2photo": ("cityscapes_label2photo", "photographs from segmented streets", 595),
    "facades-photo2label-berkeley": ("facades_photo2label", "plans from photographed facades", 80),
    "facades-label2photo-berkeley": (
        "facades_label2photo",
        "photographs from plans of facades",
        80,
    ),
    "iphone2dslr": ("iphone2dslr_flower", "DSLR photographs of flowers from those of a phone", 665),
}
"""By preset: name of the file, content, thousands of images of 200 epochs."""

MMGEN_FACADES = (
    "facades-label2photo",
    "facades-photo2label",
    "photographs from plans of facades",
    "plans from photographed facades",
    80,
)
MMGEN_YOSEMITE = (
    "summer2winter",
    "winter2summer",
    "Yosemite in winter from summer",
    "Yosemite in summer from winter",
    246.2,
)
MMGEN_ZEBRAS = ("horse2zebra", "zebra2horse", "zebras from horses", "horses from zebras", 266.8)

MMGEN = {
    "resnet_in_1x1_80k_facades_20210902_165905-5e2c0876": (
        MMGEN_FACADES,
        {"FID": 124.8033, "IS": 1.792},
        {},
    ),
    "id0_resnet_in_1x1_80k_facades_convert-bgr_20210902_164411-d8e72b45": (
        MMGEN_FACADES,
        {"FID": 125.1694, "IS": 1.905},
        {},
    ),
    "resnet_in_1x1_246200_summer2winter_convert-bgr_20210902_165932-fcf08dc1": (
        MMGEN_YOSEMITE,
        {"FID": 83.7177, "IS": 2.771},
        {"FID": 72.8025, "IS": 3.129},
    ),
    "id0_resnet_in_1x1_246200_summer2winter_convert-bgr_20210902_165640-8b825581": (
        MMGEN_YOSEMITE,
        {"FID": 83.1418, "IS": 2.720},
        {"FID": 73.5001, "IS": 3.107},
    ),
    "resnet_in_1x1_266800_horse2zebra_convert-bgr_20210902_170004-a32c733a": (
        MMGEN_ZEBRAS,
        {"FID": 64.5225, "IS": 1.418},
        {"FID": 141.1517, "IS": 3.154},
    ),
    "id0_resnet_in_1x1_266800_horse2zebra_convert-bgr_20210902_165724-77c9c806": (
        MMGEN_ZEBRAS,
        {"FID": 74.7770, "IS": 1.542},
        {"FID": 134.3728, "IS": 3.091},
    ),
}
"""By file: both presets and their contents, thousands of images, scores of both directions."""


def _preset(
    name: str, config: Config, kimg: float, weights: Weights, content: str, note: str
) -> Preset:
    source, _, real = name.split("-")[0].partition("2")
    if not real:
        source, _, real = name.split("-")[1].partition("2")
    recipe = Recipe(
        data=f"unpaired:{source},{real}",
        kimg=kimg,
        batch=1,
        optimizer=Optimizer(lr=2e-4, schedule="linear"),
        ema_kimg=1,
        mirror=True,
    )
    size = f"{config.size} x {config.size}"
    return Preset(
        config, recipe, UNPAIRED, weights, f"{content}, {size}; weights published by {note}"
    )


def _berkeley(name: str, file: str, content: str, kimg: float) -> Preset:
    weights = Weights(
        "",
        license="BSD-2-Clause",
        url=f"http://efrosgans.eecs.berkeley.edu/cyclegan/pretrained_models/{file}.pth",
        converter="ganzoo_cyclegan.convert:berkeley",
        origin="https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix",
    )
    return _preset(name, THERE, kimg, weights, content, "the authors, without a hash")


def _mmgen(file: str) -> dict[str, Preset]:
    (there, back, content, reverse, kimg), *scores = MMGEN[file]
    id0 = "-id0" if file.startswith("id0") else ""
    config = replace(BOTH, identity=0.0) if id0 else BOTH
    presets = {}
    for name, text, score, end in (
        (there, content, scores[0], ""),
        (back, reverse, scores[1], "_back"),
    ):
        weights = Weights(
            file.rpartition("-")[2],
            license="Apache-2.0",
            url=f"https://download.openmmlab.com/mmgen/cyclegan/refactor/cyclegan_lsgan_{file}.pth",
            converter=f"ganzoo_cyclegan.convert:mmgen{id0.replace('-', '_')}{end}",
            origin="https://github.com/open-mmlab/mmgeneration/tree/master/configs/cyclegan",
            scores=score,
        )
        note = "mmgeneration" + (", trained without the identity loss" if id0 else "")
        presets[f"{name}-mmgen{id0}"] = _preset(name, config, kimg, weights, text, note)
    return presets


def _hub(name: str, repo: str, path: str, sha256: str, content: str, revision: str = "") -> Preset:
    weights = Weights(
        sha256,
        license="unstated",
        repo=repo,
        revision=revision,
        path=path,
        converter="ganzoo_cyclegan.convert:berkeley",
        origin=f"https://huggingface.co/{repo}",
    )
    note = f"{repo.partition('/')[0]}; the file's tensors were not seen, and it may be refused"
    return _preset(name, THERE, 267, weights, content, note)


JOHKO = ("johko/cyclegan-horse2zebra", "0328d58943d28e760954f015f6211499716e91d8")
VINTAGE = _preset(
    "photo2vintage",
    AFFINE,
    200,
    Weights(
        "",
        license="MIT",
        url="https://pypi.org/project/vintagify/0.1.2/#vintagify/resources/G_A2B_epoch33.pth",
        size=45_588_424,
        converter="ganzoo_cyclegan.convert:vintagify",
        origin="https://pypi.org/project/vintagify/",
    ),
    "photographs of an old look from new ones",
    "vintagify 0.1.2: vintagify/resources/G_A2B_epoch33.pth in its wheel",
)

PRESETS = {
    **{name: _berkeley(name, *facts) for name, facts in BERKELEY.items()},
    **{name: preset for file in MMGEN for name, preset in _mmgen(file).items()},
    "horse2zebra-johko": _hub(
        "horse2zebra",
        JOHKO[0],
        "gen_AB.pth",
        "45156accd254465d3f0e021f06ca75dfb085512f30cef16e1f5622697a2ca605",
        "zebras from horses",
        JOHKO[1],
    ),
    "zebra2horse-johko": _hub(
        "zebra2horse",
        JOHKO[0],
        "gen_BA.pth",
        "9298cdbd863a9ee5943d9571f3232820aabf02617a9d10e85737587797bef64f",
        "horses from zebras",
        JOHKO[1],
    ),
    "zebra2horse-kerls": _hub(
        "zebra2horse",
        "kerls/cyclegan-horsetozebra",
        "gen_BA.pth",
        "d0b62ef261cca4a09f24a94726dd50de2e06a98285fb126f1742bfa91cb10222",
        "horses from zebras",
    ),
    "photo2vintage": VINTAGE,
}

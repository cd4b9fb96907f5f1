"""pix2pix: image-to-image translation, learned from pairs (Isola et al. 2017)."""

from ganzoo import Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec import Protocol
from ganzoo.spec.deviations import AVERAGED_GENERATOR, DECAY_AND_CENTER_CROP
from ganzoo_pix2pix.config import Config
from ganzoo_pix2pix.published import PAIRS, PRESETS

__all__ = ["Config", "spec"]

spec = ModelSpec(
    model="ganzoo_pix2pix.model:Pix2Pix",
    summary="Paired image translation: a U-Net and a discriminator of pairs of patches.",
    paper=Paper(
        "Isola et al.",
        2017,
        "Image-to-Image Translation with Conditional Adversarial Networks",
        "https://arxiv.org/abs/1611.07004",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "edges2digits": Preset(
            Config(channels=1, size=28, width=16, halvings=1, noisy=2, source="edges"),
            Recipe(
                data="mnist", kimg=250, batch=32, optimizer=Optimizer(lr=1e-3, schedule="linear")
            ),
            protocol=Protocol(
                "pix2pix-digits",
                extractor="lenet-mnist",
                n=10_000,
                metrics=("fd", "kid", "prdc", "l1", "psnr", "ssim"),
                split="test",
                summary="digits from the edges of the test split, beside the digits themselves",
            ),
            weights=Weights("6490d7046ab6bfe5d09c13b9e44aff06af6689f60c643ac26cc0345620feb359"),
            description="digits from their edges, 28 x 28",
        ),
        "facades": Preset(
            Config(source="swapped"),
            Recipe(
                data="pairs:facades",
                kimg=80,
                batch=1,
                optimizer=Optimizer(lr=2e-4, schedule="linear"),
                ema_kimg=1,
                mirror=True,
            ),
            protocol=PAIRS,
            description="photographs from plans of facades, 256 x 256, from the authors' files"
            " (photograph left, plan right); the published networks and 200 epochs of 400 pairs",
        ),
        **PRESETS,
    },
    converters=(
        "ganzoo_pix2pix.convert:berkeley",
        "ganzoo_pix2pix.convert:mmgen",
        "ganzoo_pix2pix.convert:huggan",
    ),
    deviations=(
        Deviation(
            "instance norm, with gain and shift, instead of batch norm",
            "equal at the paper's batch size of 1; at any other, translations do not depend on the"
            " rest of the batch",
        ),
        Deviation(
            "the masks of dropout, the only noise in training and at test time, are in the prior",
            "the same seed gives the same translations for any batch size",
        ),
        DECAY_AND_CENTER_CROP,
        AVERAGED_GENERATOR,
        Deviation(
            "edges2digits: 4 levels instead of 8, patches of 16 x 16, dropout in 2 layers; edges"
            " are jumps of the gray level",
            "small images; no other network is needed to draw their edges",
        ),
    ),
    healthy="On edges2digits discriminator/adv is 0.5 after the first thousand images, 0.23 after"
    " the third and 0.5 again after 16; generator/adv is 1.1 to 1.9; generator/l1 falls from 57 to"
    " 6.",
)

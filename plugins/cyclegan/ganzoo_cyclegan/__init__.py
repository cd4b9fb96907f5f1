"""CycleGAN: image-to-image translation without pairs (Zhu et al. 2017)."""

from ganzoo import DatasetSpec, Deviation, ExtractorSpec, ModelSpec, Optimizer, Paper
from ganzoo.evaluation.protocols import LENET_SHA256
from ganzoo.spec import Preset, Protocol, Recipe, Weights
from ganzoo.spec.deviations import DECAY_AND_CENTER_CROP
from ganzoo_cyclegan.config import Config
from ganzoo_cyclegan.published import PRESETS, UNPAIRED

__all__ = ["Config", "data", "extractor", "spec"]

data = DatasetSpec(
    "ganzoo_cyclegan.digits:load",
    "Half of MNIST as sources, the other half inverted, 28 x 28, gray; paired only in test",
    "CC-BY-SA-3.0",
)

extractor = ExtractorSpec(
    "ganzoo_cyclegan.digits:InverseLeNet",
    "120 features of ganzoo's digit classifier, of inverted digits",
    "CC-BY-SA-3.0",
    sha256=LENET_SHA256,
    shape=(1, 28, 28),
)

spec = ModelSpec(
    model="ganzoo_cyclegan.model:CycleGAN",
    summary="Unpaired image translation: two generators whose round trip changes nothing.",
    paper=Paper(
        "Zhu et al.",
        2017,
        "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks",
        "https://arxiv.org/abs/1703.10593",
    ),
    license="Apache-2.0",
    task="image-to-image",
    presets={
        "digits2inverse": Preset(
            Config(channels=1, size=28, width=16, blocks=2, halvings=1, identity=0.0),
            Recipe(
                data="digits-inverse",
                kimg=60,
                batch=8,
                optimizer=Optimizer(lr=1e-3, schedule="linear"),
                ema_kimg=2,
            ),
            protocol=Protocol(
                "cyclegan-digits",
                extractor="inverse-lenet",
                n=10_000,
                metrics=("fd", "kid", "prdc", "l1", "psnr", "ssim"),
                split="test",
                summary="inverted digits of the test split, beside the inverses themselves",
            ),
            weights=Weights("bcd142438955f3da53df8f1b40ed96f43ad4cc6345bda1738e16d2d48f0b7652"),
            description="black digits on white from white ones on black, 28 x 28",
        ),
        "horse2zebra": Preset(
            Config(),
            Recipe(
                data="unpaired:horse,zebra",
                kimg=267,
                batch=1,
                optimizer=Optimizer(lr=2e-4, schedule="linear"),
                ema_kimg=1,
                mirror=True,
            ),
            protocol=UNPAIRED,
            description="zebras from horses, 256 x 256; the published networks, and 200 epochs of"
            " the authors' 1,334 zebras",
        ),
        **PRESETS,
    },
    converters=("ganzoo_cyclegan.convert:berkeley", "ganzoo_cyclegan.convert:mmgen"),
    deviations=(
        Deviation(
            "the discriminators are updated before the generators",
            "all four networks then learn from the same fakes, generated once",
        ),
        DECAY_AND_CENTER_CROP,
        Deviation(
            "the generators are averaged",
            "as in all models of ganzoo; the raw ones are in the checkpoint",
        ),
        Deviation(
            "digits2inverse: 16 maps, 2 blocks, patches of 16 x 16, no identity loss",
            "small images; in a digit that is to be inverted nothing should stay",
        ),
    ),
    healthy="On digits discriminator/real and /source are at 0.25, chance, from the second thousand"
    " images on, generator/there and /back at 0.27; the cycle losses fall from 1.7 after one"
    " thousand images to 0.7 after two and 0.4 after six. A cycle loss that stays above 1 has not"
    " found the way back.",
)

"""R3GAN: a relativistic loss with R1 and R2, and modern ResNets (Huang et al. 2024)."""

from dataclasses import dataclass, replace
from typing import Annotated

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Counts, Latent, Weight
from ganzoo.spec.fields import Above, AtLeast

EXPANSION = 2
"""Feature maps inside a residual block, relative to those outside."""


@dataclass(frozen=True)
class Config(ModelConfig):
    """Stages of the networks, classes, and the schedule of the penalties."""

    channels: Channels = 3
    size: Annotated[Count, "height and width of the images, doubled between the stages"] = 32
    latent: Latent = 64
    classes: Annotated[int, AtLeast(0), "number of classes; 0: labels are ignored"] = 0
    widths: Annotated[Counts, "feature maps of each stage, the coarsest first"] = (768,) * 4
    blocks: Annotated[Counts, "residual blocks of each stage"] = (2,) * 4
    group: Annotated[Count, "feature maps in each group of the 3 x 3 convolutions"] = 16
    gamma: Annotated[Weight, "weight of R1 and R2 at the start"] = 0.05
    gamma_end: Annotated[Weight, "weight of R1 and R2 from decay_kimg on"] = 0.005
    decay_kimg: Annotated[float, Above(0), "kimg over which gamma goes to gamma_end"] = 20_000.0

    def check(self) -> None:
        doublings = len(self.widths) - 1
        if doublings < 1 or self.size % 2**doublings:
            raise ConfigError(
                f"size={self.size}: must be some pixels, doubled between widths={self.widths}"
            )
        if len(self.blocks) != len(self.widths):
            raise ConfigError(f"blocks={self.blocks}: must be as many as widths={self.widths}")
        if any(EXPANSION * width % self.group for width in self.widths):
            raise ConfigError(
                f"group={self.group}: must divide {EXPANSION} times each of widths={self.widths}"
            )

    @property
    def start(self) -> int:
        """Height and width in the coarsest stage."""
        return self.size >> (len(self.widths) - 1)


PUBLISHED = Recipe(
    data="cifar10",
    kimg=20_000,
    batch=512,
    optimizer=Optimizer(lr=2e-4, betas=(0.0, 0.99), schedule="cosine", lr_end=5e-5),
    ema_kimg=5000,
    ema_ramp=0.25,
    fresh_fakes=True,
    mirror=True,
)

spec = ModelSpec(
    model="ganzoo_r3gan.model:R3GAN",
    summary="A relativistic loss with two gradient penalties, residual networks, no tricks.",
    paper=Paper(
        "Huang et al.",
        2024,
        "The GAN is dead; long live the GAN! A Modern Baseline GAN",
        "https://arxiv.org/abs/2501.05441",
    ),
    license="Apache-2.0",
    presets={
        "mnist": Preset(
            Config(
                channels=1,
                size=28,
                widths=(96, 32, 8),
                blocks=(3, 1, 1),
                group=8,
                gamma=2.0,
                gamma_end=0.2,
                decay_kimg=200.0,
            ),
            Recipe(
                data="mnist",
                kimg=200,
                batch=16,
                optimizer=replace(PUBLISHED.optimizer, lr=2e-3),
                ema_kimg=5,
            ),
            protocol="mnist-lenet",
            weights=Weights("a95358b03f565ee919274a187ebb192a61cb01f13074373643249cbdd78187f3"),
            description="digits, 28 x 28",
        ),
        "cifar10": Preset(
            Config(classes=10),
            PUBLISHED,
            description="small photographs of a given class, 32 x 32; the paper's networks",
        ),
        "ffhq64": Preset(
            Config(size=64, widths=(*[768] * 4, 384), blocks=(2,) * 5, gamma=2.0, gamma_end=0.2),
            replace(PUBLISHED, data="folder:ffhq64", batch=256, ema_kimg=500, ema_ramp=0.025),
            description="faces, 64 x 64, from a folder ffhq64; the paper's networks",
        ),
    },
    deviations=(
        Deviation(
            "no augmentation",
            "the paper uses that of StyleGAN2-ADA, which is not implemented yet; without it the"
            " discriminator can memorize small data sets",
        ),
        Deviation(
            "beta2 is 0.99 from the start, not from 0.9 on", "a recipe's betas have no schedule"
        ),
        Deviation(
            "the half-life of the average grows linearly, not along a cosine",
            "a recipe's ramp is linear; it ends at the same half-life, after as many images",
        ),
        Deviation(
            "training ends where the schedules end",
            "the official code continues with the last values; `--kimg` does not: the learning"
            " rate's schedule is as long as the run, that of gamma is `decay_kimg`",
        ),
        Deviation(
            "mnist: three blocks of 96 maps at 7 x 7, then one of 32 and one of 8, groups of 8;"
            " batch 16, learning rate 2e-3, gamma from 2 to 0.2",
            "the paper has no recipe for digits; a CPU trains 100 images per second with this one."
            " In runs of four minutes (one seed each) a small batch and many maps at low resolution"
            " helped most; at 4e-3 all samples were alike",
        ),
    ),
    healthy="On digits, over 200 thousand images: discriminator/adv is 0.48 after one thousand,"
    " 0.28 after three, 0.6 from 45 to 130 (log 2 = 0.69: it can hardly tell), 0.53 at the end;"
    " generator/adv is 2.2 after three, then about 1; both penalties, their weight included, are"
    " below 0.07.",
)

"""R3GAN: a relativistic loss held by R1 and R2, and plain ResNets (Huang et al. 2024)."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.errors import ConfigError
from ganzoo.spec.fields import Above, AtLeast

EXPANSION = 2
"""Maps inside a residual block, over those outside."""


@dataclass(frozen=True)
class Config(ModelConfig):
    """What the networks are built from, and what holds the discriminator."""

    channels: Annotated[int, AtLeast(1), "1 for grey, 3 for RGB"] = 3
    size: Annotated[
        int, AtLeast(1), "height and width of the images, doubled between the stages"
    ] = 32
    latent: Annotated[int, AtLeast(1), "numbers that a sample is made from"] = 64
    classes: Annotated[
        int, AtLeast(0), "how many classes the labels name, from 0 on; 0: no labels"
    ] = 0
    widths: Annotated[tuple[int, ...], AtLeast(1), "maps of each stage, the coarsest first"] = (
        768,
    ) * 4
    blocks: Annotated[tuple[int, ...], AtLeast(1), "residual blocks of each stage"] = (2,) * 4
    group: Annotated[int, AtLeast(1), "maps in each group of the 3 x 3 convolutions"] = 16
    gamma: Annotated[float, AtLeast(0), "weight of R1 and R2 at first"] = 0.05
    gamma_end: Annotated[float, AtLeast(0), "weight of R1 and R2 from decay_kimg on"] = 0.005
    decay_kimg: Annotated[
        float, Above(0), "thousands of images in which gamma goes to gamma_end"
    ] = 20_000.0

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


PUBLISHED = Optimizer(lr=2e-4, betas=(0.0, 0.99), schedule="cosine", lr_end=5e-5)


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
                optimizer=Optimizer(lr=2e-3, betas=(0.0, 0.99), schedule="cosine", lr_end=5e-5),
                ema_kimg=5,
            ),
            protocol="mnist-lenet",
            weights=Weights("a95358b03f565ee919274a187ebb192a61cb01f13074373643249cbdd78187f3"),
            description="digits, 28 x 28",
        ),
        "cifar10": Preset(
            Config(classes=10),
            Recipe(
                data="cifar10",
                kimg=20_000,
                batch=512,
                optimizer=PUBLISHED,
                ema_kimg=5000,
                ema_ramp=0.25,
                fresh_fakes=True,
                mirror=True,
            ),
            description="small photographs of a given class, 32 x 32; the paper's networks",
        ),
        "ffhq64": Preset(
            Config(
                size=64,
                widths=(768, 768, 768, 768, 384),
                blocks=(2,) * 5,
                gamma=2.0,
                gamma_end=0.2,
            ),
            Recipe(
                data="folder:ffhq64",
                kimg=20_000,
                batch=256,
                optimizer=PUBLISHED,
                ema_kimg=500,
                ema_ramp=0.025,
                fresh_fakes=True,
                mirror=True,
            ),
            description="faces, 64 x 64, from a folder ffhq64; the paper's networks",
        ),
    },
    deviations=(
        Deviation(
            "no augmentation",
            "the paper's is that of StyleGAN2-ADA, which is not written yet; on small data its"
            " absence lets the discriminator learn the images by heart",
        ),
        Deviation(
            "the second moment's decay is 0.99 throughout, not from 0.9 on",
            "a recipe's betas have no schedule",
        ),
        Deviation(
            "the half-life of the average grows linearly, not along a cosine",
            "a recipe's ramp is linear; it ends at the same half-life, after as many images",
        ),
        Deviation(
            "training ends where the schedules end",
            "the official code goes on with the last values; `--kimg` does not: the learning rate's"
            " schedule is as long as the run, that of gamma is `decay_kimg`",
        ),
        Deviation(
            "mnist: three blocks of 96 maps at 7 x 7, then one of 32 and one of 8, groups of 8;"
            " batch 16, learning rate 2e-3, gamma from 2 to 0.2",
            "the paper has no recipe for digits, and a CPU makes 100 images a second of this one."
            " In tries of four minutes (one seed each) a small batch and maps where they are cheap"
            " did most; at 4e-3 the samples were all alike",
        ),
    ),
    healthy=(
        "On digits, over 200 thousand images: discriminator/adv 0.48 after one thousand, 0.28 after"
        " three, 0.6 (log 2 is 0.69: it hardly tells) from 45 to 130, 0.53 at the end;"
        " generator/adv 2.2 after three, then about 1; both penalties, which have their weight in"
        " them, below 0.07."
    ),
)

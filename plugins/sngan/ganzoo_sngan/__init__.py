"""SNGAN: a discriminator whose layers stretch nothing, by spectral norm (Miyato et al. 2018)."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.errors import ConfigError
from ganzoo.spec.fields import AtLeast


@dataclass(frozen=True)
class Config(ModelConfig):
    """What the networks are built from, and how the discriminator is trained."""

    channels: Annotated[int, AtLeast(1), "1 for grey, 3 for RGB"] = 3
    size: Annotated[int, AtLeast(1), "height and width of the images, in pixels"] = 32
    latent: Annotated[int, AtLeast(1), "numbers that a sample is made from"] = 128
    widths: Annotated[
        tuple[int, ...], AtLeast(1), "the generator's maps, doubling after doubling"
    ] = (
        256,
        256,
        256,
        256,
    )
    discriminator_widths: Annotated[
        tuple[int, ...], AtLeast(1), "the discriminator's maps, block by block"
    ] = (
        128,
        128,
        128,
        128,
    )
    discriminator_halvings: Annotated[int, AtLeast(1), "how many of its blocks halve the image"] = 2
    discriminator_updates: Annotated[int, AtLeast(1), "its updates for one of the generator"] = 5

    def check(self) -> None:
        if len(self.widths) < 2:
            raise ConfigError(f"widths={self.widths}: at least two, before and after a doubling")
        if self.discriminator_halvings > len(self.discriminator_widths):
            raise ConfigError(
                f"discriminator_halvings={self.discriminator_halvings}: the discriminator has"
                f" {len(self.discriminator_widths)} blocks"
            )
        if self.size % 2**self.doublings:
            raise ConfigError(
                f"size={self.size}: must be some pixels, doubled {self.doublings} times"
            )

    @property
    def doublings(self) -> int:
        """How often the generator doubles the image."""
        return len(self.widths) - 1


spec = ModelSpec(
    model="ganzoo_sngan.model:SNGAN",
    summary="Residual networks and the hinge loss; spectral norm in the discriminator.",
    paper=Paper(
        "Miyato et al.",
        2018,
        "Spectral Normalization for Generative Adversarial Networks",
        "https://arxiv.org/abs/1802.05957",
    ),
    license="Apache-2.0",
    presets={
        "mnist": Preset(
            Config(
                channels=1,
                size=28,
                latent=100,
                widths=(64, 32, 16),
                discriminator_widths=(16, 32, 64),
                discriminator_updates=2,
            ),
            Recipe(
                data="mnist",
                kimg=360,
                batch=16,
                optimizer=Optimizer(lr=2e-3, betas=(0.0, 0.9), schedule="linear"),
            ),
            protocol="mnist-lenet",
            weights=Weights("e039bc54fe041e2f2dddc4423c7572d81dba6a3174b2dae1a62c4a7941b8aeab"),
            description="digits, 28 x 28",
        ),
        "cifar10": Preset(
            Config(),
            Recipe(
                data="cifar10",
                kimg=6400,
                optimizer=Optimizer(lr=2e-4, betas=(0.0, 0.9), schedule="linear"),
            ),
            description="small photographs of ten classes, 32 x 32; the paper's ResNet",
        ),
    },
    deviations=(
        Deviation(
            "the generator's batch is as large as the discriminator's, not twice as large",
            "one batch size a recipe",
        ),
        Deviation(
            "real and fake images pass the discriminator together: one power iteration for both",
            "no row sees another one, and the norms are found at half the cost",
        ),
        Deviation(
            "the generator is averaged",
            "as for all models of the library; the raw one is in the checkpoint",
        ),
        Deviation(
            "mnist: widths that halve where the image doubles; two updates of the discriminator"
            " instead of five; batch 16, learning rate from 2e-3 to 0",
            "it trains on a CPU; after 20 thousand images the distance was 155, and 198 with one"
            " update, 126 with three, which take longer, 265 at half the rate with one (one seed"
            " each); with one update and batch 64 the whole recipe gave 66",
        ),
        Deviation(
            "cifar10: the discriminator is updated before the generator in a step, not after it",
            "one order for all models; this recipe has not been run to its end yet",
        ),
    ),
    healthy=(
        "discriminator/adv is 2 where it cannot tell. On digits it was 1.7 after one thousand"
        " images and 1.5 from 30 thousand on; generator/adv between 0.2 and 0.5."
    ),
)

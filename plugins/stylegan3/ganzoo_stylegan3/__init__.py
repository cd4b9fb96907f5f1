"""StyleGAN3: alias-free synthesis from Fourier features (Karras et al. 2021)."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import Deviation, ModelConfig, ModelSpec, Paper
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Latent, Weight, halvings
from ganzoo.spec.fields import Above, AtLeast, Doubled, OneOf
from ganzoo_stylegan3.plan import LayerPlan, Signal, plan


@dataclass(frozen=True)
class Config(ModelConfig):
    """Networks and the weight of R1; the defaults are configuration T."""

    channels: Channels = 3
    size: Annotated[int, Doubled(4, 4, 2), "height and width of the images: a power of 2"] = 256
    latent: Latent = 512
    classes: Annotated[int, AtLeast(0), "number of classes; 0: labels are ignored"] = 0
    w_dim: Annotated[Count, "dimension of w, the intermediate latent"] = 512
    mapping: Annotated[Count, "layers of the mapping network"] = 2
    layers: Annotated[Count, "layers before the one that makes the image"] = 14
    critical: Annotated[Count, "layers at the end whose cutoff is half the sampling rate"] = 2
    base: Annotated[Count, "a layer has base / (2 cutoff) maps"] = 32_768
    most: Annotated[Count, "maps of a layer at most"] = 512
    kernel: Annotated[int, OneOf(1, 3), "size of the convolutions: 3 in T, 1 in R"] = 3
    radial: Annotated[bool, "rotationally symmetric filters: configuration R"] = False
    output_scale: Annotated[float, Above(0), "factor of the image"] = 0.25
    discriminator_base: Annotated[Count, "discriminator: base / resolution maps"] = 32_768
    discriminator_most: Annotated[Count, "discriminator: maps at most"] = 512
    label_mapping: Annotated[Count, "layers of the discriminator's mapping of labels"] = 8
    group: Annotated[Count, "rows that the minibatch standard deviation compares"] = 4
    clamp: Annotated[float, AtLeast(0), "largest absolute activation; 0: no limit"] = 256.0
    r1: Annotated[Weight, "weight of the R1 penalty on real images; 0: none"] = 10.0

    def check(self) -> None:
        if self.layers <= self.critical:
            raise ConfigError(f"layers={self.layers}: must be more than critical={self.critical}")

    @property
    def plan(self) -> tuple[Signal, tuple[LayerPlan, ...]]:
        """The input's signal, and all layers."""
        return plan(
            *(self.size, self.layers, self.critical, self.base, self.most),
            *(self.channels, self.kernel),
        )

    @property
    def styles(self) -> int:
        """Styles of the input, the layers, and the one that makes the image."""
        return self.layers + 2

    @property
    def discriminator_widths(self) -> tuple[int, ...]:
        """The discriminator's maps at each resolution, from 4 x 4 on."""
        sizes = [4 << level for level in range(halvings(self.size) + 1)]
        return tuple(min(self.discriminator_most, self.discriminator_base // s) for s in sizes)


from ganzoo_stylegan3.published import PRESETS  # noqa: E402 # its presets need Config

spec = ModelSpec(
    model="ganzoo_stylegan3.model:StyleGAN3",
    summary="An alias-free generator whose details follow translations and rotations.",
    paper=Paper(
        "Karras et al.",
        2021,
        "Alias-Free Generative Adversarial Networks",
        "https://arxiv.org/abs/2106.12423",
    ),
    license="Apache-2.0",
    presets=PRESETS,
    converters=("ganzoo_stylegan3.convert:nvidia",),
    deviations=(
        Deviation(
            "the discriminator and the generator are trained against the same fakes",
            "one pass of the generator a step is saved; `fresh_fakes` of the recipe draws new ones",
        ),
        Deviation(
            "images are not blurred at the start of training of configuration R",
            "it keeps R from a bad start in the paper's runs; no recipe here has been run",
        ),
        Deviation(
            "styles are normalized by row, not over the batch",
            "a sample must not depend on its batch; demodulation removes the difference",
        ),
    ),
)

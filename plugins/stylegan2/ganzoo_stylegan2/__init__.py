"""StyleGAN2: modulated convolutions, lazy regularization (Karras et al. 2020)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo import Deviation, ModelConfig, ModelSpec, Paper
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Counts, HalvableSize, Latent, Weight, halvings
from ganzoo.spec.fields import AtLeast, Between

CONNECTIONS = Literal["skip", "resnet", "orig"]
"""An image at each resolution, residual connections, or neither (figure 7 of the paper)."""


@dataclass(frozen=True)
class Config(ModelConfig):
    """Networks, noise of samples, and the weights of the regularizers."""

    channels: Channels = 3
    size: HalvableSize = 256
    latent: Latent = 512
    classes: Annotated[int, AtLeast(0), "number of classes; 0: labels are ignored"] = 0
    w_dim: Annotated[Count, "dimension of w, the intermediate latent"] = 512
    mapping: Annotated[Count, "layers of the mapping network"] = 8
    widths: Annotated[Counts, "feature maps at each resolution, the coarsest first"] = (
        *[512] * 4,
        256,
        128,
        64,
    )
    architecture: Annotated[CONNECTIONS, "architecture of the generator"] = "skip"
    discriminator: Annotated[CONNECTIONS, "architecture of the discriminator"] = "resnet"
    label_mapping: Annotated[Count, "layers of the discriminator's mapping of labels"] = 8
    group: Annotated[Count, "rows that the minibatch standard deviation compares"] = 4
    group_maps: Annotated[int, AtLeast(0), "maps with the minibatch standard deviation"] = 1
    clamp: Annotated[float, AtLeast(0), "largest absolute activation; 0: no limit"] = 256.0
    noise: Annotated[Literal["const", "none"], "noise of samples; training draws it"] = "const"
    r1: Annotated[Weight, "weight of the R1 penalty on real images; 0: none"] = 10.0
    path_length: Annotated[Weight, "weight of path length regularization; 0: none"] = 2.0
    mixing: Annotated[float, Between(0, 1), "share of fakes made from two latents"] = 0.9

    def check(self) -> None:
        if len(self.widths) != halvings(self.size) + 1:
            raise ConfigError(
                f"widths={self.widths}: must be {halvings(self.size) + 1} numbers at"
                f" size={self.size}, one for each resolution from {self.start} on"
            )
        if self.group_maps and self.widths[0] % self.group_maps:
            raise ConfigError(f"group_maps={self.group_maps}: must divide {self.widths[0]} maps")

    @property
    def start(self) -> int:
        """Height and width of the coarsest maps."""
        return self.size >> halvings(self.size)

    @property
    def layers(self) -> int:
        """Layers with a style of their own."""
        return 2 * len(self.widths)


from ganzoo_stylegan2.published import PRESETS  # noqa: E402 # its presets need Config

spec = ModelSpec(
    model="ganzoo_stylegan2.model:StyleGAN2",
    summary="A mapping network, styles that modulate convolutions, noise in each layer.",
    paper=Paper(
        "Karras et al.",
        2020,
        "Analyzing and Improving the Image Quality of StyleGAN",
        "https://arxiv.org/abs/1912.04958",
    ),
    license="Apache-2.0",
    presets=PRESETS,
    converters=("ganzoo_stylegan2.convert:nvidia", "ganzoo_stylegan2.convert:rosinality"),
    deviations=(
        Deviation(
            "the discriminator and the generator are trained against the same fakes",
            "one pass of the generator a step is saved; `fresh_fakes` of the recipe draws new ones",
        ),
        Deviation(
            "fakes have the labels of the real batch, and each row has its own place of mixing",
            "the trainer gives both networks one batch; what is random is drawn for each row",
        ),
        Deviation(
            "mnist: 28 x 28 from 7 x 7, at most 64 maps, two mapping layers; neither mixing nor"
            " path length regularization, as for CIFAR-10 in the second paper; four maps with the"
            " standard deviation of eight rows; batch 16",
            "the paper has no recipe for digits. Samples are all alike for the first 20 thousand"
            " images, with R1 weights from 0.01 to 10 alike, and differ from about 40 thousand on",
        ),
        Deviation(
            "no augmentation, unless --augment ada",
            "the second paper's presets were trained with adaptive augmentation",
        ),
    ),
    healthy="discriminator/adv is 1.39 where it cannot tell. On digits it fell to 0.55 in the first"
    " 20 thousand images, while all samples were alike, rose to 1.0 at 50 thousand, and stayed at"
    " 1.1 from 100 thousand on; generator/adv rose to 2.1, and fell to 0.9.",
)

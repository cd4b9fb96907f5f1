"""Config of R3GAN: stages of the networks, classes, and the schedule of the penalties."""

from dataclasses import dataclass
from operator import mod
from typing import Annotated

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Channels, Count, Counts, Latent, Weight
from ganzoo.spec.fields import Above, AtLeast


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
    expansion: Annotated[Count, "feature maps inside a block, relative to those outside"] = 2
    groups: Annotated[Counts, "groups of each stage's 3 x 3 convolutions; empty: by group"] = ()
    embedding: Annotated[int, AtLeast(0), "numbers per class beside the latent; 0: as latent"] = 0

    def check(self) -> None:
        doublings = len(self.widths) - 1
        if doublings < 1 or self.size % 2**doublings:
            raise ConfigError(
                f"size={self.size}: must be some pixels, doubled between widths={self.widths}"
            )
        if len(self.blocks) != len(self.widths):
            raise ConfigError(f"blocks={self.blocks}: must be as many as widths={self.widths}")
        if self.groups and len(self.groups) != len(self.widths):
            raise ConfigError(f"groups={self.groups}: must be as many as widths={self.widths}")
        if not self.groups and any(width % self.group for width in self.inner_widths):
            raise ConfigError(
                f"group={self.group}: must divide {self.expansion} times each of"
                f" widths={self.widths}"
            )
        if any(map(mod, self.inner_widths, self.stage_groups)):
            raise ConfigError(
                f"groups={self.groups}: must divide {self.expansion} times widths={self.widths}"
            )

    @property
    def start(self) -> int:
        """Height and width in the coarsest stage."""
        return self.size >> (len(self.widths) - 1)

    @property
    def inner_widths(self) -> tuple[int, ...]:
        """Feature maps inside the blocks of each stage."""
        return tuple(self.expansion * width for width in self.widths)

    @property
    def stage_groups(self) -> tuple[int, ...]:
        """Groups of the 3 x 3 convolutions of each stage."""
        return self.groups or tuple(width // self.group for width in self.inner_widths)

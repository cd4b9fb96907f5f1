"""Config of DCGAN."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo.spec.configs import HalvableSize, StridedConfig, Weight
from ganzoo.spec.fields import AtLeast


@dataclass(frozen=True)
class Config(StridedConfig):
    """Strided networks and an optional R1 penalty."""

    size: HalvableSize = 64
    r1: Annotated[Weight, "weight of the R1 penalty on real images; 0: none, as in the paper"] = 0.0
    discriminator_width: Annotated[
        int, AtLeast(0), "feature maps of the discriminator next to the image; 0: as width"
    ] = 0
    outer_bias: Annotated[bool, "bias in the layers that no batch norm follows"] = False
    slope: Annotated[float, AtLeast(0), "slope of the discriminator's leaky ReLU below 0"] = 0.2
    network: Annotated[
        Literal["dcgan", "standard"], "strided networks, or StudioGAN's, with 3 x 3 layers between"
    ] = "dcgan"

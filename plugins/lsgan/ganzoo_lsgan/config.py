"""Config of LSGAN."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo.spec.configs import StridedConfig, Weight
from ganzoo.spec.fields import AtLeast


@dataclass(frozen=True)
class Config(StridedConfig):
    """Strided networks, the loss and an optional R1 penalty."""

    r1: Annotated[Weight, "weight of the R1 penalty on real images; 0: none, as in the paper"] = 0.0
    network: Annotated[
        Literal["dcgan", "paper", "standard"],
        "4 x 4 strided convolutions, the networks of the paper, or StudioGAN's",
    ] = "dcgan"
    discriminator_width: Annotated[
        int, AtLeast(0), "feature maps of the discriminator next to the image; 0: as width"
    ] = 0
    slope: Annotated[float, AtLeast(0), "slope of the discriminator's leaky ReLU below 0"] = 0.2
    loss: Annotated[Literal["least-squares", "hinge"], "hinge: Geometric GAN (Lim and Ye 2017)"] = (
        "least-squares"
    )

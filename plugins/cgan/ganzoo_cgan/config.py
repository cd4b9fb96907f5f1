"""Config of the projection GAN."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo.spec.configs import Count, ResidualConfig
from ganzoo.spec.fields import Above


@dataclass(frozen=True)
class Config(ResidualConfig):
    """Class-conditional residual networks and discriminator updates."""

    classes: Annotated[Count, "number of classes; labels count from 0"] = 10
    norm_eps: Annotated[float, Above(0), "added to the variance by the generator's norms"] = 1e-5

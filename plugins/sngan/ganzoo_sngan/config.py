"""Config of SNGAN."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo.spec.configs import ResidualConfig


@dataclass(frozen=True)
class Config(ResidualConfig):
    """Residual networks, discriminator updates and self-supervision."""

    rotation: Annotated[
        bool, "the discriminator also predicts rotations: SSGAN (Chen et al. 2019)"
    ] = False

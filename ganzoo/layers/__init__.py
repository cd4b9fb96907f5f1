"""Networks and blocks that several model families share."""

from ganzoo.layers.blocks import (
    ConditionalBatchNorm2d,
    DownBlock,
    MinibatchStd,
    UpBlock,
    apply_spectral_norm,
    spectral_norm,
    upsample_nearest,
)
from ganzoo.layers.initialization import glorot_init, normal_init
from ganzoo.layers.residual import ResidualDiscriminator, ResidualGenerator, down_blocks
from ganzoo.layers.strided import (
    PatchDiscriminator,
    StridedDiscriminator,
    StridedGenerator,
    strided_convolutions,
)

__all__ = [
    "ConditionalBatchNorm2d",
    "DownBlock",
    "MinibatchStd",
    "PatchDiscriminator",
    "ResidualDiscriminator",
    "ResidualGenerator",
    "StridedDiscriminator",
    "StridedGenerator",
    "UpBlock",
    "apply_spectral_norm",
    "down_blocks",
    "glorot_init",
    "normal_init",
    "spectral_norm",
    "strided_convolutions",
    "upsample_nearest",
]

"""Networks and blocks that several model families share."""

from ganzoo.layers.augmentation import adaptive_augment, diff_augment
from ganzoo.layers.blocks import (
    ConditionalBatchNorm2d,
    DownBlock,
    MinibatchStd,
    UpBlock,
    UpsampledConv2d,
    apply_spectral_norm,
    spectral_norm,
    upsample_nearest,
)
from ganzoo.layers.equalized import (
    ClampedLeakyReLU,
    EqualizedConv2d,
    EqualizedLinear,
    clamped,
)
from ganzoo.layers.fir import Fir, FirDown, FirUp
from ganzoo.layers.initialization import glorot_init, normal_init
from ganzoo.layers.residual import ResidualDiscriminator, ResidualGenerator, down_blocks
from ganzoo.layers.standard_cnn import StandardDiscriminator, StandardGenerator
from ganzoo.layers.strided import (
    PatchDiscriminator,
    StridedDiscriminator,
    StridedGenerator,
    strided_convolutions,
)
from ganzoo.layers.style import (
    HALF_PRECISION,
    MappingNetwork,
    StyleDiscriminator,
    precision,
)

__all__ = [
    "HALF_PRECISION",
    "ClampedLeakyReLU",
    "ConditionalBatchNorm2d",
    "DownBlock",
    "EqualizedConv2d",
    "EqualizedLinear",
    "Fir",
    "FirDown",
    "FirUp",
    "MappingNetwork",
    "MinibatchStd",
    "PatchDiscriminator",
    "ResidualDiscriminator",
    "ResidualGenerator",
    "StandardDiscriminator",
    "StandardGenerator",
    "StridedDiscriminator",
    "StridedGenerator",
    "StyleDiscriminator",
    "UpBlock",
    "UpsampledConv2d",
    "adaptive_augment",
    "apply_spectral_norm",
    "clamped",
    "diff_augment",
    "down_blocks",
    "glorot_init",
    "normal_init",
    "precision",
    "spectral_norm",
    "strided_convolutions",
    "upsample_nearest",
]

"""Network blocks that several model families share."""

from ganzoo.layers.blocks import (
    ConditionalBatchNorm2d,
    DownBlock,
    UpBlock,
    apply_spectral_norm,
    glorot_init,
    upsample_nearest,
)

__all__ = [
    "ConditionalBatchNorm2d",
    "DownBlock",
    "UpBlock",
    "apply_spectral_norm",
    "glorot_init",
    "upsample_nearest",
]

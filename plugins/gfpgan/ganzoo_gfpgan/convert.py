"""Converter of GFPGAN's published files, in the version without custom operators."""

from __future__ import annotations

import re

from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo.spec.configs import halvings
from ganzoo_gfpgan.config import Config

WRAPPERS = ("params_ema.", "params.", "")

_RESAMPLE = {"conv1": "first", "conv2": "second", "skip": "skip"}


def _level(match: re.Match[str]) -> str:
    """Name of a layer of the decoder: an up-convolution, then one of the same size."""
    place, second = divmod(int(match[1]), 2)
    return f"decoder.{('ups', 'convolutions')[second]}.{place}.{match[2]}"


def _noise(match: re.Match[str]) -> str:
    number = int(match[1])
    if not number:
        return "decoder.first.noise"
    place, second = divmod(number - 1, 2)
    return f"decoder.{('ups', 'convolutions')[second]}.{place}.noise"


_STYLED = (
    (r"(.*)\.modulated_conv\.modulation\.(\w+)", r"\1.affine.\2"),
    (r"(.*)\.modulated_conv\.weight", r"\1.weight"),
    (r"(decoder\.(?:first|ups|convolutions)\S*)\.weight", r"\1.noise_strength"),
    (r"(.*)", r"\1"),
)

_NAMES = (
    (r"conv_body_first\.(\w+)", r"encoder.first.\1"),
    (
        r"conv_body_(down|up)\.(\d+)\.(conv1|conv2|skip)\.(\w+)",
        lambda m: f"encoder.{m[1]}s.{m[2]}.{_RESAMPLE[m[3]]}.{m[4]}",
    ),
    (r"final_conv\.(\w+)", r"encoder.middle.\1"),
    (r"final_linear\.(\w+)", r"encoder.to_styles.\1"),
    (r"toRGB\.(.*)", r"encoder.to_images.\1"),
    (r"condition_(scale|shift)\.(.*)", r"encoder.\1s.\2"),
    # the mapping network is not used where the encoder gives w itself, as in all releases
    (r"stylegan_decoder\.style_mlp\..*", None),
    (r"stylegan_decoder\.constant_input\.weight", "decoder.maps"),
    (r"stylegan_decoder\.noises\.noise(\d+)", _noise),
    (r"stylegan_decoder\.style_conv1\.(.*)", r"decoder.first.\1"),
    (r"stylegan_decoder\.style_convs\.(\d+)\.(.*)", _level),
    (r"stylegan_decoder\.to_rgb1\.(.*)", r"decoder.image.\1"),
    (r"stylegan_decoder\.to_rgbs\.(.*)", r"decoder.images.\1"),
)


def clean(state: ForeignState) -> Converted | None:
    """GFPGANv1Clean, of any size."""
    tensors = state.part(*WRAPPERS)
    if "stylegan_decoder.style_conv1.modulated_conv.weight" not in tensors:
        return None
    if "final_linear.weight" not in tensors or "conv_body_down.0.conv2.bias" not in tensors:
        return None  # the first release, with custom operators
    renamed = rename(rename(tensors, _NAMES, "GFPGAN"), _STYLED, "GFPGAN")
    for name, value in renamed.items():
        kind = name.rpartition(".")[2]
        if name.startswith("decoder.") and kind in ("weight", "bias") and "affine" not in name:
            renamed[name] = value[0] if value.ndim == 5 else value.flatten()
        elif kind == "noise_strength":
            renamed[name] = value.squeeze()
        elif kind == "noise":
            renamed[name] = value[0, 0]
    sizes = [value.shape[-1] for name, value in renamed.items() if name.endswith(".noise")]
    size, levels = max(sizes), halvings(max(sizes))
    styles, style = len(renamed["encoder.to_styles.bias"]), renamed["decoder.first.affine.weight"]
    ups = [renamed[f"decoder.ups.{level}.weight"] for level in range(levels)]
    config = Config(
        channels=renamed["encoder.first.weight"].shape[1],
        size=size,
        widths=(renamed["decoder.maps"].shape[1], *(len(each) for each in ups)),
        style=style.shape[1],
        one_style=styles == style.shape[1],
    )
    return Converted(config, renamed)

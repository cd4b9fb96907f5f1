"""Converter of AuraSR's published files."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo_aurasr.config import Config

WRAPPERS = ("state_dict.", "model.", "")
HEAD = 64
"""Dimension of a head in the published files, which do not state it."""
PATCH = 64
"""Height and width of a source in the published files, which do not state it."""

_PLACES = (
    (r"style_network\.net\.(\d+)\.(\w+)", lambda m: f"mapping.layers.{int(m[1]) // 2}.{m[2]}"),
    (r"style_to_conv_modulations\.(\w+)", r"to_modulations.\1"),
    (r"init_conv\.(\w+)", r"first.\1"),
    (r"(down|up)s\.(\d+)\.0\.(\d+)\.(.*)", r"\1s.\2.blocks.\3.\4"),
    (r"downs\.(\d+)\.1\.1\.(\w+)", r"downs.\1.down.\2"),
    (r"ups\.(\d+)\.1\.0\.conv\.(\w+)", r"ups.\1.up.\2"),
    (r"ups\.(\d+)\.1\.1\.layers\.(.*)", r"ups.\1.attention.\2"),
    (r"mid_block1\.(.*)", r"middle_first.\1"),
    (r"mid_attn\.layers\.(.*)", r"middle_attention.\1"),
    (r"mid_block2\.(.*)", r"middle_second.\1"),
    (r"final_res_block\.(.*)", r"last.\1"),
    (r"final_to_rgb\.(\w+)", r"to_image.\1"),
)

_PARTS = (
    (r"(.*)\.block1\.proj\.weights", r"\1.first.weights"),
    (r"(.*)\.block2\.proj\.weights", r"\1.second.weights"),
    (r"(.*)\.res_conv\.(\w+)", r"\1.residual.\2"),
    (r"(.*attention\.\d+)\.0\.attend\.scale", None),  # never used
    (r"(.*attention\.\d+)\.0\.norm\.g", r"\1.0.norm.gain"),
    (r"(.*attention\.\d+)\.0\.to_out\.(\w+)", r"\1.0.output.\2"),
    (r"(.*attention\.\d+)\.1\.0\.g", r"\1.1.body.0.gain"),
    (r"(.*attention\.\d+)\.1\.(\d)\.(\w+)", r"\1.1.body.\2.\3"),
    (r"(.*)", r"\1"),
)


def upsampler(state: ForeignState) -> Converted | None:
    """The generator of AuraSR, of any size."""
    tensors = state.part(*WRAPPERS)
    if not {"style_to_conv_modulations.weight", "final_to_rgb.weight"} <= tensors.keys():
        return None
    renamed = rename(rename(tensors, _PLACES, "AuraSR"), _PARTS, "AuraSR")
    return Converted(_config(renamed, state), renamed)


def _config(tensors: Mapping[str, Tensor], state: ForeignState) -> Config:
    """The config that the shapes state; the size and the heads may stand beside them."""
    ups, downs = _count(tensors, r"ups\.(\d+)\."), _count(tensors, r"downs\.(\d+)\.")
    first = tensors["middle_first.first.weights"]
    widths = (first.shape[1], *(len(tensors[f"ups.{level}.up.weight"]) for level in range(ups)))
    places = ("middle_attention", *(f"ups.{level}.attention" for level in range(ups)))
    projections = [value for name, value in tensors.items() if name.endswith("to_qkv.weight")]
    inner = len(projections[0]) // 3 if projections else HEAD
    heads = int(state.arguments.get("self_attn_heads", max(1, inner // HEAD)))
    style = tensors["mapping.layers.0.weight"]
    return Config(
        channels=tensors["first.weight"].shape[1],
        size=int(state.arguments.get("image_size", PATCH << (ups - downs))),
        latent=style.shape[1],
        style=style.shape[0],
        mapping=_count(tensors, r"mapping\.layers\.(\d+)\."),
        widths=widths,
        halvings=downs,
        blocks=_count(tensors, r"ups\.0\.blocks\.(\d+)\."),
        kernels=len(first),
        attention=tuple(_count(tensors, rf"{place}\.(\d+)\.") for place in places),
        heads=heads,
        head=inner // heads,
    )


def _count(tensors: Mapping[str, Tensor], pattern: str) -> int:
    """Number of layers of a list: one more than the highest number in a name."""
    return max((int(m[1]) + 1 for name in tensors if (m := re.match(pattern, name))), default=0)

"""Converter of files of lucidrains's lightweight-gan."""

from __future__ import annotations

import re

from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo_lightweight.config import Config

WRAPPERS = ("GAN.GE.", "GE.", "GAN.G.", "G.", "")
"""Averaged weights, then the last ones."""

_NAMES = (
    (r"initial_conv\.0\.(\w+)", r"first.1.\1"),
    (r"initial_conv\.1\.(\w+)", r"first.2.\1"),
    (r"layers\.(\d+)\.0\.0\.net\.0\.(\w+)", r"doublings.\1.spread.\2"),
    (r"layers\.\d+\.0\.1\.f", None),  # the taps of the blur
    (r"layers\.(\d+)\.0\.2\.1\.(\w+)", r"doublings.\1.convolution.\2"),
    (r"layers\.(\d+)\.0\.3\.weight", r"doublings.\1.strength"),
    (r"layers\.(\d+)\.0\.4\.(\w+)", r"doublings.\1.norm.\2"),
    (r"layers\.(\d+)\.1\.to_k\.(\w+)", r"excitations.\1.weights.\2"),
    (r"layers\.(\d+)\.1\.net\.0\.(\w+)", r"excitations.\1.first.\2"),
    (r"layers\.(\d+)\.1\.net\.2\.(\w+)", r"excitations.\1.second.\2"),
    (r"layers\.(\d+)\.2\.norm\.g", r"attention.\1.gain"),
    (r"layers\.(\d+)\.2\.norm\.b", r"attention.\1.shift"),
    (r"layers\.(\d+)\.2\.fn\.to_lin_q\.(\w+)", r"attention.\1.linear_query.\2"),
    (r"layers\.(\d+)\.2\.fn\.to_lin_kv\.net\.(\d)\.(\w+)", r"attention.\1.linear_rest.\2.\3"),
    (r"layers\.(\d+)\.2\.fn\.to_q\.(\w+)", r"attention.\1.query.\2"),
    (r"layers\.(\d+)\.2\.fn\.to_kv\.(\w+)", r"attention.\1.rest.\2"),
    (r"layers\.(\d+)\.2\.fn\.to_out\.(\w+)", r"attention.\1.output.\2"),
    (r"out_conv\.(\w+)", r"image.\1"),
)


def lightweight(state: ForeignState) -> Converted | None:
    """Generators of any size, with or without attention."""
    tensors = state.part(*WRAPPERS)
    if "layers.0.0.0.net.0.weight" not in tensors or "initial_conv.0.weight" not in tensors:
        return None
    renamed = rename(tensors, _NAMES, "Lightweight GAN")
    for name, value in renamed.items():
        if name.endswith(".strength"):
            renamed[name] = value.squeeze()
        elif name.endswith((".gain", ".shift")):
            renamed[name] = value[0]
    found = {int(m[1]) for name in renamed if (m := re.match(r"doublings\.(\d+)\.", name))}
    latent, _, start, _ = renamed["first.1.weight"].shape
    with_attention = {name.split(".")[1] for name in renamed if name.startswith("attention.")}
    outputs = [len(renamed[f"doublings.{each}.convolution.weight"]) for each in sorted(found)]
    config = Config(
        channels=len(renamed["image.bias"]),
        size=start << len(found),
        latent=latent,
        widths=tuple(each // 2 for each in outputs),
        attention=tuple(start << number for number in sorted(map(int, with_attention))),
    )
    return Converted(config, renamed)

"""Converter of LaMa's published files: Lightning checkpoints and TorchScript archives."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo_lama.config import Config

WRAPPERS = ("state_dict.generator.", "model.generator.", "generator.", "")
"""Lightning checkpoints, TorchScript of the whole model, the generator alone."""

_SPECTRAL = (
    (r"conv1\.0\.(.*)", r"first.convolution.\1"),
    (r"conv1\.1\.(.*)", r"first.norm.\1"),
    (r"fu\.conv_layer\.(.*)", r"fourier.layer.convolution.\1"),
    (r"fu\.bn\.(.*)", r"fourier.layer.norm.\1"),
    (r"conv2\.(.*)", r"last.\1"),
)


def lama(state: ForeignState) -> Converted | None:
    """Generators with fast Fourier convolutions, of any size."""
    tensors = {
        name.removeprefix("model."): value
        for name, value in state.part(*WRAPPERS).items()
        if name.startswith("model.")
    }
    if "1.ffc.convl2l.weight" not in tensors:
        return None
    blocks = sorted({int(name.split(".")[0]) for name in tensors if ".conv1.ffc." in name})
    if not blocks or any("lfu" in name for name in tensors):
        raise WeightsError("LaMa: no Fourier convolutions, or some with local Fourier units")
    last = max(int(name.split(".")[0]) for name in tensors)
    joined = _joined(tensors)
    table = (
        (r"1\.ffc\.convl2l\.(.*)", r"first.convolution.\1"),
        (r"1\.bn_l\.(.*)", r"first.norm.\1"),
        (r"(\d+)\.ffc\.convl2l\.(.*)", lambda m: f"downs.{int(m[1]) - 2}.convolution.{m[2]}"),
        (r"(\d+)\.bn_l\.(.*)", lambda m: f"downs.{int(m[1]) - 2}.norm.{m[2]}"),
        (r"(\d+)\.conv([12])\.(.*)", lambda m: _block(m, blocks[0])),
        (r"(\d+)\.(\w+)", lambda m: _up(m, blocks[-1], last)),
    )
    renamed = rename(joined, table, "LaMa")
    width, inputs = renamed["first.convolution.weight"].shape[:2]
    deepest, local_maps = renamed["blocks.0.first.convolution.from_local.weight"].shape[:2]
    capped = deepest < width * 2 ** (blocks[0] - 2)
    config = Config(
        channels=inputs - 1,
        width=width,
        largest_width=deepest if capped else max(deepest, Config.largest_width),
        downsamplings=blocks[0] - 2,
        blocks=len(blocks),
        global_share=(deepest - local_maps) / deepest,
    )
    return Converted(config, renamed)


def _joined(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors where local and global maps are one: two convolutions, and two norms, become one."""
    joined = {}
    for name, value in tensors.items():
        if ".convl2g." in name or ".bn_g." in name:
            continue
        other = tensors.get(name.replace(".convl2l.", ".convl2g.").replace(".bn_l.", ".bn_g."))
        if other is None or other is value or not value.ndim:  # the count of batches is one
            joined[name] = value
        else:
            joined[name] = torch.cat([value, other])
    return joined


def _block(match: re.Match[str], first: int) -> str:
    """Name of a tensor of a residual block."""
    stem = f"blocks.{int(match[1]) - first}.{'first' if match[2] == '1' else 'second'}"
    entry = match[3]
    if norm := re.fullmatch(r"bn_l\.(.*)", entry):
        return f"{stem}.norm.{norm[1]}"
    for theirs, ours in (("convl2l", "from_local"), ("convg2l", "from_global")):
        if part := re.fullmatch(rf"ffc\.{theirs}\.(.*)", entry):
            return f"{stem}.convolution.{ours}.{part[1]}"
    for pattern, replacement in _SPECTRAL:
        if part := re.fullmatch(rf"ffc\.convg2g\.{pattern}", entry):
            return f"{stem}.convolution.spectral.{part.expand(replacement)}"
    raise WeightsError(f"LaMa: unexpected tensor {match[0]}")


def _up(match: re.Match[str], block: int, last: int) -> str:
    """Name of a tensor after the blocks: a convolution, its norm and its ReLU have numbers."""
    number = int(match[1])
    if number == last:
        return f"image.{match[2]}"
    place, kind = divmod(number - block - 2, 3)
    return f"ups.{place}.{('convolution', 'norm')[kind]}.{match[2]}"

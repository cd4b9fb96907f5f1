"""Converters of published files: three sets of names for RRDB networks, the compact network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from torch import Tensor

from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo_esrgan import Config

WRAPPERS = ("params_ema.", "params.", "")
"""Averaged weights, the last weights, or a bare state dict."""

UNSTATED = (
    "discriminator_width",
    "adversarial",
    "l1",
    "adv",
    "perceptual",
    "pretrain_kimg",
    "degradation",
)
"""Settings of training: a file of a generator does not state them."""

_CHANNELS: Mapping[int, tuple[int, Literal[1, 2, 4]]] = {
    1: (1, 1),
    3: (3, 1),
    4: (1, 2),
    12: (3, 2),
    16: (1, 4),
    48: (3, 4),
}
"""Inputs of the first convolution: channels of the image, and the factor of the unshuffle."""


def _dense(match: re.Match[str]) -> str:
    """Name of a convolution of a dense block; official numbers start at 1."""
    block, convolution = int(match[2]) - 1, int(match[3]) - 1
    return f"body.{match[1]}.blocks.{block}.convolutions.{convolution}.{match[4]}"


def _up(match: re.Match[str]) -> str:
    return f"ups.{int(match[1]) - 1}.{match[2]}"


_NEW = (
    (r"body\.(\d+)\.rdb(\d)\.conv(\d)\.(\w+)", _dense),
    (r"conv_up(\d)\.(\w+)", _up),
    (r"(conv_first|conv_body|conv_hr|conv_last)\.(\w+)", r"\1.\2"),
    # the names of the first release of ESRGAN
    (r"RRDB_trunk\.(\d+)\.RDB(\d)\.conv(\d)\.(\w+)", _dense),
    (r"trunk_conv\.(\w+)", r"conv_body.\1"),
    (r"upconv(\d)\.(\w+)", _up),
    (r"HRconv\.(\w+)", r"conv_hr.\1"),
)


def rrdb(state: ForeignState) -> Converted | None:
    """RRDB networks of BasicSR, Real-ESRGAN, ESRGAN and BSRGAN."""
    tensors = state.part(*WRAPPERS)
    if "conv_first.weight" not in tensors or not {"conv_body.weight", "trunk_conv.weight"} & {
        *tensors
    }:
        return None
    return _rrdb(rename(tensors, _NEW, "RRDB network"))


def rrdb_old(state: ForeignState) -> Converted | None:
    """RRDB networks whose tensors are numbered, ``model.0``, ``model.1.sub.0``, ..."""
    tensors = state.part(*WRAPPERS)
    if "model.0.weight" not in tensors or "model.1.sub.0.RDB1.conv1.0.weight" not in tensors:
        return None
    matches = (re.fullmatch(r"model\.(\d+)\.weight", name) for name in tensors)
    numbers = sorted({int(match[1]) for match in matches if match})
    _, *ups, high, last = numbers
    names = {0: "conv_first", high: "conv_hr", last: "conv_last"}
    names |= {number: f"ups.{place}" for place, number in enumerate(ups)}
    table = (
        (
            r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.(\w+)",
            _dense,
        ),
        (r"model\.1\.sub\.\d+\.(\w+)", r"conv_body.\1"),
        (r"model\.(\d+)\.(\w+)", lambda match: f"{names[int(match[1])]}.{match[2]}"),
    )
    return _rrdb(rename(tensors, table, "RRDB network with numbered tensors"))


def compact(state: ForeignState) -> Converted | None:
    """The compact network of Real-ESRGAN, SRVGGNetCompact."""
    tensors = state.part(*WRAPPERS)
    numbers = [int(m[1]) for name in tensors if (m := re.fullmatch(r"body\.(\d+)\.\w+", name))]
    if not numbers or len(numbers) < len(tensors) or "body.1.weight" not in tensors:
        return None
    renamed = rename(tensors, ((r"(body\.\d+\.(weight|bias))", r"\1"),), "compact network")
    width, channels = renamed["body.0.weight"].shape[:2]
    outputs = len(renamed[f"body.{max(numbers)}.weight"])
    config = Config(
        channels=channels,
        scale=round((outputs / channels) ** 0.5),
        network="compact",
        width=width,
        blocks=max(numbers) // 2 - 1,
    )
    return Converted(config, renamed, unstated=UNSTATED)


def discriminator(state: ForeignState) -> dict[str, Tensor] | None:
    """State dict of `UNetDiscriminator`, from a file of the U-Net with spectral norm."""
    tensors = state.part(*WRAPPERS)
    if "conv0.weight" not in tensors or "conv9.weight" not in tensors:
        return None
    layers = {"0": "conv_first", "9": "conv_last"}
    layers |= {str(number): f"downs.{number - 1}" for number in (1, 2, 3)}
    layers |= {str(number): f"ups.{number - 4}" for number in (4, 5, 6)}
    layers |= {str(number): f"convs.{number - 7}" for number in (7, 8)}
    parts = {"orig": "original", "u": "0._u", "v": "0._v"}
    table = (
        (
            r"conv(\d)\.weight_(orig|u|v)",
            lambda match: f"{layers[match[1]]}.parametrizations.weight.{parts[match[2]]}",
        ),
        (r"conv(\d)\.(weight|bias)", lambda match: f"{layers[match[1]]}.{match[2]}"),
    )
    return rename(tensors, table, "U-Net discriminator")


def _rrdb(tensors: Mapping[str, Tensor]) -> Converted | None:
    """Config from the shapes."""
    width, inputs = tensors["conv_first.weight"].shape[:2]
    if inputs not in _CHANNELS:
        return None
    channels, unshuffle = _CHANNELS[inputs]
    ups = len({name for name in tensors if re.fullmatch(r"ups\.\d+\.weight", name)})
    if unshuffle > 2**ups:
        return None
    config = Config(
        channels=channels,
        scale=2**ups // unshuffle,
        width=width,
        blocks=1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("body.")),
        growth=len(tensors["body.0.blocks.0.convolutions.0.weight"]),
        unshuffle=unshuffle,
    )
    return Converted(config, tensors, unstated=UNSTATED)

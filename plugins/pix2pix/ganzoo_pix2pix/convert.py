"""Conversion of published weights: names of the authors' code, of mmgeneration and of huggan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, cast

import torch
from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo_pix2pix.config import Config

STATISTICS = r".*\.(running_mean|running_var|num_batches_tracked)"
ENTRY = r"(weight|bias|running_mean|running_var|num_batches_tracked)"
SMALLEST = 5
"""Levels of the authors' U-Net at least; dropout is in the levels beyond."""

Table = list[tuple[str, str | None]]
Norm = Literal["affine", "batch"]


def berkeley(state: ForeignState, norm: Norm = "affine") -> Converted | None:
    """A U-Net under the names of the authors' code, and its discriminator where given.

    A file of two networks has the keys ``G`` and ``D``.

    Args:
        state: the file.
        norm: for a network with batch norm. ``affine`` has the published behavior, the statistics
            of the image itself; ``batch`` keeps the running statistics and uses them at test time.
    """
    tensors = state.part("G.", "")
    if not {"model.model.0.weight", "model.model.3.weight"} <= tensors.keys():
        return None
    batch = "model.model.1.model.2.weight" in tensors
    config = _config(tensors, tensors["model.model.0.weight"], norm if batch else "instance")
    dropped = [] if config.norm == "batch" else [(STATISTICS, None)]
    kind = f"{state.name}, a U-Net of pix2pix"
    generator = rename(tensors, [*dropped, *_berkeley_table(config)], kind)
    rest: dict[str, Tensor] = {}
    if judge := state.part("D."):
        last = max(int(name.split(".")[1]) for name in judge)
        config = _with_discriminator(config, judge["model.0.weight"], last // 3)
        table = (rf"model\.(\d+)\.{ENTRY}", r"discriminator.\1.\2")
        rest = rename(judge, [*dropped, table], state.name)
    return _checked(Converted(config, generator, rest), state.name)


def berkeley_swapped(state: ForeignState) -> Converted | None:
    """As `berkeley`, of weights that translate the data's real to its source."""
    return _swapped(berkeley(state))


def mmgen(state: ForeignState, norm: Norm = "affine") -> Converted | None:
    """Generator and discriminator of mmgeneration; colors are turned from BGR to RGB.

    Args:
        state: the file.
        norm: as of `berkeley`.
    """
    tensors = state.part("state_dict.", "")
    first = r"generators\.\w+\.model\.model\.0\.conv\.weight"
    found = [tensors[name] for name in tensors if re.fullmatch(first, name)]
    if len(found) != 1:
        return None
    generators = {name: each for name, each in tensors.items() if name.startswith("generators.")}
    config = _config(generators, found[0], norm)
    judge = {name: each for name, each in tensors.items() if name.startswith("discriminators.")}
    if judge:
        last = max(int(name.split(".")[3]) for name in judge)
        width = next(each for name, each in judge.items() if name.endswith(".0.conv.weight"))
        config = _with_discriminator(config, width, last - 1)
    table = [*_mmgen_table(config), *_mmgen_discriminator(config)]
    dropped: Table = [] if config.norm == "batch" else [(STATISTICS, None)]
    renamed = rename(tensors, [*dropped, *table], f"{state.name}, a pix2pix of mmgeneration")
    turned = {name: _turned(name, each, config) for name, each in renamed.items()}
    generator = {name: turned[name] for name in turned if not name.startswith("discriminator.")}
    rest = {name: turned[name] for name in turned if name not in generator}
    return _checked(Converted(config, generator, rest), state.name)


def mmgen_swapped(state: ForeignState) -> Converted | None:
    """As `mmgen`, of weights that translate the data's real to its source."""
    return _swapped(mmgen(state))


def huggan(state: ForeignState) -> Converted | None:
    """A U-Net of huggan, and its discriminator, which sees the target first, where given."""
    tensors = state.part("G.", "")
    if not {"down1.model.0.weight", "final.2.weight"} <= tensors.keys():
        return None
    config = replace(
        _config(tensors, tensors["down1.model.0.weight"], "affine"),
        networks="huggan",
        halvings=4,
        norm="affine",
        noisy=3,
        skipped=0,
    )
    table: Table = [
        *((rf"down{n}\.model\.0\.weight", f"downs.{n - 1}.0.weight") for n in _levels(config)),
        *((rf"up{n}\.model\.0\.weight", f"ups.{n - 1}.0.weight") for n in _levels(config)[:-1]),
        (r"final\.2\.(weight|bias)", r"last.2.\1"),
    ]
    generator = rename(tensors, table, f"{state.name}, a U-Net of huggan")
    rest: dict[str, Tensor] = {}
    if judge := state.part("D."):
        last = max(int(name.split(".")[1]) for name in judge)
        config = _with_discriminator(config, judge["model.0.weight"], last // 3)
        rest = rename(judge, [(rf"model\.(\d+)\.{ENTRY}", r"discriminator.\1.\2")], state.name)
        target, source = rest["discriminator.0.weight"].chunk(2, 1)
        rest["discriminator.0.weight"] = torch.cat([source, target], 1)
    return _checked(Converted(config, generator, rest), state.name)


def _config(
    tensors: Mapping[str, Tensor], first: Tensor, norm: Literal["affine", "instance", "batch"]
) -> Config:
    """Config of a U-Net: each of its levels has two convolutions."""
    levels = sum(each.ndim == 4 for each in tensors.values()) // 2
    return Config(
        channels=first.shape[1],
        size=2**levels,
        width=first.shape[0],
        noisy=max(levels - SMALLEST, 1),
        dropout=0.5 if levels > SMALLEST else 0.0,
        skipped=1,
        norm=norm,
    )


def _with_discriminator(config: Config, first: Tensor, halvings: int) -> Config:
    width = first.shape[0]
    width = 0 if width == config.width else width
    return replace(config, halvings=halvings, discriminator_width=width)


def _levels(config: Config) -> range:
    return range(1, len(config.widths) + 1)


def _berkeley_table(config: Config) -> Table:
    """Each level is nested in the one before; the innermost has one layer less."""
    last = len(config.widths) - 1
    table: Table = [
        (rf"model\.model\.0\.{ENTRY}", r"downs.0.0.\1"),
        (rf"model\.model\.3\.{ENTRY}", rf"ups.{last}.1.\1"),
    ]
    for level in range(1, last + 1):
        prefix = r"model\.model\.1" + r"\.model\.3" * (level - 1)
        up, own = (3 if level == last else 5), last - level
        table += [
            (rf"{prefix}\.model\.(1|2)\.{ENTRY}", rf"downs.{level}.\1.\2"),
            (rf"{prefix}\.model\.{up}\.{ENTRY}", rf"ups.{own}.1.\1"),
            (rf"{prefix}\.model\.{up + 1}\.{ENTRY}", rf"ups.{own}.2.\1"),
        ]
    return table


def _mmgen_table(config: Config) -> Table:
    """Each level is nested in the one before."""
    last = len(config.widths) - 1
    table: Table = []
    for level in range(last + 1):
        prefix = r"generators\.\w+\.model" + r"\.model\.1" * level
        up, own = (1 if level == last else 2), last - level
        down = 0 if level == 0 else 1
        table += [
            (rf"{prefix}\.model\.0\.conv\.{ENTRY}", rf"downs.{level}.{down}.\1"),
            (rf"{prefix}\.model\.0\.bn\.{ENTRY}", rf"downs.{level}.2.\1"),
            (rf"{prefix}\.model\.{up}\.conv\.{ENTRY}", rf"ups.{own}.1.\1"),
            (rf"{prefix}\.model\.{up}\.bn\.{ENTRY}", rf"ups.{own}.2.\1"),
        ]
    return table


def _mmgen_discriminator(config: Config) -> Table:
    prefix, last = r"discriminators\.\w+\.model", config.halvings + 1
    table: Table = [(rf"{prefix}\.0\.conv\.{ENTRY}", r"discriminator.0.\1")]
    for level in range(1, last):
        table += [
            (rf"{prefix}\.{level}\.conv\.{ENTRY}", rf"discriminator.{3 * level - 1}.\1"),
            (rf"{prefix}\.{level}\.bn\.{ENTRY}", rf"discriminator.{3 * level}.\1"),
        ]
    return [*table, (rf"{prefix}\.{last}\.{ENTRY}", rf"discriminator.{3 * last - 1}.\1")]


def _turned(name: str, tensor: Tensor, config: Config) -> Tensor:
    """BGR to RGB: first and last layer of the generator, both images of the discriminator."""
    last = f"ups.{len(config.widths) - 1}.1"
    if name == "downs.0.0.weight" or name == f"{last}.weight":
        return tensor.flip(1)
    if name == f"{last}.bias":
        return tensor.flip(0)
    if name == "discriminator.0.weight":
        return torch.cat([image.flip(1) for image in tensor.chunk(2, 1)], 1)
    return tensor


def _swapped(converted: Converted | None) -> Converted | None:
    if converted is None:
        return None
    config = cast(Config, converted.config)
    return replace(converted, config=replace(config, source="swapped"))


def _checked(converted: Converted, name: str) -> Converted:
    """The same.

    Raises:
        WeightsError: a generator that makes images of other channels than it sees.
    """
    config = cast(Config, converted.config)
    last = "last.2" if config.networks == "huggan" else f"ups.{len(config.widths) - 1}.1"
    made = converted.generator[f"{last}.bias"].shape[0]
    if made != config.channels:
        raise WeightsError(
            f"{name}: a generator from {config.channels} channels to {made}; ganzoo has pix2pix"
            " with equally many only"
        )
    return converted

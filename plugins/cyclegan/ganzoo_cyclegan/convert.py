"""Conversion of published weights: names of the authors' code, of mmgeneration and of huggan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, cast

from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo_cyclegan.config import Config

BLOCK = r"model\.(\d+)\.(?:conv_)?block\.(\d)\.weight"
STATISTICS = r".*\.(running_mean|running_var|num_batches_tracked)"
ENTRY = r"(weight|bias|running_mean|running_var|num_batches_tracked)"
Table = list[tuple[str, str | None]]


def berkeley(state: ForeignState) -> Converted | None:
    """One generator under the names of the authors' code, and its discriminator where given.

    The same names have huggan's generators, whose upsampling differs, and vintagify's. A file of
    two networks has the keys ``G`` and ``D``.
    """
    tensors = state.part("G.", "")
    if "model.1.weight" not in tensors or not any(re.fullmatch(BLOCK, name) for name in tensors):
        return None
    config, table = _berkeley_generator(tensors, state.name)
    generator = rename(tensors, table, f"{state.name}, a CycleGAN generator")
    rest: dict[str, Tensor] = {}
    if judge := state.part("D."):
        config = _with_discriminator(config, judge)
        keep = _statistics(config)
        rest = rename(
            judge, [*keep, (rf"model\.(\d+)\.{ENTRY}", r"discriminator.real.\1.\2")], state.name
        )
    return Converted(config, {f"there.{name}": value for name, value in generator.items()}, rest)


def vintagify(state: ForeignState) -> Converted | None:
    """As `berkeley`, of a generator for images of 512 x 512."""
    return _changed(berkeley(state), size=512)


def mmgen(state: ForeignState) -> Converted | None:
    """Both directions of mmgeneration; there is into the second domain in alphabetical order."""
    return _mmgen(state, into=1)


def mmgen_back(state: ForeignState) -> Converted | None:
    """Both directions of mmgeneration; there is into the first domain in alphabetical order."""
    return _mmgen(state, into=0)


def mmgen_id0(state: ForeignState) -> Converted | None:
    """As `mmgen`, of weights that were trained without the identity loss."""
    return _changed(mmgen(state), identity=0.0)


def mmgen_id0_back(state: ForeignState) -> Converted | None:
    """As `mmgen_back`, of weights that were trained without the identity loss."""
    return _changed(mmgen_back(state), identity=0.0)


def _changed(converted: Converted | None, **fields: float) -> Converted | None:
    """The same with other values of the config, which the file does not state."""
    if converted is None:
        return None
    config = cast(Config, converted.config)
    return replace(converted, config=replace(config, **fields))  # type: ignore[arg-type] # by name


def _berkeley_generator(tensors: Mapping[str, Tensor], name: str) -> tuple[Config, Table]:
    """Config of a generator, and the table of its names."""
    blocks = len({found[1] for each in tensors if (found := re.fullmatch(BLOCK, each))})
    first, above = tensors["model.1.weight"], tensors.get(f"model.{11 + blocks}.weight")
    nearest = above is not None and above.ndim == 4
    config = Config(
        channels=first.shape[1],
        width=first.shape[0],
        blocks=blocks,
        directions="there",
        norm=_norm(tensors),
        upsampling="nearest" if nearest else "transposed",
        halvings=4 if nearest else 3,
        padded=nearest,
    )
    table = _berkeley_table(config, dropout=_second_convolution(tensors) == 6)
    last = max((each for each in tensors if each.endswith(".bias")), key=_number)
    if tensors[last].shape[0] != config.channels:
        raise WeightsError(
            f"{name}: a generator from {config.channels} channels to {tensors[last].shape[0]};"
            " ganzoo has CycleGAN with equally many only"
        )
    return config, table


def _norm(tensors: Mapping[str, Tensor]) -> Literal["instance", "affine", "batch"]:
    """Batch norm replaces the bias of the convolution before it; instance norm does not."""
    if "model.2.weight" not in tensors:
        return "instance"
    return "affine" if "model.1.bias" in tensors else "batch"


def _second_convolution(tensors: Mapping[str, Tensor]) -> int:
    """Place of the second convolution in a block: 5, or 6 where dropout comes before it."""
    found = (re.fullmatch(BLOCK, name) for name, each in tensors.items() if each.ndim == 4)
    return max(int(match[2]) for match in found if match)


def _number(name: str) -> int:
    return int(name.split(".")[1])


def _statistics(config: Config) -> Table:
    """Running statistics are unused by instance norm, which old versions of PyTorch kept too."""
    return [] if config.norm == "batch" else [(STATISTICS, None)]


def _berkeley_table(config: Config, *, dropout: bool) -> Table:
    """Padding, upsampling and dropout are layers there, and not here."""
    layers = {1: "0", 2: "1", 4: "3", 5: "4", 7: "6", 8: "7"}
    nearest = config.upsampling == "nearest"
    end = 10 + config.blocks
    step = 4 if nearest else 3
    for up in range(2):
        place = end + step * up + (1 if nearest else 0)
        own = end - 1 + 3 * up
        layers |= {place: f"{own}.1" if nearest else f"{own}", place + 1: f"{own + 1}"}
    layers[end + 2 * step + 1] = f"{end + 5}"
    inner = {1: 0, 2: 1, 6: 3, 7: 4} if dropout else {1: 0, 2: 1, 5: 3, 6: 4}
    return [
        *_statistics(config),
        *((rf"model\.{there}\.{ENTRY}", rf"{own}.\1") for there, own in layers.items()),
        *(
            (rf"model\.{block + 1}\.(?:conv_)?block\.{there}\.{ENTRY}", rf"{block}.change.{own}.\1")
            for block in range(9, 9 + config.blocks)
            for there, own in inner.items()
        ),
    ]


def _with_discriminator(config: Config, tensors: Mapping[str, Tensor]) -> Config:
    """Config with the discriminator's sizes; the number of its last layer tells its kind."""
    last = max(_number(name) for name in tensors)
    first = tensors["model.0.weight"]
    return replace(
        config,
        halvings=last // 3,
        padded=last % 3 == 0,
        discriminator_width=_or_same(first.shape[0], config),
    )


def _or_same(width: int, config: Config) -> int:
    return 0 if width == config.width else width


def _mmgen(state: ForeignState, into: int) -> Converted | None:
    tensors = state.part("state_dict.", "")
    found = (re.fullmatch(r"generators\.(\w+)\.model\.0\.conv\.weight", name) for name in tensors)
    domains = sorted(match[1] for match in found if match)
    if len(domains) != 2 or f"generators.{domains[0]}.model.3.block.0.conv.weight" not in tensors:
        return None
    real, source = domains[into], domains[1 - into]
    config = _mmgen_config(tensors, real)
    generator = _mmgen_generator(config)
    judge = _mmgen_discriminator(config)
    names: Table = [
        (rf"{kind}s\.{domain}\.{theirs}", f"{kind}.{key}.{own}")
        for kind, table, keys in (
            ("generator", generator, {real: "there", source: "back"}),
            ("discriminator", judge, {real: "real", source: "source"}),
        )
        for domain, key in keys.items()
        for theirs, own in table
    ]
    renamed = {
        name: _turned(name, value, config)
        for name, value in rename(tensors, names, f"{state.name}, a CycleGAN of mmgen").items()
    }
    own = {name: value for name, value in renamed.items() if name.startswith("generator.")}
    rest = {name: value for name, value in renamed.items() if name not in own}
    return Converted(
        config, {name.removeprefix("generator."): value for name, value in own.items()}, rest
    )


def _mmgen_config(tensors: Mapping[str, Tensor], domain: str) -> Config:
    first = tensors[f"generators.{domain}.model.0.conv.weight"]
    convolutions = f"generators.{domain}.model.", ".block.0.conv.weight"
    config = Config(
        channels=first.shape[1],
        width=first.shape[0],
        blocks=sum(
            name.startswith(convolutions[0]) and name.endswith(convolutions[1]) for name in tensors
        ),
    )
    prefix = f"discriminators.{domain}.model."
    judge = {
        name.removeprefix(prefix): tensors[name] for name in tensors if name.startswith(prefix)
    }
    if not judge:
        return config
    halvings = max(int(name.partition(".")[0]) for name in judge) - 1
    width = _or_same(judge["0.conv.weight"].shape[0], config)
    return replace(config, halvings=halvings, discriminator_width=width)


def _mmgen_generator(config: Config) -> list[tuple[str, str]]:
    end = 3 + config.blocks
    places = {0: 0, 1: 3, 2: 6, end: end + 6, end + 1: end + 9, end + 2: end + 12}
    return [
        *((rf"model\.{there}\.conv\.{ENTRY}", rf"{own}.\1") for there, own in places.items()),
        *(
            (rf"model\.{block}\.block\.{half}\.conv\.{ENTRY}", rf"{block + 6}.change.{3 * half}.\1")
            for block in range(3, end)
            for half in range(2)
        ),
    ]


def _mmgen_discriminator(config: Config) -> list[tuple[str, str]]:
    places = {0: 0, **{level: 3 * level - 1 for level in range(1, config.halvings + 1)}}
    last = config.halvings + 1
    return [
        *((rf"model\.{there}\.conv\.{ENTRY}", rf"{own}.\1") for there, own in places.items()),
        (rf"model\.{last}\.{ENTRY}", rf"{3 * last - 1}.\1"),
    ]


def _turned(name: str, tensor: Tensor, config: Config) -> Tensor:
    """BGR to RGB: the first layer of each network, and the last one of a generator."""
    kind, _, layer, *_ = name.split(".")
    if layer == "0" and tensor.ndim == 4:
        return tensor.flip(1)
    return tensor.flip(0) if kind == "generator" and layer == f"{15 + config.blocks}" else tensor

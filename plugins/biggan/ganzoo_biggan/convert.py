"""Weights of BigGAN-PyTorch, StudioGAN, mmgeneration (also SAGAN) and BigGAN-deep.

The programs have the same layers under similar names: one table serves all of them. Spectral norm
is kept, so that converted models can be trained on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ganzoo.hub.conversion import (
    Converted,
    ForeignState,
    Replacement,
    fold_spectral_norm,
    keep_power_iteration,
    keep_spectral_norm,
    rename,
)
from ganzoo_biggan.config import Config

Table = Sequence[tuple[str, Replacement]]
LIST = r"(from_rgb|(?:conv_)?blocks\.\d+(?:\.\d)?)\."
"""An entry of a program's list of blocks; attention is an entry of its own."""
STATISTIC = r"(?:running|stored)_(mean|var)"
ATTENTION = {"query": "theta", "key": "phi", "value": "g", "output": "o|attn"}


def _rows(index: int) -> Table:
    """Names of the first or second norm and convolution of a block."""
    norm = rf"(blocks\.\d+)\.(?:bn|norm_){index + 1}\."
    ours = rf"\1.norms.{index}"
    return [
        (rf"{norm}(?:gain|weight_embedding)\.(.*)", rf"{ours}.gain.\2"),
        (rf"{norm}bias(?:_embedding)?\.(.*)", rf"{ours}.shift.\2"),
        (rf"{norm}(?:bn\.|norm\.)?{STATISTIC}", rf"{ours}.norm.running_\2"),
        (rf"{norm}(?:bn|norm)\.(num_batches_tracked)", rf"{ours}.norm.\2"),
        (rf"(blocks\.\d+)\.conv(?:_|2d)?{index + 1}\.(.*)", rf"\1.convolutions.{index}.\2"),
    ]


TABLE: Table = [
    *_rows(0),
    *_rows(1),
    (r"(blocks\.\d+)\.(?:shortcut|conv_sc|conv2d0)\.(.*)", r"\1.shortcut.\2"),
    *[
        (rf"(attention\.\d+)\.(?:conv1x1_)?(?:{theirs})\.(.*)", rf"\1.{ours}.\2")
        for ours, theirs in ATTENTION.items()
    ],
    (r"(attention\.\d+)\.(?:gamma|sigma)", r"\1.gain"),
    (r"(?:linear0|noise2feat)\.(.*)", r"start.0.\1"),
    (r"shared(?:_embedding)?\.weight", "embedding.weight"),
    (rf"(?:output_layer\.(?:0|bn)|bn4|to_rgb\.bn)\.(?:bn\.)?{STATISTIC}", r"norm.running_\1"),
    (r"(?:output_layer\.0|to_rgb\.bn)\.gain", "norm.weight"),
    (r"(?:output_layer\.(?:0|bn)|bn4|to_rgb\.bn)\.(\w+)", r"norm.\1"),
    (r"(?:output_layer\.2|output_layer\.conv|conv2d5|to_rgb\.conv)\.(.*)", r"end.1.\1"),
    (r"(?:linear1?|decision)\.(.*)", r"score.\1"),
    (r"(?:embed|embedding|proj_y)\.(.*)", r"classes.\1"),
    (r".*\.accumulation_counter", None),
]
"""Names of both networks in all programs, see `numbered`."""


def ajbrock(state: ForeignState) -> Converted | None:
    """BigGAN-PyTorch of Andrew Brock."""
    tensors = state.part("G_ema.", "G.", "")
    return _converted(state, tensors) if "linear.u0" in tensors else None


def studiogan(state: ForeignState) -> Converted | None:
    """BigGAN of PyTorch-StudioGAN."""
    tensors = state.part("G_ema.", "G.", "state_dict.", "")
    if "linear0.weight_orig" not in tensors:
        return None
    found = _converted(state, tensors, eps=1e-4, relu_shortcut=True)
    assert isinstance(found.config, Config)
    updates = found.config.discriminator_updates if found.config.size == 32 else 2
    return _replaced(found, discriminator_updates=updates)


def mmgen(state: ForeignState) -> Converted | None:
    """BigGAN and SAGAN of mmgeneration, whose images are BGR."""
    found = mmgen_rgb(state)
    if found is None:
        return None
    inplace = any(name.endswith("noise2feat.u0") for name in state.tensors)
    return _turned(found, relu_shortcut=inplace)


def mmgen_inplace(state: ForeignState) -> Converted | None:
    """SAGAN of mmgeneration, trained with ReLUs that overwrite their input."""
    found = mmgen_rgb(state)
    return None if found is None else _turned(found, relu_shortcut=True)


def mmgen_studio(state: ForeignState) -> Converted | None:
    """SAGAN of StudioGAN in mmgeneration's format: RGB, ReLUs that overwrite their input."""
    found = mmgen_rgb(state)
    return None if found is None else _replaced(found, relu_shortcut=True)


def mmgen_rgb(state: ForeignState) -> Converted | None:
    """BigGAN-PyTorch's weights in mmgeneration's format, RGB."""
    generators = ("generator_ema.", "generator.", "")
    tensors = state.part(*[f"state_dict.{each}" for each in generators], *generators)
    if not {"noise2feat.weight_orig", "noise2feat.u0"} & tensors.keys():
        return None
    # SAGAN's norms have another eps, but in the run with BigGAN's schedule
    sagan = any(name.endswith("weight_embedding.weight_orig") for name in tensors)
    return _converted(state, tensors, eps=1e-4 if sagan else 1e-5)


def _converted(
    state: ForeignState, tensors: Mapping[str, Tensor], eps: float = 1e-5, **known: Any
) -> Converted:
    critic = state.part("D.", "state_dict.discriminator.", "discriminator.")
    generator = _generator(tensors, state.name)
    rest = {f"discriminator.{name}": value for name, value in _named(critic, state.name).items()}
    config = replace(_config(generator), eps=eps, **known)
    if rest:
        config = replace(config, **_discriminator_settings(rest, config.size))
    return Converted(config, generator, rest)


def _generator(tensors: Mapping[str, Tensor], kind: str) -> dict[str, Tensor]:
    named = _named(
        {re.sub(r"^linear\b", "linear0", name): each for name, each in tensors.items()}, kind
    )
    for name in [name for name in named if name.endswith("running_mean")]:
        counter = name.replace("running_mean", "num_batches_tracked")
        named.setdefault(counter, torch.zeros((), dtype=torch.int64))
    return named


def _named(tensors: Mapping[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Tensors of a network under ganzoo's names."""
    plain = rename(numbered(keep_power_iteration(tensors, "u0", "sv0")), TABLE, kind)
    own = {name for name in plain if re.search(r"norms\.\d\.(gain|shift)\.", name)}
    if "embedding.weight" not in plain:
        # ganzoo's class embeddings of norms have no spectral norm, their gains no constant 1
        folded = fold_spectral_norm({name: plain.pop(name) for name in own})
        plain |= {name: each + name.endswith("gain.weight") for name, each in folded.items()}
    return {
        name: each.reshape(()) if re.fullmatch(r"attention\.\d+\.gain", name) else each
        for name, each in keep_spectral_norm(plain).items()
    }


def numbered(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of blocks as ``blocks.0...``, of attention as ``attention.1...`` behind block 0."""
    found = [(name, re.match(LIST, name)) for name in tensors]
    attention = {m[1] for name, m in found if m and re.fullmatch(LIST + "(gamma|sigma)", name)}
    entries = {m[1] for _, m in found if m}
    places, blocks = {}, 0
    for entry in sorted(entries, key=lambda each: [int(n) for n in re.findall(r"\d+", each)]):
        places[entry] = f"attention.{blocks}" if entry in attention else f"blocks.{blocks}"
        blocks += entry not in attention
    numbered = {}
    for name, match in found:
        new = f"{places[match[1]]}.{name[match.end() :]}" if match else name
        numbered[re.sub(r"\.conv\.(?=\w+$)", ".", new) if match else new] = tensors[name]
    return numbered


def _config(generator: Mapping[str, Tensor]) -> Config:
    """The config of a generator, and of the published discriminator beside it."""
    first = _weight(generator, "start.0")
    blocks = _widths(generator)
    widths = (_weight(generator, "blocks.0.convolutions.0").shape[1], *blocks)
    shared = generator.get("embedding.weight")
    gain = _weight(generator, "blocks.0.norms.0.gain")
    embedding = 0 if shared is None else shared.shape[1]
    hierarchical = bool(embedding) and gain.shape[1] > embedding
    start = int((len(first) // widths[0]) ** 0.5)
    return Config(
        channels=len(generator["end.1.bias"]),
        size=start << len(blocks),
        latent=first.shape[1] * (len(widths) if hierarchical else 1),
        classes=len(gain if shared is None else shared),
        widths=widths,
        attention=_attention(generator),
        embedding=embedding,
        hierarchical=hierarchical,
        discriminator_attention=(),
    ).mirrored()


def _discriminator_settings(rest: Mapping[str, Tensor], size: int) -> dict[str, Any]:
    critic = {name.removeprefix("discriminator."): each for name, each in rest.items()}
    widths = _widths(critic)
    return {
        "discriminator_widths": widths,
        "discriminator_halvings": 2 if size == 32 else len(widths) - 1,
        "discriminator_attention": _attention(critic),
        "wide": len(_weight(critic, "blocks.0.convolutions.0")) == widths[0],
    }


def _weight(tensors: Mapping[str, Tensor], layer: str) -> Tensor:
    kept = tensors.get(f"{layer}.parametrizations.weight.original")
    return tensors[f"{layer}.weight"] if kept is None else kept


def _widths(tensors: Mapping[str, Tensor]) -> tuple[int, ...]:
    """Feature maps after each block."""
    count = sum(
        re.fullmatch(r"blocks\.\d+\.convolutions\.1\.bias", name) is not None for name in tensors
    )
    return tuple(len(tensors[f"blocks.{block}.convolutions.1.bias"]) for block in range(count))


def _attention(tensors: Mapping[str, Tensor]) -> tuple[int, ...]:
    places = (re.fullmatch(r"attention\.(\d+)\.gain", name) for name in tensors)
    return tuple(sorted(int(place[1]) for place in places if place))


def _replaced(converted: Converted, **settings: Any) -> Converted:
    assert isinstance(converted.config, Config)
    return replace(converted, config=replace(converted.config, **settings))


def _turned(converted: Converted, **settings: Any) -> Converted:
    """BGR to RGB, in the layers next to the image."""
    generator, rest = dict(converted.generator), dict(converted.rest)
    end = "end.1.parametrizations.weight"
    for name in ("end.1.bias", f"{end}.original", f"{end}.0._u"):
        generator[name] = generator[name].flip(0)
    for name, each in rest.items():
        if re.fullmatch(r"discriminator\.blocks\.0\.(convolutions\.0|shortcut)\..*original", name):
            rest[name] = each.flip(1)
        elif re.fullmatch(r"discriminator\.blocks\.0\.(convolutions\.0|shortcut)\..*_v", name):
            rest[name] = each.view(3, -1).flip(0).flatten()
    return _replaced(replace(converted, generator=generator, rest=rest), **settings)

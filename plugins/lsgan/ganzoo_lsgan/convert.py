"""Weights of mmgeneration (LSGAN, Geometric GAN; images are BGR), xyfJASON and StudioGAN."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ganzoo.hub.conversion import Converted, ForeignState, Replacement, rename
from ganzoo.hub.strided_files import (
    standard_generator,
    standard_shape,
    strided_discriminator,
    strided_generator,
)
from ganzoo_lsgan.config import Config

LAYER = r"(weight|bias|running_mean|running_var|num_batches_tracked)"


def mmgen_dcgan(state: ForeignState) -> Converted | None:
    """The architecture of DCGAN; its convolutions at 1 x 1 become linear layers.

    Layers before a norm have no bias there, and a bias of 0 here.
    """
    tensors = state.part("state_dict.generator.", "generator.")
    first = tensors.get("noise2feat.conv.weight")
    if first is None or "output_layer.conv.bias" not in tensors:
        return None
    end = 4 + 3 * _count(tensors, r"upsampling.*conv\.weight")
    head = [
        (rf"noise2feat\.conv\.{LAYER}", r"0.\1"),
        (rf"noise2feat\.bn\.{LAYER}", r"2.\1"),
        (rf"output_layer\.conv\.{LAYER}", rf"{end}.\1"),
    ]
    generator = rename(tensors, [*head, *_blocks("upsampling", 4)], state.name)
    _with_linear_start(generator, end)
    _turn_colors(generator, end)
    generator[f"{end}.bias"] = generator[f"{end}.bias"].flip(0)
    latent, _, start, _ = first.shape
    width, channels = generator[f"{end}.weight"].shape[:2]
    rest = _strided_discriminator(state)
    size = start * 2 ** ((end - 1) // 3)
    return Converted(_config(channels, size, latent, width, rest, 0.01), generator, rest)


def _strided_discriminator(state: ForeignState) -> dict[str, Tensor]:
    tensors = state.part("state_dict.discriminator.", "discriminator.")
    end = 3 * _count(tensors, r"downsamples.*conv\.weight")
    table = [(rf"output_layer\.conv\.{LAYER}", rf"{end}.\1")]
    found = rename(tensors, [*table, *_blocks("downsamples", -1)], state.name)
    if found:
        _with_linear_end(found, end)
        _turn_colors(found, 0)
    return {f"discriminator.{name}": tensor for name, tensor in found.items()}


def _with_linear_start(generator: dict[str, Tensor], end: int) -> None:
    """Make the first convolution a linear layer, and give the others but the last a bias of 0."""
    first = generator["0.weight"]
    generator["0.weight"] = first.flatten(1).t()
    generator["0.bias"] = first.new_zeros(first[0].numel())
    for position in range(4, end, 3):
        generator[f"{position}.bias"] = torch.zeros_like(generator[f"{position + 1}.bias"])


def _with_linear_end(discriminator: dict[str, Tensor], end: int) -> None:
    """Make the last convolution a linear layer, and give those before a norm a bias of 0."""
    discriminator[f"{end}.weight"] = discriminator[f"{end}.weight"].flatten(1)
    for position in range(2, end - 1, 3):
        discriminator[f"{position}.bias"] = torch.zeros_like(discriminator[f"{position + 1}.bias"])


def blocks(state: ForeignState) -> Converted | None:
    """LSGAN files of xyfJASON/GANs-Implementations, generator ``G.`` and discriminator ``D.``."""
    generator = strided_generator(state.part("G."), state.name)
    rest = strided_discriminator(state.part("D."), state.name)
    if generator is None or rest is None:
        return None
    generator["0.weight"] = generator.pop("1.weight")
    latent, _, start, _ = generator["0.weight"].shape
    end = max(int(name.split(".")[0]) for name in generator)
    _with_linear_start(generator, end)
    if rest:
        last = max(int(name.split(".")[0]) for name in rest)
        rest = {name.replace(f"{last}.", f"{last + 1}."): each for name, each in rest.items()}
        _with_linear_end(rest, last + 1)
        rest = {f"discriminator.{name}": tensor for name, tensor in rest.items()}
    width, channels = generator[f"{end}.weight"].shape[:2]
    size = start * 2 ** ((end - 1) // 3)
    return Converted(_config(channels, size, latent, width, rest, 0.2), generator, rest)


def studiogan(state: ForeignState) -> Converted | None:
    """Generators of StudioGAN with its backbone ``deep_conv``."""
    generator = standard_generator(state.part("state_dict.", ""), state.name)
    if generator is None:
        return None
    return Converted(Config(*standard_shape(generator), network="standard"), generator)


def mmgen_paper(state: ForeignState) -> Converted | None:
    """The architecture of the paper."""
    tensors = state.part("state_dict.generator.", "generator.")
    first = tensors.get("noise2feat_head.0.weight")
    if first is None:
        return None
    end = 1 + 3 * _count(tensors, r"conv_blocks.*conv\.weight")
    head = [
        (rf"noise2feat_head\.0\.{LAYER}", r"0.\1"),
        (rf"noise2feat_tail\.0\.{LAYER}", r"2.\1"),
    ]
    generator = rename(tensors, [*head, *_blocks("conv_blocks", 4)], state.name)
    _turn_colors(generator, end)
    generator[f"{end}.bias"] = generator[f"{end}.bias"].flip(0)
    width, channels = generator[f"{end}.weight"].shape[:2]
    start = int((len(first) // (4 * width)) ** 0.5)
    # doublings in pairs with another block each, then two alone, then the last layer
    size = start * 2 ** ((end + 2) // 6)
    rest = _paper_discriminator(state)
    config = _config(channels, size, first.shape[1], width, rest, 0.2, paper=True)
    return Converted(config, generator, rest)


def _paper_discriminator(state: ForeignState) -> dict[str, Tensor]:
    tensors = state.part("state_dict.discriminator.", "discriminator.")
    end = 3 * _count(tensors, r"conv_blocks.*conv\.weight")
    table = [(rf"decision\.0\.{LAYER}", rf"{end}.\1")]
    found = rename(tensors, [*table, *_blocks("conv_blocks", -1)], state.name)
    if found:
        _turn_colors(found, 0)
    return {f"discriminator.{name}": tensor for name, tensor in found.items()}


def mmgen_dcgan_hinge(state: ForeignState) -> Converted | None:
    """Geometric GAN with the architecture of DCGAN: the files do not state their loss."""
    return _with_hinge(mmgen_dcgan(state))


def mmgen_paper_hinge(state: ForeignState) -> Converted | None:
    """Geometric GAN with the architecture of the LSGAN paper."""
    return _with_hinge(mmgen_paper(state))


def _with_hinge(converted: Converted | None) -> Converted | None:
    if converted is None or not isinstance(converted.config, Config):
        return None
    return replace(converted, config=replace(converted.config, loss="hinge"))


def _count(tensors: Mapping[str, Tensor], pattern: str) -> int:
    return sum(re.fullmatch(pattern, name) is not None for name in tensors)


def _blocks(name: str, first: int) -> Sequence[tuple[str, Replacement]]:
    """Table of convolution, norm and activation, three positions a block.

    Args:
        name: of the list.
        first: position of the convolution of block 0; -1 is 0, where no norm follows block 0.
    """
    return [
        (rf"{name}\.(\d+)\.conv\.{LAYER}", lambda m: f"{max(0, first + 3 * int(m[1]))}.{m[2]}"),
        (rf"{name}\.(\d+)\.bn\.{LAYER}", lambda m: f"{first + 1 + 3 * int(m[1])}.{m[2]}"),
    ]


def _turn_colors(tensors: dict[str, Tensor], position: int) -> None:
    """Turn BGR to RGB in the weight of a layer next to the image."""
    tensors[f"{position}.weight"] = tensors[f"{position}.weight"].flip(1)


def _config(
    channels: int,
    size: int,
    latent: int,
    width: int,
    rest: Mapping[str, Tensor],
    slope: float,
    *,
    paper: bool = False,
) -> Config:
    other = len(rest["discriminator.0.weight"]) if rest else width
    return Config(
        channels,
        size,
        latent,
        width,
        network="paper" if paper else "dcgan",
        discriminator_width=0 if other == width else other,
        slope=slope,
    )

"""Weights of the official R3GAN (Huang et al. 2024): G_ema and D of its pickles."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo_r3gan.config import Config
from ganzoo_r3gan.published import RELEASES

KIND = "R3GAN"

ENDS = (
    (r"EmbeddingLayer\.weight", "embedding.weight"),
    (r"AggregationLayer\.Layer\.weight", "image.weight"),
    (r"ExtractionLayer\.Layer\.weight", "stages.0.weight"),
    (r".*\.Resampler\.Kernel", None),
)
"""Layers outside the stages; the filters are constants, see `check_filters`."""

BLOCK = (
    (r"LinearLayer1\.Layer\.weight", "branch.0.weight"),
    (r"NonLinearity1\.Bias", "branch.0.bias"),
    (r"LinearLayer2\.Layer\.weight", "branch.2.weight"),
    (r"NonLinearity2\.Bias", "branch.2.bias"),
    (r"LinearLayer3\.Layer\.weight", "branch.4.weight"),
)
BASIS = ((r"Basis", "maps"), (r"LinearLayer\.weight", "weights.weight"))
TRANSITION = ((r"LinearLayer\.Layer\.weight", "weight"),)

Table = list[tuple[str, str | None]]


def official(state: ForeignState) -> Converted | None:
    """Files of github.com/brownvc/R3GAN."""
    generator = state.part("G_ema.Model.", "G.Model.", "Model.", "")
    if "MainLayers.0.Layers.0.Basis" not in generator:
        return None
    discriminator = state.part("D.Model.")
    config = config_of(generator)
    rest = renamed(discriminator, discriminator_table(config)) if discriminator else {}
    return Converted(
        config,
        renamed(generator, generator_table(config)),
        {f"discriminator.{name}": tensor for name, tensor in rest.items()},
    )


def config_of(tensors: Mapping[str, Tensor]) -> Config:
    """Stages, groups and classes of a generator, from its shapes.

    The schedule of the penalties is not in a file: it is that of the published training with the
    same networks, if there is one, else the default.
    """
    found = [re.match(r"MainLayers\.(\d+)\.Layers\.(\d+)", name) for name in tensors]
    layers = {(int(each[1]), int(each[2])) for each in found if each}
    stages = range(1 + max(stage for stage, _ in layers))
    # layer 0 of a stage is the basis or the upsampling, the others are blocks
    blocks = tuple(max(layer for each, layer in layers if each == stage) for stage in stages)
    first = [f"MainLayers.{stage}.Layers.1" for stage in stages]
    outer = [tensors[f"{name}.LinearLayer1.Layer.weight"] for name in first]
    grouped = [tensors[f"{name}.LinearLayer2.Layer.weight"] for name in first]
    group = {each.shape[1] for each in grouped}
    embedded, classes = 0, 0
    if "EmbeddingLayer.weight" in tensors:
        embedded, classes = tensors["EmbeddingLayer.weight"].shape
    latent = tensors["MainLayers.0.Layers.0.LinearLayer.weight"].shape[1] - embedded
    config = Config(
        channels=len(tensors["AggregationLayer.Layer.weight"]),
        size=tensors["MainLayers.0.Layers.0.Basis"].shape[1] << stages[-1],
        latent=latent,
        classes=classes,
        widths=tuple(each.shape[1] for each in outer),
        blocks=blocks,
        group=min(group),
        expansion=len(outer[0]) // outer[0].shape[1],
        groups=tuple(len(each) // each.shape[1] for each in grouped) if len(group) > 1 else (),
        embedding=0 if embedded == latent else embedded,
    )
    schedule = {key: getattr(config, key) for key in ("gamma", "gamma_end", "decay_kimg")}
    published = (each.config for each in RELEASES.values())
    return next((each for each in published if replace(each, **schedule) == config), config)


def generator_table(config: Config) -> Table:
    """Old and new names of a generator's layers; our layers are numbered through all stages."""
    table: Table = [*ENDS]
    index = 0
    for stage, count in enumerate(config.blocks):
        if stage == 0:
            table += layer(stage, 0, index, BASIS)
        elif config.widths[stage - 1] != config.widths[stage]:
            table += layer(stage, 0, index, TRANSITION)
            index += 1
        for block in range(1, count + 1):
            table += layer(stage, block, index + block, BLOCK)
        index += count + 1
    return table


def discriminator_table(config: Config) -> Table:
    """Old and new names of a discriminator's layers; its stages begin at the image."""
    table: Table = [*ENDS]
    index, last = 1, len(config.widths) - 1
    for stage, count in enumerate(reversed(config.blocks)):
        for block in range(count):
            table += layer(stage, block, index + block, BLOCK)
        index += count
        if stage < last:
            fine, coarse = config.widths[last - stage], config.widths[last - stage - 1]
            if fine != coarse:
                table += layer(stage, count, index + 1, TRANSITION)
            index += 1 + (fine != coarse)
    end = rf"MainLayers\.{last}\.Layers\.{config.blocks[0]}"
    table.append((rf"{end}\.Basis\.weight", f"stages.{index}.weight"))
    table.append((rf"{end}\.LinearLayer\.weight", f"stages.{index + 2}.weight"))
    return table


def layer(
    stage: int, number: int, index: int, parts: tuple[tuple[str, str], ...]
) -> Iterator[tuple[str, str]]:
    """Names of the parts of one layer."""
    for old, new in parts:
        yield rf"MainLayers\.{stage}\.Layers\.{number}\.{old}", f"stages.{index}.{new}"


def renamed(tensors: Mapping[str, Tensor], table: Table) -> dict[str, Tensor]:
    """State dict of one network."""
    check_filters(tensors)
    state = rename(tensors, table, KIND)
    if "embedding.weight" in state:
        # theirs is a linear layer of the one-hot label
        state["embedding.weight"] = state["embedding.weight"].t().contiguous()
    return state


def check_filters(tensors: Mapping[str, Tensor]) -> None:
    """Refuse resampling filters other than [1, 3, 3, 1], up to their gain.

    Raises:
        WeightsError: a filter that our networks do not have.
    """
    row = torch.tensor([1.0, 3.0, 3.0, 1.0])
    for name, kernel in tensors.items():
        if name.endswith("Resampler.Kernel") and not kernel.is_meta:
            expected = torch.outer(row, row) * kernel.float().flatten()[0]
            if kernel.shape != expected.shape or not torch.allclose(kernel.float(), expected):
                raise WeightsError(f"{KIND}: {name} is not the filter [1, 3, 3, 1]")

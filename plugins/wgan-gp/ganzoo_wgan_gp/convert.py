"""Weights of other programs: mimicry, mmgeneration, xyfJASON."""

import re
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo.hub.strided_files import strided_discriminator, strided_generator
from ganzoo_wgan_gp.config import Config
from ganzoo_wgan_gp.published import MIMICRY

LAYER = r"(weight|bias|running_mean|running_var|num_batches_tracked)"


def mimicry(state: ForeignState) -> Converted | None:
    """Generators of mimicry, and critics under ``D.`` where a file has both.

    Its SNGAN and WGAN-GP generators are the same network.
    """
    tensors = state.part("model_state_dict.", "G.", "")
    critic = state.part("D.")
    size = _mimicry_size(tensors)
    if size not in MIMICRY or any(name.endswith("weight_orig") for name in critic):
        return None
    blocks = MIMICRY[size].halvings
    ends = {"b": blocks + 2, "c": blocks + 4}
    generator = rename(
        tensors,
        [
            (rf"l1\.{LAYER}", r"0.\1"),
            (rf"block(\d+)\.b([12])\.{LAYER}", lambda m: f"{m[1]}.norms.{int(m[2]) - 1}.{m[3]}"),
            (r"block(\d+)\.c([12])\.(.*)", lambda m: f"{m[1]}.convolutions.{int(m[2]) - 1}.{m[3]}"),
            (r"block(\d+)\.c_sc\.(.*)", r"\1.shortcut.\2"),
            (rf"([bc])\d\.{LAYER}", lambda m: f"{ends[m[1]]}.{m[2]}"),
        ],
        state.name,
    )
    rest = _mimicry_critic(critic, state.name)
    widths = [len(generator[f"{block + 2}.norms.0.weight"]) for block in range(blocks)]
    config = replace(
        MIMICRY[size],
        latent=generator["0.weight"].shape[1],
        widths=(*widths, len(generator[f"{blocks + 2}.weight"])),
    )
    if rest:
        config = replace(config, critic_widths=_critic_widths(rest))
    return Converted(config, generator, rest)


def _mimicry_size(tensors: Mapping[str, Tensor]) -> int:
    """Size of the images; 0 for other files, among them those with class embeddings."""
    first, norm = tensors.get("l1.weight"), tensors.get("block2.b1.weight")
    if first is None or norm is None:
        return 0
    blocks = sum(re.fullmatch(r"block\d+\.c1\.weight", name) is not None for name in tensors)
    return int((len(first) // len(norm)) ** 0.5) << blocks


def _mimicry_critic(tensors: Mapping[str, Tensor], kind: str) -> dict[str, Tensor]:
    blocks = sum(re.fullmatch(r"block\d+\.c1\.weight", name) is not None for name in tensors)
    found = rename(
        tensors,
        [
            (
                r"block(\d+)\.c([12])\.(.*)",
                lambda m: f"{int(m[1]) - 1}.convolutions.{int(m[2]) - 1}.{m[3]}",
            ),
            (r"block(\d+)\.c_sc\.(.*)", lambda m: f"{int(m[1]) - 1}.shortcut.{m[2]}"),
            (rf"l\d\.{LAYER}", rf"{blocks + 3}.\1"),
        ],
        kind,
    )
    return {f"discriminator.{name}": tensor for name, tensor in found.items()}


def _critic_widths(rest: Mapping[str, Tensor]) -> tuple[int, ...]:
    convolutions = [name for name in rest if name.endswith("convolutions.1.weight")]
    return tuple(len(rest[name]) for name in sorted(convolutions))


def mmgen(state: ForeignState) -> Converted | None:
    """WGAN-GP files of mmgeneration, whose images are BGR."""
    tensors = state.part("state_dict.generator.", "generator.")
    if "noise2feat.linear.weight" not in tensors or "noise2feat.bias" not in tensors:
        return None
    tensors = {**tensors}
    maps, linear = tensors.pop("noise2feat.bias").flatten(), tensors["noise2feat.linear.weight"]
    pixels = len(linear) // len(maps)
    doublings = (_last_block(tensors) + 1) // 3
    generator = rename(
        tensors,
        [
            (r"noise2feat\.linear\.weight", "0.weight"),
            (rf"noise2feat\.norm\.{LAYER}", r"3.\1"),
            (rf"conv_blocks\.(\d+)\.conv\.{LAYER}", lambda m: f"{_position(m)}.{m[2]}"),
            (rf"conv_blocks\.(\d+)\.bn\.{LAYER}", lambda m: f"{_position(m) + 1}.{m[2]}"),
            (rf"to_rgb\.conv\.{LAYER}", rf"{7 * doublings + 7}.\1"),
        ],
        state.name,
    )
    generator["0.bias"] = maps.repeat_interleave(pixels)
    for kind in ("weight", "bias"):
        name = f"{7 * doublings + 7}.{kind}"
        generator[name] = generator[name].flip(0)
    widths = [len(generator[f"{7 * level + 4}.weight"]) for level in range(doublings + 1)]
    config = Config(
        channels=len(generator[f"{7 * doublings + 7}.bias"]),
        size=int(pixels**0.5) * 2**doublings,
        latent=linear.shape[1],
        network="pggan",
        widths=tuple(widths),
    )
    return Converted(config, generator, _mmgen_critic(state, doublings))


def mmgen_penalty_50(state: ForeignState) -> Converted | None:
    """The same, trained with a penalty of weight 50, which no file states."""
    converted = mmgen(state)
    if converted is None or not isinstance(converted.config, Config):
        return None
    return replace(converted, config=replace(converted.config, penalty=50.0))


def _last_block(tensors: Mapping[str, Tensor]) -> int:
    return max(int(m[1]) for name in tensors if (m := re.match(r"conv_blocks\.(\d+)\.", name)))


def _position(match: re.Match[str]) -> int:
    """Position of a convolution: of three blocks in the file, the first one resizes.

    Block 0 is at 4; then blocks 2 and 3, 5 and 6, ... are the two of a size, at 8 and 11, ...
    """
    level, second = divmod(int(match[1]) + 1, 3)
    return 4 if int(match[1]) == 0 else 7 * level + (1 if second == 0 else 4)


def _mmgen_critic(state: ForeignState, doublings: int) -> dict[str, Tensor]:
    end = 7 * doublings + 2

    def position(match: re.Match[str]) -> int:
        level, second = divmod(int(match[1]), 3)
        return 7 * level + (5 if second else 2)

    found = rename(
        state.part("state_dict.discriminator.", "discriminator."),
        [
            (rf"from_rgb\.conv\.{LAYER}", r"0.\1"),
            (rf"conv_blocks\.(\d+)\.conv\.{LAYER}", lambda m: f"{position(m)}.{m[2]}"),
            (rf"conv_blocks\.(\d+)\.GN\.{LAYER}", lambda m: f"{position(m) + 1}.{m[2]}"),
            (rf"decision\.conv\.conv\.{LAYER}", rf"{end}.\1"),
            (rf"decision\.conv\.GN\.{LAYER}", rf"{end + 1}.\1"),
            (rf"decision\.linear\.{LAYER}", rf"{end + 4}.\1"),
        ],
        state.name,
    )
    if found:
        found["0.weight"] = found["0.weight"].flip(1)
    return {f"discriminator.{name}": tensor for name, tensor in found.items()}


def blocks(state: ForeignState) -> Converted | None:
    """Generators of xyfJASON/GANs-Implementations, whose critic has batch norm: not converted."""
    generator = strided_generator(state.part("G."), state.name)
    if generator is None or strided_discriminator(state.part("D."), state.name) is None:
        return None
    first = generator.pop("1.weight")
    generator["0.weight"] = first.flatten(1).t()
    latent, _, start, _ = first.shape
    end = max(int(name.split(".")[0]) for name in generator)
    for position in range(4, end, 3):
        generator[f"{position}.bias"] = torch.zeros_like(generator[f"{position + 1}.bias"])
    width, channels = generator[f"{end}.weight"].shape[:2]
    size = start * 2 ** ((end - 1) // 3)
    return Converted(Config(channels, size, latent, width, network="conv"), generator)

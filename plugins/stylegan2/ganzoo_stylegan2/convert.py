"""StyleGAN2 weights of other programs: NVIDIA's pickles and rosinality's checkpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ganzoo.hub.conversion import Converted, ForeignState, Replacement, rename
from ganzoo.layers import MappingNetwork
from ganzoo_stylegan2 import Config

TRAINING = ("group", "r1", "path_length", "mixing")
"""Settings that no tensor depends on."""

State = Mapping[str, Tensor]
Table = Sequence[tuple[str, Replacement]]

NVIDIA_MAPPING: Table = (
    (r".*resample_filter", None),
    (r"mapping\.fc(\d+)\.(.*)", lambda found: f"mapping.layers.{2 * int(found[1])}.{found[2]}"),
    (r"mapping\.(embed\..*|w_avg)", r"mapping.\1"),
)
NVIDIA: Table = (
    *NVIDIA_MAPPING,
    (r"synthesis\.b(\d+)\.const", r"synthesis.blocks.\1.maps"),
    (r"synthesis\.b(\d+)\.conv0\.noise_const", r"synthesis.blocks.\1.first.noise"),
    (r"synthesis\.b(\d+)\.conv1\.noise_const", r"synthesis.blocks.\1.second.noise"),
    (r"synthesis\.b(\d+)\.conv0\.(.*)", r"synthesis.blocks.\1.first.\2"),
    (r"synthesis\.b(\d+)\.conv1\.(.*)", r"synthesis.blocks.\1.second.\2"),
    (r"synthesis\.b(\d+)\.torgb\.(.*)", r"synthesis.blocks.\1.image.\2"),
    (r"synthesis\.b(\d+)\.skip\.(weight)", r"synthesis.blocks.\1.skip.\2"),
)
NVIDIA_DISCRIMINATOR: Table = (
    *NVIDIA_MAPPING,
    (r"b4\.fromrgb\.(.*)", r"image.\1"),
    (r"b4\.conv\.(.*)", r"convolution.\1"),
    (r"b4\.fc\.(.*)", r"linear.\1"),
    (r"b4\.out\.(.*)", r"output.\1"),
    (r"b(\d+)\.fromrgb\.(.*)", r"blocks.\1.image.\2"),
    (r"b(\d+)\.conv0\.(.*)", r"blocks.\1.first.\2"),
    (r"b(\d+)\.conv1\.(.*)", r"blocks.\1.second.\2"),
    (r"b(\d+)\.skip\.(weight)", r"blocks.\1.skip.\2"),
)


def nvidia(state: ForeignState) -> Converted | None:
    """Pickles of stylegan2-ada-pytorch and stylegan3: ``G_ema``, and ``D`` where it is there."""
    tensors = state.part("G_ema.", "g_ema.", "generator.", "")
    if "synthesis.b4.const" not in tensors:
        return None
    critic = state.part("D.") if any(name.startswith("D.") for name in state.tensors) else {}
    return _converted(
        rename(tensors, NVIDIA, "StyleGAN2 (NVIDIA)"),
        rename(critic, NVIDIA_DISCRIMINATOR, "StyleGAN2's discriminator (NVIDIA)"),
        nvidia_arguments(state.arguments),
    )


def nvidia_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that shapes do not show, from constructor arguments."""
    generator, critic = arguments.get("G_ema", {}), arguments.get("D", {})
    stated = {**critic, **generator, **generator.get("synthesis_kwargs", {})}
    settings: dict[str, Any] = {}
    if "conv_clamp" in stated:
        settings["clamp"] = float(stated["conv_clamp"] or 0)
    if group := critic.get("epilogue_kwargs", {}).get("mbstd_group_size"):
        settings["group"] = int(group)
    return settings


def rosinality(state: ForeignState) -> Converted | None:
    """Checkpoints of rosinality's code: ``g_ema``, and where they are there ``d``, ``latent_avg``.

    The mean of w is not in a training checkpoint: it is estimated with a fixed seed.
    """
    tensors = state.part("g_ema.", "")
    if "input.input" not in tensors:
        return None
    critic = state.part("d.") if any(name.startswith("d.") for name in state.tensors) else {}
    tensors = {name: value for name, value in tensors.items() if name != "latent_avg"}
    generator = rename(tensors, ROSINALITY, "StyleGAN2 (rosinality)")
    generator = {name: _squeezed(name, value) for name, value in generator.items()}
    mean = state.tensors.get("latent_avg")
    generator["mapping.w_avg"] = _mean_w(generator) if mean is None else mean.reshape(-1)
    count = sum(name.endswith("conv1.0.weight") for name in critic)
    discriminator = rename(critic, _rosinality_critic(4 << count), "StyleGAN2's discriminator")
    return _converted(generator, discriminator, {"clamp": 0.0})


def _layer(found: re.Match[str]) -> str:
    """``convs.0`` and ``convs.1`` are the layers at 8 x 8, and so on."""
    index = int(found[1])
    return f"synthesis.blocks.{8 << index // 2}.{('first', 'second')[index % 2]}.{_part(found[2])}"


def _image(found: re.Match[str]) -> str:
    return f"synthesis.blocks.{8 << int(found[1])}.image.{_part(found[2])}"


def _noise(found: re.Match[str]) -> str:
    index = int(found[1])
    size = 4 << (index + 1) // 2
    return f"synthesis.blocks.{size}.{('second', 'first')[index % 2]}.noise"


def _part(name: str) -> str:
    """Our name of a tensor of a layer."""
    names = {"noise.weight": "noise_strength", "activate.bias": "bias"}
    return names.get(name, name.removeprefix("conv.").replace("modulation", "affine"))


ROSINALITY: Table = (
    (r".*\.kernel", None),
    (r"style\.(\d+)\.(.*)", lambda found: f"mapping.layers.{2 * int(found[1]) - 2}.{found[2]}"),
    (r"input\.input", "synthesis.blocks.4.maps"),
    (r"conv1\.(.*)", lambda found: f"synthesis.blocks.4.second.{_part(found[1])}"),
    (r"to_rgb1\.(.*)", lambda found: f"synthesis.blocks.4.image.{_part(found[1])}"),
    (r"convs\.(\d+)\.(.*)", _layer),
    (r"to_rgbs\.(\d+)\.(.*)", _image),
    (r"noises\.noise_(\d+)", _noise),
)


def _rosinality_critic(size: int) -> Table:
    def block(found: re.Match[str]) -> str:
        layer = {"conv1": "first", "conv2": "second", "skip": "skip"}[found[2]]
        return f"blocks.{2 * size >> int(found[1])}.{layer}.{found[3]}"

    return (
        (r".*\.kernel", None),
        (r"convs\.0\.\d\.(.*)", rf"blocks.{size}.image.\1"),
        (r"convs\.(\d+)\.(conv1|conv2|skip)\.\d\.(.*)", block),
        (r"final_conv\.\d\.(.*)", r"convolution.\1"),
        (r"final_linear\.0\.(.*)", r"linear.\1"),
        (r"final_linear\.1\.(.*)", r"output.\1"),
    )


def _squeezed(name: str, value: Tensor) -> Tensor:
    """A tensor of rosinality's code without its dimensions of 1."""
    kind = name.rpartition(".")[2]
    if kind in ("bias", "noise_strength"):
        return value.reshape(-1 if kind == "bias" else ())
    if kind == "noise":
        return value[0, 0]
    return value[0] if kind == "maps" or value.ndim == 5 else value


def _mean_w(generator: State) -> Tensor:
    """Mean of w over random latents."""
    width, latent = generator["mapping.layers.0.weight"].shape
    mapping = MappingNetwork(latent, 0, width, count(generator, r"mapping\.layers\.\d+\.weight"))
    state = {name.removeprefix("mapping."): generator[name] for name in generator}
    mapping.load_state_dict({**mapping.state_dict(), **state}, strict=False)
    with torch.no_grad():
        latents = torch.randn(10_000, latent, generator=torch.Generator().manual_seed(0))
        mean: Tensor = mapping.eval()(latents).mean(0)
    return mean


def _converted(generator: State, critic: State, stated: Mapping[str, Any]) -> Converted:
    settings = {**critic_settings(critic), **generator_settings(generator), **stated}
    rest = {f"discriminator.{name}": tensor for name, tensor in critic.items()}
    return Converted(Config(**settings), generator, rest, TRAINING)


def generator_settings(state: State) -> dict[str, Any]:
    """Settings of a generator, from the shapes of its tensors by our names."""
    blocks = "synthesis.blocks"
    found = [re.fullmatch(r"synthesis\.blocks\.(\d+)\.second\.weight", name) for name in state]
    sizes = sorted(int(match[1]) for match in found if match)
    embed = state.get("mapping.embed.weight")
    width, inputs = state["mapping.layers.0.weight"].shape
    return {
        "channels": len(state[f"{blocks}.{sizes[-1]}.image.weight"]),
        "size": sizes[-1],
        "latent": inputs if embed is None else inputs - width,
        "classes": 0 if embed is None else embed.shape[1],
        "w_dim": width,
        "mapping": count(state, r"mapping\.layers\.\d+\.weight"),
        "widths": tuple(len(state[f"{blocks}.{size}.second.weight"]) for size in sizes),
        "architecture": _connections(
            state, f"{blocks}.{sizes[-1]}.skip.weight", f"{blocks}.{sizes[0]}.image.weight"
        ),
    }


def critic_settings(state: State) -> dict[str, Any]:
    """Settings of a discriminator, from the shapes of its tensors by our names."""
    if not state:
        return {}
    found = [re.fullmatch(r"blocks\.(\d+)\.first\.weight", name) for name in state]
    sizes = sorted(int(match[1]) for match in found if match)
    width = len(state["linear.weight"])
    embed = state.get("mapping.embed.weight")
    return {
        "channels": state[f"blocks.{sizes[-1]}.image.weight"].shape[1],
        "size": sizes[-1],
        "classes": 0 if embed is None else embed.shape[1],
        "widths": (width, *(len(state[f"blocks.{size}.first.weight"]) for size in sizes)),
        "discriminator": _connections(state, f"blocks.{sizes[-1]}.skip.weight", "image.weight"),
        "label_mapping": count(state, r"mapping\.layers\.\d+\.weight") or Config.label_mapping,
        "group_maps": state["convolution.weight"].shape[1] - width,
    }


def _connections(state: State, residual: str, image: str) -> str:
    return "resnet" if residual in state else "skip" if image in state else "orig"


def count(state: State, pattern: str) -> int:
    """Number of tensors whose names match a pattern."""
    return sum(bool(re.fullmatch(pattern, name)) for name in state)

"""Converters of the published files of HiFi-GAN and BigVGAN."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import Converted, ForeignState, fold_weight_norm, rename
from ganzoo_hifigan.activations import lowpass
from ganzoo_hifigan.configs import CONVOLUTIONS, BigConfig, Config

GENERATOR = (
    (r"conv_pre\.(weight|bias)", r"first.\1"),
    (r"conv_post\.(weight|bias)", r"last.\1"),
    (r"ups\.(\d+)\.(?:0\.)?(weight|bias)", r"ups.\1.\2"),
    (r"resblocks\.(\d+)\.convs1?\.(\d+)\.(weight|bias)", r"blocks.\1.dilated.\2.\3"),
    (r"resblocks\.(\d+)\.convs2\.(\d+)\.(weight|bias)", r"blocks.\1.plain.\2.\3"),
    (r"resblocks\.(\d+)\.activations\.(\d+)\.act\.(alpha|beta)", r"blocks.\1.activations.\2.\3"),
    (r"activation_post\.act\.(alpha|beta)", r"activation.\1"),
)
WEIGHT = {
    "weight_g": "parametrizations.weight.original0",
    "weight_v": "parametrizations.weight.original1",
}
"""Names of weight norm in torch's parametrization, by those of its predecessor."""
SPECTRAL_WEIGHT = {
    "weight_orig": "parametrizations.weight.original",
    "weight_u": "parametrizations.weight.0._u",
    "weight_v": "parametrizations.weight.0._v",
}
"""The same for spectral norm."""
FILTERS = ("upsample.filter", "downsample.lowpass.filter")
"""Constants in files of BigVGAN."""
DILATIONS = {1: (1, 3, 5), 2: (1, 2, 2, 6, 3, 12)}
"""Published dilations by type of block: of each block, or of all three; no tensor shows them."""
RATES = {80: 22_050, 100: 24_000, 128: 44_100}
"""Rates of published models by the number of mel bands; no tensor shows them, nor that the Fourier
transform is four hops long."""


def hifigan(state: ForeignState) -> Converted | None:
    """``generator_*`` and ``g_*`` of Kong et al., with ``mpd`` and ``msd`` where the file has them.

    With weight norm under the older or newer names, or after its removal.
    """
    found = _generator(state)
    if found is None or any(".activations." in name for name in found):
        return None
    discriminators = {
        name: tensor for name, tensor in state.part("").items() if name[:4] in ("mpd.", "msd.")
    }
    rest = discriminator_state(discriminators)
    config = Config(**_shape_options(found))
    if rest:
        config = replace(config, **discriminator_widths(rest))
    return Converted(
        config, _renamed(found), {f"discriminator.{name}": tensor for name, tensor in rest.items()}
    )


def bigvgan(state: ForeignState) -> Converted | None:
    """``bigvgan_generator.pt`` of Lee et al., version 1 or 2."""
    found = _generator(state)
    if found is None or not any(".activations." in name for name in found):
        return None
    kept = {name: tensor for name, tensor in found.items() if not name.endswith(FILTERS)}
    taps = torch.tensor(lowpass())
    for name in found.keys() - kept.keys():
        if not torch.allclose(found[name].float().flatten(), taps, atol=1e-5):
            raise WeightsError(f"{state.name}: {name} is another filter than BigVGAN's")
    options = _shape_options(kept)
    first = "conv_post.bias" in kept
    beta = any(name.endswith(".beta") for name in kept)
    config = BigConfig(
        **options,
        periodic="snakebeta" if beta else "snake",
        final_tanh=first,
        final_bias=first,
        segment=8192 if first else 65_536,
        row=65_536,
    )
    return Converted(replace(config, high=_highest(config)), _renamed(kept))


def bigvgan_8k(state: ForeignState) -> Converted | None:
    """The same, version 2 with mel bands up to 8 kHz, which no tensor shows."""
    found = bigvgan(state)
    if found is None:
        return None
    assert isinstance(found.config, BigConfig)
    return replace(found, config=replace(found.config, high=8000.0))


def discriminator_state(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a ``do_*`` file under the names of ``gan.discriminator``.

    Args:
        tensors: ``mpd.…`` and ``msd.…``; anything else is refused.
    """
    spectral = any(name.endswith("weight_orig") for name in tensors)

    def new(match: re.Match[str]) -> str:
        group, number, layer, part = match.groups()
        table = SPECTRAL_WEIGHT if spectral and (group, number) == ("msd", "0") else WEIGHT
        layer = layer.replace("convs.", "convolutions.").replace("conv_post", "last")
        own = {"mpd": "periods", "msd": "scales"}[group]
        return f"{own}.{number}.{layer}.{table.get(part, part)}"

    table = ((r"(mpd|msd)\.discriminators\.(\d+)\.(convs\.\d+|conv_post)\.(.+)", new),)
    return rename(tensors, table, "HiFi-GAN's discriminators")


def _generator(state: ForeignState) -> dict[str, Tensor] | None:
    """Tensors of the generator without weight norm; None for another kind of file."""
    found = fold_weight_norm(state.part("generator.", ""))
    if "conv_pre.weight" not in found or not any(name.startswith("resblocks.") for name in found):
        return None
    discriminators = ("mpd.", "msd.")
    return {name: value for name, value in found.items() if not name.startswith(discriminators)}


def _renamed(found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under our names, weights of 1-D convolutions as those of 2-D ones of height 1."""
    renamed = rename(found, GENERATOR, "HiFi-GAN or BigVGAN")
    return {
        name: tensor.unsqueeze(2) if tensor.ndim == 3 else tensor
        for name, tensor in renamed.items()
    }


def _shape_options(found: Mapping[str, Tensor]) -> dict[str, Any]:
    """Options of `VocoderConfig` that the shapes show, and those that published models share."""
    width, mels, _ = found["conv_pre.weight"].shape
    ups = _by_number(found, r"ups\.(\d+)\.(?:0\.)?weight")
    blocks = _by_number(found, r"resblocks\.(\d+)\.convs1?\.0\.weight")
    kernels = tuple(tensor.shape[-1] for tensor in ups)
    block = 1 if "resblocks.0.convs1.0.weight" in found else 2
    parallel = len(blocks) // len(ups)
    rate = RATES.get(mels, RATES[80])
    dilations = DILATIONS[block] * parallel
    rates = tuple(kernel // 2 for kernel in kernels)
    hop = torch.Size(rates).numel()
    return {
        "rate": rate,
        "mels": mels,
        "fft": 4 * hop,
        "window": 4 * hop,
        "width": width,
        "rates": rates,
        "kernels": kernels,
        "block": block,
        "block_kernels": tuple(tensor.shape[-1] for tensor in blocks[:parallel]),
        "dilations": dilations[: parallel * CONVOLUTIONS[block]],
    }


def _by_number(found: Mapping[str, Tensor], pattern: str) -> list[Tensor]:
    matches = {name: re.fullmatch(pattern, name) for name in found}
    numbered = {int(match[1]): found[name] for name, match in matches.items() if match}
    return [numbered[number] for number in sorted(numbered)]


def _highest(config: BigConfig) -> float | None:
    """Highest mel frequency of the published models: 8 and 12 kHz in version 1, else all."""
    if not config.final_tanh:
        return None
    return {22_050: 8000.0, 24_000: 12_000.0}.get(config.rate)


def discriminator_widths(rest: Mapping[str, Tensor]) -> dict[str, Any]:
    """Widths of the discriminators of a `discriminator_state`."""
    layers = r"{}\.0\.convolutions\.(\d+)\.bias"
    widths = {
        name: tuple(len(bias) for bias in _by_number(rest, layers.format(group)))
        for name, group in (("period_widths", "periods"), ("scale_widths", "scales"))
    }
    return {name: found for name, found in widths.items() if found}

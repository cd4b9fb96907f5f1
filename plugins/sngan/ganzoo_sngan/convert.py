"""Weights of mimicry: SNGAN, SSGAN, InfoMax-GAN and DCGAN."""

import re
from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from ganzoo.hub.conversion import (
    Converted,
    ForeignState,
    keep_power_iteration,
    keep_spectral_norm,
    rename,
)
from ganzoo_sngan.config import Config
from ganzoo_sngan.published import MIMICRY

LAYER = r"(weight|bias|running_mean|running_var|num_batches_tracked)"


def mimicry(state: ForeignState) -> Converted | None:
    """Generators of mimicry, and discriminators under ``D.`` where a file has both.

    Its SNGAN, SSGAN, InfoMax-GAN and WGAN-GP generators are the same network.
    """
    tensors, discriminator = state.part("model_state_dict.", "G.", ""), state.part("D.")
    size = _size(tensors)
    normed = any(name.endswith("weight_orig") for name in discriminator)
    if size not in MIMICRY or (discriminator and not normed):
        return None
    blocks = MIMICRY[size].doublings
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
    rest = _discriminator(discriminator, state.name)
    widths = [len(generator[f"{block + 2}.norms.0.weight"]) for block in range(blocks)]
    config = replace(
        MIMICRY[size],
        latent=generator["0.weight"].shape[1],
        widths=(*widths, len(generator[f"{blocks + 2}.weight"])),
        rotation="discriminator.rotation.bias" in rest,
    )
    if rest:
        config = replace(config, discriminator_widths=_widths(rest))
    return Converted(config, generator, rest)


def mimicry_rotation(state: ForeignState) -> Converted | None:
    """SSGAN's generators, published without the discriminator that tells them from SNGAN's."""
    converted = mimicry(state)
    if converted is None or not isinstance(converted.config, Config):
        return None
    return replace(converted, config=replace(converted.config, rotation=True))


def mimicry_sigmoid(state: ForeignState) -> Converted | None:
    """Mimicry's ``dcgan_cifar``: SNGAN's generator with a sigmoid at the end, images in [0, 1].

    2 sigmoid(x) - 1 = tanh(x / 2): halving the last layer gives the same images in [-1, 1].
    """
    converted = mimicry(state)
    if converted is None or not isinstance(converted.config, Config):
        return None
    generator = dict(converted.generator)
    for kind in ("weight", "bias"):
        name = f"{converted.config.doublings + 4}.{kind}"
        generator[name] = generator[name] / 2
    return replace(converted, generator=generator)


def _size(tensors: Mapping[str, Tensor]) -> int:
    """Size of the images; 0 for other files, among them those with class embeddings."""
    first, norm = tensors.get("l1.weight"), tensors.get("block2.b1.weight")
    if first is None or norm is None:
        return 0
    blocks = sum(re.fullmatch(r"block\d+\.c1\.weight", name) is not None for name in tensors)
    return int((len(first) // len(norm)) ** 0.5) << blocks


def _discriminator(tensors: Mapping[str, Tensor], kind: str) -> dict[str, Tensor]:
    found = rename(
        keep_spectral_norm(keep_power_iteration(tensors, "sn_u", "sn_sigma")),
        [
            (
                r"block(\d+)\.c([12])\.(.*)",
                lambda m: f"blocks.{int(m[1]) - 1}.convolutions.{int(m[2]) - 1}.{m[3]}",
            ),
            (r"block(\d+)\.c_sc\.(.*)", lambda m: f"blocks.{int(m[1]) - 1}.shortcut.{m[2]}"),
            (r"l\d\.(.*)", r"score.\1"),
            (r"l_y\.(.*)", r"rotation.\1"),
        ],
        kind,
    )
    return {f"discriminator.{name}": tensor for name, tensor in found.items()}


def _widths(rest: Mapping[str, Tensor]) -> tuple[int, ...]:
    """Feature maps after each block."""
    return tuple(
        len(tensor) for name, tensor in sorted(rest.items()) if name.endswith("convolutions.1.bias")
    )

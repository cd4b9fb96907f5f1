"""Weights of mimicry (cGAN-PD), mmgeneration and StudioGAN (SNGAN with projection)."""

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
from ganzoo_cgan.config import Config
from ganzoo_cgan.published import DISCRIMINATORS, MIMICRY, MMGEN

LAYER = r"(weight|bias|running_mean|running_var|num_batches_tracked)"


def mimicry(state: ForeignState) -> Converted | None:
    """Generators of mimicry, and discriminators under ``D.`` where a file has both."""
    tensors = state.part("model_state_dict.", "G.", "")
    if "l1.weight" not in tensors or "block2.b1.embed.weight" not in tensors:
        return None

    def block(match: re.Match[str]) -> str:
        return f"blocks.{int(match[1]) - 2}"

    generator = rename(
        _split_embeddings(tensors),
        [
            (rf"l1\.{LAYER}", r"start.0.\1"),
            (
                rf"block(\d+)\.b([12])\.bn\.{LAYER}",
                lambda m: f"{block(m)}.norms.{int(m[2]) - 1}.norm.{m[3]}",
            ),
            (
                r"block(\d+)\.b([12])\.(gain|shift)\.weight",
                lambda m: f"{block(m)}.norms.{int(m[2]) - 1}.{m[3]}.weight",
            ),
            (
                r"block(\d+)\.c([12])\.(.*)",
                lambda m: f"{block(m)}.convolutions.{int(m[2]) - 1}.{m[3]}",
            ),
            (r"block(\d+)\.c_sc\.(.*)", lambda m: f"{block(m)}.shortcut.{m[2]}"),
            (rf"b\d\.{LAYER}", r"end.0.\1"),
            (rf"c\d\.{LAYER}", r"end.2.\1"),
        ],
        state.name,
    )
    discriminator = rename(
        keep_spectral_norm(keep_power_iteration(state.part("D."), "sn_u", "sn_sigma")),
        [
            (
                r"block(\d+)\.c([12])\.(.*)",
                lambda m: f"blocks.{int(m[1]) - 1}.convolutions.{int(m[2]) - 1}.{m[3]}",
            ),
            (r"block(\d+)\.c_sc\.(.*)", lambda m: f"blocks.{int(m[1]) - 1}.shortcut.{m[2]}"),
            (r"l\d\.(.*)", r"score.\1"),
            (r"l_y\.(.*)", r"classes.\1"),
        ],
        state.name,
    )
    return _converted(MIMICRY, generator, discriminator)


def _split_embeddings(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gain and shift of each class, which mimicry keeps in one row."""
    split = {}
    for name, tensor in tensors.items():
        if name.endswith(".embed.weight"):
            stem = name.removesuffix("embed.weight")
            split[f"{stem}gain.weight"], split[f"{stem}shift.weight"] = tensor.chunk(2, 1)
        else:
            split[name] = tensor
    return split


def mmgen(state: ForeignState) -> Converted | None:
    """SNGAN with projection of mmgeneration, whose images are BGR."""
    converted = mmgen_rgb(state)
    if converted is None or not isinstance(converted.config, Config):
        return None
    generator, rest = dict(converted.generator), dict(converted.rest)
    for kind in ("weight", "bias"):
        generator[f"end.2.{kind}"] = generator[f"end.2.{kind}"].flip(0)
    for name in ("convolutions.0", "shortcut") if rest else ():
        stem = f"discriminator.blocks.0.{name}.parametrizations.weight"
        weight = rest[f"{stem}.original"]
        rest[f"{stem}.original"] = weight.flip(1)
        right = rest[f"{stem}.0._v"].view_as(weight[0])
        rest[f"{stem}.0._v"] = right.flip(0).flatten()
    config = replace(converted.config, relu_shortcut=False)
    return Converted(config, generator, rest)


def mmgen_inplace(state: ForeignState) -> Converted | None:
    """Files trained with ReLUs that overwrite what a shortcut reads: only their names say so."""
    converted = mmgen(state)
    if converted is None or not isinstance(converted.config, Config):
        return None
    return replace(converted, config=replace(converted.config, relu_shortcut=True))


def mmgen_rgb(state: ForeignState) -> Converted | None:
    """StudioGAN's files under the names of mmgeneration: RGB, trained with ReLUs in place."""
    tensors = state.part("state_dict.generator.", "generator.")
    if "conv_blocks.0.norm_1.weight_embedding.weight" not in tensors:
        return None
    embedding = r"(weight|bias)_embedding\.weight"
    generator = rename(
        tensors,
        [
            (rf"noise2feat\.{LAYER}", r"start.0.\1"),
            (
                rf"conv_blocks\.(\d+)\.norm_([12])\.norm\.{LAYER}",
                lambda m: f"blocks.{m[1]}.norms.{int(m[2]) - 1}.norm.{m[3]}",
            ),
            (rf"conv_blocks\.(\d+)\.norm_([12])\.{embedding}", _embedding),
            (
                r"conv_blocks\.(\d+)\.(conv_[12]|shortcut)\.conv\.(.*)",
                lambda m: _layer(int(m[1]), m[2], m[3]),
            ),
            (rf"to_rgb\.bn\.{LAYER}", r"end.0.\1"),
            (rf"to_rgb\.conv\.{LAYER}", r"end.2.\1"),
        ],
        state.name,
    )
    for name in [name for name in generator if name.endswith("gain.weight")]:
        generator[name] = 1 + generator[name]
    discriminator = rename(
        keep_spectral_norm(state.part("state_dict.discriminator.", "discriminator.")),
        [
            (r"from_rgb\.(conv_[12]|shortcut)\.conv\.(.*)", lambda m: _layer(0, m[1], m[2])),
            (
                r"conv_blocks\.(\d+)\.(conv_[12]|shortcut)\.conv\.(.*)",
                lambda m: _layer(int(m[1]) + 1, m[2], m[3]),
            ),
            (r"decision\.(.*)", r"score.\1"),
            (r"proj_y\.(.*)", r"classes.\1"),
        ],
        state.name,
    )
    return _converted(MMGEN, generator, discriminator)


def studiogan(state: ForeignState) -> Converted | None:
    """Generators of StudioGAN with its backbone ``resnet`` and conditional batch norm."""
    tensors = state.part("state_dict.", "")
    if not {"linear0.weight", "blocks.0.0.bn1.gain.weight", "conv2d5.bias"} <= tensors.keys():
        return None
    layers = {"0": "shortcut", "1": "convolutions.0", "2": "convolutions.1"}
    generator = rename(
        tensors,
        [
            (rf"linear0\.{LAYER}", r"start.0.\1"),
            (
                rf"blocks\.(\d+)\.0\.bn([12])\.bn\.{LAYER}",
                lambda m: f"blocks.{m[1]}.norms.{int(m[2]) - 1}.norm.{m[3]}",
            ),
            (
                r"blocks\.(\d+)\.0\.bn([12])\.(gain|bias)\.weight",
                lambda m: (
                    f"blocks.{m[1]}.norms.{int(m[2]) - 1}"
                    f".{'gain' if m[3] == 'gain' else 'shift'}.weight"
                ),
            ),
            (
                r"blocks\.(\d+)\.0\.conv2d([012])\.(.*)",
                lambda m: f"blocks.{m[1]}.{layers[m[2]]}.{m[3]}",
            ),
            (rf"bn4\.{LAYER}", r"end.0.\1"),
            (rf"conv2d5\.{LAYER}", r"end.2.\1"),
        ],
        state.name,
    )
    for name, tensor in generator.items():
        if name.endswith(("gain.weight", "shift.weight")):  # linear layers of one-hot labels
            generator[name] = tensor.t() + int(name.endswith("gain.weight"))
    return _converted(MMGEN, generator, {})


def _embedding(match: re.Match[str]) -> str:
    kind = "gain" if match[3] == "weight" else "shift"
    return f"blocks.{match[1]}.norms.{int(match[2]) - 1}.{kind}.weight"


def _layer(block: int, layer: str, rest: str) -> str:
    if layer != "shortcut":
        layer = f"convolutions.{int(layer[-1]) - 1}"
    return f"blocks.{block}.{layer}.{rest}"


def _converted(
    base: Config, generator: Mapping[str, Tensor], discriminator: Mapping[str, Tensor]
) -> Converted:
    """The config by the shapes, and for a generator alone the usual discriminator."""
    gains = [name for name in sorted(generator) if name.endswith("norms.0.gain.weight")]
    widths = (*[generator[name].shape[1] for name in gains], len(generator["end.0.weight"]))
    start = int((len(generator["start.0.weight"]) // widths[0]) ** 0.5)
    size = start << len(gains)
    ends = [name for name in sorted(discriminator) if name.endswith("convolutions.1.bias")]
    known, halvings = DISCRIMINATORS.get(size, DISCRIMINATORS[32])
    if discriminator:  # blocks that halve nothing have no shortcut
        known = tuple(len(discriminator[name]) for name in ends)
        halvings = sum(name.endswith("shortcut.bias") for name in discriminator)
    config = replace(
        base,
        channels=len(generator["end.2.bias"]),
        size=size,
        latent=generator["start.0.weight"].shape[1],
        widths=widths,
        discriminator_widths=known,
        discriminator_halvings=halvings,
        classes=len(generator[gains[0]]),
    )
    rest = {f"discriminator.{name}": tensor for name, tensor in discriminator.items()}
    return Converted(config, generator, rest)

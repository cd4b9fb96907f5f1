"""StyleGAN3 weights of NVIDIA's pickles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import Converted, ForeignState, Replacement, rename
from ganzoo_stylegan3 import Config

Table = Sequence[tuple[str, Replacement]]
State = Mapping[str, Tensor]

TRAINING = ("group", "r1")
"""Settings that no tensor depends on."""
ARGUMENTS = {
    "num_layers": "layers",
    "num_critical": "critical",
    "channel_base": "base",
    "channel_max": "most",
    "use_radial_filters": "radial",
    "output_scale": "output_scale",
}
"""Settings by their names in constructor arguments."""
BASES = (32_768, 65_536, 16_384, *(1 << power for power in range(13, 7, -1)))
"""Values of `Config.base` to try where the file states none, the usual ones first."""
MAPPING: Table = (
    (r".*resample_filter", None),
    (r"mapping\.fc(\d+)\.(.*)", lambda found: f"mapping.layers.{2 * int(found[1])}.{found[2]}"),
    (r"mapping\.(embed\..*|w_avg)", r"mapping.\1"),
)
GENERATOR: Table = (
    *MAPPING,
    (r"synthesis\.input\.(.*)", r"synthesis.input.\1"),
    (r"synthesis\.L(\d+)_\d+_\d+\.magnitude_ema", r"synthesis.layers.\1.magnitude"),
    (r"synthesis\.L(\d+)_\d+_\d+\.(.*)", r"synthesis.layers.\1.\2"),
)
DISCRIMINATOR: Table = (
    *MAPPING,
    (r"b4\.conv\.(.*)", r"convolution.\1"),
    (r"b4\.fc\.(.*)", r"linear.\1"),
    (r"b4\.out\.(.*)", r"output.\1"),
    (r"b(\d+)\.fromrgb\.(.*)", r"blocks.\1.image.\2"),
    (r"b(\d+)\.conv0\.(.*)", r"blocks.\1.first.\2"),
    (r"b(\d+)\.conv1\.(.*)", r"blocks.\1.second.\2"),
    (r"b(\d+)\.skip\.(weight)", r"blocks.\1.skip.\2"),
)


def nvidia(state: ForeignState) -> Converted | None:
    """Pickles of the stylegan3 repository: ``G_ema``, and ``D`` where it is there."""
    tensors = state.part("G_ema.", "g_ema.", "generator.", "")
    if "synthesis.input.freqs" not in tensors:
        return None
    critic = state.part("D.") if any(name.startswith("D.") for name in state.tensors) else {}
    critic = rename(critic, DISCRIMINATOR, "StyleGAN3's discriminator")
    config = _config(tensors, critic, state.arguments.get("G_ema", {}))
    return Converted(
        config,
        rename(tensors, GENERATOR, "StyleGAN3"),
        {f"discriminator.{name}": tensor for name, tensor in critic.items()},
        TRAINING,
    )


def _config(generator: State, critic: State, stated: Mapping[str, Any]) -> Config:
    """Config of the networks in a file, from arguments, names and shapes.

    Raises:
        WeightsError: layers that no config has.
    """
    names = (re.fullmatch(r"synthesis\.(L(\d+)_(\d+)_(\d+))\.weight", name) for name in generator)
    layers = sorted((int(found[2]), found[1]) for found in names if found)
    first, last = generator[f"synthesis.{layers[0][1]}.weight"], layers[-1][1].split("_")
    width, inputs = generator["mapping.fc0.weight"].shape
    embed = generator.get("mapping.embed.weight")
    shapes = {
        "channels": int(last[2]),
        "size": int(last[1]),
        "latent": inputs if embed is None else inputs - width,
        "classes": 0 if embed is None else embed.shape[1],
        "w_dim": width,
        "mapping": sum(bool(re.fullmatch(r"mapping\.fc\d+\.weight", name)) for name in generator),
        "layers": len(layers) - 1,
        "kernel": first.shape[2],
        "radial": generator[f"synthesis.{layers[0][1]}.down_filter"].ndim == 2,
        "most": first.shape[0],
        **{ours: stated[theirs] for theirs, ours in ARGUMENTS.items() if theirs in stated},
        **({"clamp": float(stated["conv_clamp"] or 0)} if "conv_clamp" in stated else {}),
        **_critic(critic, int(last[1])),
    }
    for base in [stated["channel_base"]] if "channel_base" in stated else BASES:
        config = Config(**{**shapes, "base": base})
        plan = [(each.after.size, each.after.width) for each in config.plan[1]]
        if [f"L{i}_{size}_{maps}" for i, (size, maps) in enumerate(plan)] == [n for _, n in layers]:
            return config
    raise WeightsError(
        f"StyleGAN3: no config has the layers {', '.join(name for _, name in layers)}"
    )


def _critic(state: State, size: int) -> dict[str, Any]:
    """Settings of the discriminator by our names."""
    if not state:
        return {}
    most = len(state["linear.weight"])
    finest = state[f"blocks.{size}.image.weight"].shape[0]
    mapping = sum(bool(re.fullmatch(r"mapping\.layers\.\d+\.weight", name)) for name in state)
    base = Config.discriminator_base if finest == most else finest * size
    return {
        "discriminator_most": most,
        "discriminator_base": base,
        "label_mapping": mapping or Config.label_mapping,
    }

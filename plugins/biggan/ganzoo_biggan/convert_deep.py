"""Weights of BigGAN-deep, as pytorch-pretrained-BigGAN publishes them."""

from __future__ import annotations

import re

from torch import Tensor

from ganzoo.hub.conversion import Converted, ForeignState, fold_spectral_norm, rename
from ganzoo_biggan.config import Config
from ganzoo_biggan.convert import numbered

DISCRIMINATOR = (64,)
"""Widths of the discriminator, which is never trained: `BigGAN.phases`."""

STATISTIC = r"running_(mean|var)s"
TABLE = [
    (r"embeddings\.weight", "embedding.weight"),
    (r"gen_z\.(.*)", r"start.0.\1"),
    (rf"(blocks\.\d+)\.bn_(\d)\.{STATISTIC}", r"\1.norms.\2.norm.\3"),
    (r"(blocks\.\d+)\.bn_(\d)\.scale\.(.*)", r"\1.norms.\2.gain.\3"),
    (r"(blocks\.\d+)\.bn_(\d)\.offset\.(.*)", r"\1.norms.\2.shift.\3"),
    (r"(blocks\.\d+)\.conv_(\d)\.(.*)", r"\1.convolutions.\2.\3"),
    (r"(attention\.\d+)\.snconv1x1_theta\.(.*)", r"\1.query.\2"),
    (r"(attention\.\d+)\.snconv1x1_phi\.(.*)", r"\1.key.\2"),
    (r"(attention\.\d+)\.snconv1x1_g\.(.*)", r"\1.value.\2"),
    (r"(attention\.\d+)\.snconv1x1_o_conv\.(.*)", r"\1.output.\2"),
    (r"(attention\.\d+)\.gamma", r"\1.gain"),
    (rf"bn\.{STATISTIC}", r"norm.\1"),
    (r"bn\.(weight|bias)", r"norm.\1"),
    (r"conv_to_rgb\.(.*)", r"end.1.\1"),
]


def huggingface(state: ForeignState) -> Converted | None:
    """BigGAN-deep of pytorch-pretrained-BigGAN, a generator.

    Every second block doubles the size, as in all published files, unless the state has the
    constructor argument ``layers``.
    """
    found = state.part("")
    if not {"generator.gen_z.weight_orig", "generator.bn.running_means"} <= found.keys():
        return None
    layers = {
        n.removeprefix("generator.").replace("layers.", "blocks."): t for n, t in found.items()
    }
    named = rename(numbered(fold_spectral_norm(layers)), TABLE, state.name)
    blocks = sum(
        re.fullmatch(r"blocks\.\d+\.convolutions\.3\.bias", name) is not None for name in named
    )
    widths = (
        named["blocks.0.convolutions.0.weight"].shape[1],
        *(len(named[f"blocks.{block}.convolutions.3.bias"]) for block in range(blocks)),
    )
    doublings = tuple(
        place
        for place, layer in enumerate(
            state.arguments.get("layers", [[False], [True]] * (blocks // 2)), 1
        )
        if layer[0]
    )
    embedding, classes = named["embedding.weight"].shape
    config = Config(
        size=4 << len(doublings),
        latent=named["start.0.weight"].shape[1] - embedding,
        classes=classes,
        widths=widths,
        doublings=doublings,
        attention=tuple(int(name.split(".")[1]) for name in named if name.endswith("query.weight")),
        embedding=embedding,
        hierarchical=False,
        statistics=len(named["norm.mean"]),
        eps=1e-4,
        discriminator_widths=DISCRIMINATOR,
        discriminator_halvings=1,
        discriminator_attention=(),
    )
    return Converted(config, _rearranged(named, widths[0]))


def _rearranged(named: dict[str, Tensor], maps: int) -> dict[str, Tensor]:
    """Rows of the first layer with maps first, three of the last one's maps, a row for a class."""
    start = {
        name: named[name].view(16, maps, *named[name].shape[1:]).movedim(1, 0).flatten(0, 1)
        for name in ("start.0.weight", "start.0.bias")
    }
    end = {name: named[name][:3] for name in ("end.1.weight", "end.1.bias")}
    gains = {
        n: t.reshape(())
        for n, t in named.items()
        if n.startswith("attention") and n.endswith("gain")
    }
    embedding = {"embedding.weight": named["embedding.weight"].t().contiguous()}
    return {**named, **start, **end, **gains, **embedding}

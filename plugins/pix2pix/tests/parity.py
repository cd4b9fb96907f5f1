"""Answers to the parity check, and small networks for the golden file: pix2pix."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import parity
import torch
from ganzoo_pix2pix import Config, convert
from torch import Tensor

from ganzoo import GAN
from ganzoo.hub.conversion import Converted, ForeignState

BEHAVIORS = {"eval": "batch", "batch_statistics": "affine"}
"""Parts of the names of outputs, and the norm that behaves so."""

Converter = Callable[[ForeignState], "Converted | None"]


def converters(convert_with: Callable[..., Converted | None]) -> Iterator[tuple[str, Converter]]:
    """Converters by behavior."""
    for behavior, norm in BEHAVIORS.items():
        yield behavior, lambda state, norm=norm: convert_with(state, norm=norm)


def translate(gan: GAN, source: Tensor) -> Tensor:
    """Translation without dropout."""
    output: Tensor = gan.generator(source, torch.ones(len(source), 0, dtype=torch.bool))
    return output


def pix2pix(case: parity.Case) -> dict[str, Tensor]:
    """Networks of the authors' code."""
    outputs = {}
    source, target = case.inputs["d_img"].chunk(2, 1)
    for behavior, converter in converters(convert.berkeley):
        gan = parity.load("pix2pix", converter, case.state())
        image = translate(gan, case.inputs["img"])
        ending = "" if behavior == "eval" else "_no_dropout"
        rows = case.answers.get(f"img_{behavior}{ending}", image).shape[2]
        outputs[f"img_{behavior}{ending}"] = image[:, :, :rows]
        outputs[f"d_logits_{behavior}"] = gan.discriminator(target, source)
    return outputs


def mmgen(case: parity.Case) -> dict[str, Tensor] | None:
    """Networks of mmgeneration, BGR."""
    if len(case.config.get("domains", ())) != 1:
        return None
    outputs = {}
    source, target = (case.inputs[f"d_{side}"].flip(1) for side in ("source", "target"))
    for behavior, converter in converters(convert.mmgen):
        gan = parity.load("pix2pix", converter, case.state(prefix="state_dict."))
        image = translate(gan, enlarged(case).flip(1)).flip(1)
        ending = "" if behavior == "eval" else "_no_dropout"
        outputs |= thinned(image, f"img_{behavior}{ending}")
        outputs[f"d_logits_{behavior}"] = gan.discriminator(target, source)
    return outputs


def huggan(case: parity.Case) -> dict[str, Tensor] | None:
    """Networks of huggan."""
    if "G.down1.model.0.weight" not in case.tensors:
        return None
    gan = parity.load("pix2pix", convert.huggan, case.state())
    outputs = thinned(translate(gan, enlarged(case)), "img")
    outputs["d_logits"] = gan.discriminator(case.inputs["d_a"], case.inputs["d_b"])
    return outputs


def enlarged(case: parity.Case) -> Tensor:
    """The generator's input; where 64 x 64 pixels are stored, every row and column four times."""
    if "img" in case.inputs:
        return case.inputs["img"]
    return case.inputs["img_64"].repeat_interleave(4, 2).repeat_interleave(4, 3)


def thinned(image: Tensor, name: str) -> dict[str, Tensor]:
    """An image, and its parts that may be stored instead."""
    return {
        name: image,
        f"{name}_crop": image[:, :, 96:144, 96:144],
        f"{name}_every8": image[:, :, 4::8, 4::8],
    }


FAMILIES = {"pix2pix": pix2pix, "mmgen": mmgen, "huggan": huggan}

TINY = {"size": 32, "width": 2, "halvings": 2, "noisy": 1, "skipped": 1}
SMALL = {
    "pix2pix-berkeley": ("pix2pix", Config(**TINY)),
    "pix2pix-batch": ("pix2pix", Config(**TINY, norm="batch")),
    "pix2pix-instance": ("pix2pix", Config(**TINY, norm="instance")),
    "pix2pix-huggan": ("pix2pix", Config(**TINY, networks="huggan")),
}

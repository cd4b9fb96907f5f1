"""Answers to the parity check, and small networks for the golden file: CycleGAN."""

from __future__ import annotations

import parity
from ganzoo_cyclegan import Config, convert
from torch import Tensor


def cyclegan(case: parity.Case) -> dict[str, Tensor]:
    """Networks of the authors' code."""
    gan = parity.load("cyclegan", convert.berkeley, case.state())
    there, image = gan.generator["there"], case.inputs["img"]
    outputs = {"img": there(image), "d_logits": gan.discriminator(case.inputs["d_img"])}
    if "encoded" in case.answers:
        # nine layers here: the padding of the first convolution is no layer
        outputs["encoded"] = there[:9](image)
    return outputs


def huggan(case: parity.Case) -> dict[str, Tensor] | None:
    """Networks of huggan, whose discriminators saw the generator's input here."""
    if not any(".block." in name for name in case.tensors):
        return None
    gan = parity.load("cyclegan", convert.berkeley, case.state())
    image = case.inputs["img"]
    return {"img": gan.generator["there"](image), "d_logits": gan.discriminator(image)}


def mmgen(case: parity.Case) -> dict[str, Tensor] | None:
    """Networks of mmgeneration, BGR."""
    if len(case.config.get("domains", ())) != 2:
        return None
    outputs = {}
    image = case.inputs["img"].flip(1)
    for converter, domain in zip(
        (convert.mmgen_back, convert.mmgen), sorted(case.config["domains"]), strict=True
    ):
        gan = parity.load("cyclegan", converter, case.state(prefix="state_dict."))
        outputs[f"img_{domain}"] = gan.generator["there"](image).flip(1)
        outputs[f"d_logits_{domain}"] = gan.discriminator(image)
    return outputs


FAMILIES = {"cyclegan": cyclegan, "huggan": huggan, "mmgen": mmgen}

TINY = {"size": 16, "width": 2, "blocks": 1, "halvings": 1, "directions": "there"}
SMALL = {
    "cyclegan-berkeley": ("cyclegan", Config(**TINY)),
    "cyclegan-affine": ("cyclegan", Config(**TINY, norm="affine")),
    "cyclegan-batch": ("cyclegan", Config(**TINY, norm="batch")),
    "cyclegan-huggan": ("cyclegan", Config(**TINY, upsampling="nearest", padded=True)),
}

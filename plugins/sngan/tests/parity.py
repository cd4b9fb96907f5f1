"""Answers for folders of official SNGANs; see tests/parity.py at the root."""

from collections.abc import Mapping

from ganzoo_sngan import Config, convert
from ganzoo_sngan.model import RotationDiscriminator
from parity import Case, load
from torch import Tensor

SMALL = {
    "sngan-mimicry": (
        "sngan",
        Config(
            size=8,
            latent=4,
            widths=(4, 2),
            discriminator_widths=(2, 4, 4),
            upsampling="bilinear",
            relu_shortcut=True,
            score_bias=True,
            rotation=True,
        ),
    ),
}


def mimicry(case: Case) -> Mapping[str, Tensor] | None:
    if not any(name in case.config["official"] for name in (".sngan.", ".ssgan.")):
        return None
    gan = load("sngan", convert.mimicry, case.state())
    images, given = gan.generator(case.inputs["z"]), case.inputs["d_img"]
    answers = {"img": images, "d_logits": gan.discriminator(given)}
    if isinstance(gan.discriminator, RotationDiscriminator):
        answers["d_second_output"] = gan.discriminator.predict_rotation(given)
    return answers


FAMILIES = {"mimicry": mimicry}

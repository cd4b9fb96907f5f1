"""Answers for folders of official projection GANs; see tests/parity.py at the root."""

from collections.abc import Mapping

from ganzoo_cgan import Config, convert
from parity import Case, load
from torch import Tensor

TINY = {"size": 8, "latent": 4, "widths": (4, 2), "discriminator_widths": (2, 4, 4), "classes": 3}
SMALL = {
    "cgan-mimicry": (
        "cgan",
        Config(**TINY, upsampling="bilinear", relu_shortcut=True, score_bias=True),
    ),
    "cgan-mmgen": ("cgan", Config(**TINY, score_bias=True, norm_eps=1e-4)),
}


def mimicry(case: Case) -> Mapping[str, Tensor] | None:
    if ".cgan_pd." not in case.config["official"]:
        return None
    gan, inputs = load("cgan", convert.mimicry, case.state()), case.inputs
    return {
        "img": gan.generator(inputs["z"], inputs["y"]),
        "d_logits": gan.discriminator(inputs["d_img"], inputs["d_y"]),
    }


def mmgen(case: Case) -> Mapping[str, Tensor] | None:
    if "/sngan_proj/" not in case.config["config"]:
        return None
    state, inputs = case.state(prefix="state_dict."), case.inputs
    gan, inplace = (load("cgan", each, state) for each in (convert.mmgen, convert.mmgen_inplace))
    images = gan.generator(inputs["z"], inputs["y"]).flip(1)  # official images are BGR
    given = inputs.get("d_img")
    if given is None:
        given = inputs["d_img_64"].repeat_interleave(2, 2).repeat_interleave(2, 3)
    edge = images.shape[-1] // 2 - 16
    window = slice(edge, edge + 32)
    return {
        "img": images,
        "img_crop": images[:, :, window, window],
        "img_every4": images[:, :, 2::4, 2::4],
        "d_logits": gan.discriminator(given.flip(1), inputs["d_y"]),
        "d_logits_inplace_relu": inplace.discriminator(given.flip(1), inputs["d_y"]),
    }


FAMILIES = {"mimicry": mimicry, "mmgen": mmgen}

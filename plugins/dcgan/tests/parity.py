"""Answers for folders of official DCGANs; see tests/parity.py at the root."""

from collections.abc import Mapping

from ganzoo_dcgan import Config, convert
from parity import Case, load
from torch import Tensor

SMALL = {
    "dcgan-tutorial": ("dcgan", Config(channels=1, size=8, latent=4, width=3)),
    "dcgan-mmgen": (
        "dcgan",
        Config(size=8, latent=4, width=3, discriminator_width=2, outer_bias=True, slope=0.01),
    ),
    "dcgan-studiogan": ("dcgan", Config(size=8, latent=4, width=3, network="standard")),
}


def huggan(case: Case) -> Mapping[str, Tensor] | None:
    if "dcgan" not in case.config["official"]:
        return None
    gan = load("dcgan", convert.tutorial, case.state())
    images = gan.generator(case.inputs["z"].flatten(1))
    logits = gan.discriminator(case.inputs["d_img"]).view(-1, 1, 1, 1)
    return {**stored(images), "d_logits": logits, "d_probability": logits.sigmoid()}


def mmgen(case: Case) -> Mapping[str, Tensor] | None:
    if "/dcgan/" not in case.config["config"]:
        return None
    gan = load("dcgan", convert.mmgen, case.state(prefix="state_dict."))
    images = gan.generator(case.inputs["z"]).flip(1)  # official images are BGR
    return {**stored(images), "d_logits": gan.discriminator(case.inputs["d_img"].flip(1))}


def stored(images: Tensor) -> dict[str, Tensor]:
    """The parts of the images that the folder has."""
    edge = images.shape[-1] // 2 - 16
    window = slice(edge, edge + 32)
    return {"img_crop": images[:, :, window, window], "img_every4": images[:, :, 2::4, 2::4]}


FAMILIES = {"huggan": huggan, "mmgen": mmgen}

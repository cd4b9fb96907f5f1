"""Answers for folders of official LSGANs; see tests/parity.py at the root."""

from collections.abc import Mapping

from ganzoo_lsgan import Config, convert
from parity import Case, load
from torch import Tensor

SMALL = {
    "lsgan-mmgen": ("lsgan", Config(size=8, latent=4, width=3, discriminator_width=2, slope=0.01)),
    "lsgan-paper": ("lsgan", Config(size=64, latent=4, width=2, network="paper")),
}


def mmgen(case: Case) -> Mapping[str, Tensor] | None:
    if not {"lsgan", "ggan"} & set(case.config["config"].split("/")):
        return None
    paper = case.config["generator"]["type"] == "LSGANGenerator"
    converter = convert.mmgen_paper if paper else convert.mmgen_dcgan
    gan = load("lsgan", converter, case.state(prefix="state_dict."))
    images = gan.generator(case.inputs["z"]).flip(1)  # official images are BGR
    given = case.inputs.get("d_img")
    if given is None:
        given = case.inputs["d_img_64"].repeat_interleave(2, 2).repeat_interleave(2, 3)
    edge = images.shape[-1] // 2 - 16
    window = slice(edge, edge + 32)
    return {
        "img_crop": images[:, :, window, window],
        "img_every4": images[:, :, 2::4, 2::4],
        "d_logits": gan.discriminator(given.flip(1)),
    }


FAMILIES = {"mmgen": mmgen}

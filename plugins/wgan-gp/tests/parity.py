"""Answers for folders of official WGAN-GPs; see tests/parity.py at the root."""

from collections.abc import Mapping

from ganzoo_wgan_gp import Config, convert
from parity import Case, load
from torch import Tensor, nn

SMALL = {
    "wgan-gp-mimicry": (
        "wgan-gp",
        Config(
            size=8,
            latent=4,
            widths=(4, 2),
            critic_widths=(2, 4, 4),
            critic_halvings=2,
            upsampling="bilinear",
            relu_shortcut=True,
        ),
    ),
    "wgan-gp-mmgen": ("wgan-gp", Config(size=16, latent=4, network="pggan", widths=(4, 3, 2))),
}


def mimicry(case: Case) -> Mapping[str, Tensor] | None:
    if ".wgan_gp." not in case.config["official"]:
        return None
    gan = load("wgan-gp", convert.mimicry, case.state())
    images = gan.generator(case.inputs["z"])
    return {"img": images, "d_logits": gan.discriminator(case.inputs["d_img"])}


def mmgen(case: Case) -> Mapping[str, Tensor] | None:
    if "/wgan-gp/" not in case.config["config"]:
        return None
    gan = load("wgan-gp", convert.mmgen, case.state(prefix="state_dict."))
    if "rebuilt" in case.config.get("note", ""):
        # block 0 was rebuilt after .eval(): its norm took the statistics of the batch
        assert isinstance(gan.generator, nn.Sequential)
        gan.generator[5].train()
    images = gan.generator(case.inputs["z"]).flip(1)  # official images are BGR
    given = case.inputs["d_img_64"].repeat_interleave(2, 2).repeat_interleave(2, 3)
    edge = images.shape[-1] // 2 - 16
    window = slice(edge, edge + 32)
    return {
        "img_crop": images[:, :, window, window],
        "img_every4": images[:, :, 2::4, 2::4],
        "d_logits": gan.discriminator(given.flip(1)),
    }


FAMILIES = {"mimicry": mimicry, "mmgen": mmgen}

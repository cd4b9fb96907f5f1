"""Answers for folders of official BigGANs and SAGANs; see tests/parity.py at the root."""

from collections.abc import Mapping

import torch
from ganzoo_biggan import Config, convert, convert_deep
from ganzoo_biggan.model import BigGAN
from parity import Case, load
from torch import Tensor

from ganzoo.hub.conversion import ForeignState

SMALL = {
    "biggan": (
        "biggan",
        Config(
            size=16,
            latent=6,
            classes=3,
            widths=(8, 8, 4),
            attention=(1,),
            embedding=4,
            discriminator_widths=(4, 8),
            discriminator_halvings=2,
        ),
    ),
    "biggan-embeddings": (
        "biggan",
        Config(
            size=8,
            latent=4,
            classes=3,
            widths=(8, 4),
            attention=(),
            embedding=0,
            hierarchical=False,
            discriminator_widths=(4, 4),
            discriminator_halvings=1,
            discriminator_attention=(),
            wide=False,
            relu_shortcut=True,
        ),
    ),
    "biggan-deep": (
        "biggan",
        Config(
            size=8,
            latent=4,
            classes=3,
            widths=(16, 16, 8),
            doublings=(2,),
            attention=(1,),
            embedding=4,
            hierarchical=False,
            statistics=51,
            discriminator_widths=(4,),
            discriminator_halvings=1,
            discriminator_attention=(),
        ),
    ),
}


def images(gan: BigGAN, case: Case) -> Tensor:
    return gan.generate({"latent": case.inputs["z"], "label": case.inputs["y"]})


def ajbrock(case: Case) -> Mapping[str, Tensor]:
    gan = load("biggan", convert.ajbrock, case.state())
    answers = {
        "img": images(gan, case),
        "d_logits": gan.discriminator(case.inputs["d_img"], case.inputs["d_y"]),
    }
    if gan.config.embedding:
        shared = gan.generator.embed(case.inputs["y"])
        mean = shared.mean(0, keepdim=True).expand_as(shared)
        answers["shared"] = shared
        answers["img_class_mix"] = gan.synthesize({"latent": case.inputs["z"]}, mean)
    return answers


def studiogan(case: Case) -> Mapping[str, Tensor]:
    gan = load("biggan", convert.studiogan, case.state())
    return {
        "img": images(gan, case),
        "shared": gan.generator.embed(case.inputs["y"]),
        "d_logits": gan.discriminator(case.inputs["d_img"], case.inputs["d_y"])[:, 0],
    }


def huggingface(case: Case) -> Mapping[str, Tensor]:
    layers = case.config["constructor"]["layers"]
    gan = load("biggan", convert_deep.huggingface, case.state({"layers": layers}))
    shared = case.inputs["c"] @ gan.generator.embedding.weight
    answers = {"cond_vector": torch.cat([case.inputs["z"], shared], 1)}
    for truncation in case.config["truncations"]:
        batch = {"latent": case.inputs["z"], "truncation": torch.tensor([truncation])}
        name = f"{truncation:g}".replace(".", "p")
        answers[f"img_truncation_{name}"] = gan.synthesize(batch, shared)
    return answers


def mmgen(case: Case) -> Mapping[str, Tensor] | None:
    """BigGAN and SAGAN, BGR."""
    if case.config["generator"]["type"] not in ("BigGANGenerator", "SAGANGenerator"):
        return None
    raw = {name: each for name, each in case.tensors.items() if "_ema." not in name}
    answers = {}
    for kind, tensors in (("img", raw), ("img_ema", case.tensors)):
        gan = load("biggan", convert.mmgen, ForeignState(tensors, {}, case.folder.name))
        found = images(gan, case).flip(1)
        answers[kind] = found
        answers[f"{kind}_crop"] = found[:, :, 48:80, 48:80]
        answers[f"{kind}_every4"] = found[:, :, 2::4, 2::4]
    given = case.inputs.get("d_img")
    if given is None:
        given = case.inputs["d_img_64"].repeat_interleave(2, 2).repeat_interleave(2, 3)
    answers["d_logits"] = gan.discriminator(given.flip(1), case.inputs["d_y"])
    inplace = load("biggan", convert.mmgen_inplace, case.state()).discriminator
    answers["d_logits_inplace_relu"] = inplace(given.flip(1), case.inputs["d_y"])
    return answers


FAMILIES = {
    "biggan": ajbrock,
    "studiogan-biggan": studiogan,
    "biggan-deep": huggingface,
    "mmgen": mmgen,
}

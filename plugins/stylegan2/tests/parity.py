"""StyleGAN2's networks beside answers of official code; see tests/parity.py of the repository."""

from __future__ import annotations

from collections.abc import Mapping

import parity
import torch
from ganzoo_stylegan2 import Config, convert
from torch import Tensor

from ganzoo import registry
from ganzoo.gan import GAN, build
from ganzoo.hub.conversion import rename


def ada(case: parity.Case) -> Mapping[str, Tensor]:
    """Generator or discriminator, by what the folder holds."""
    if "synthesis.b4.const" in case.tensors:
        return ada_generator(case)
    return ada_discriminator(case)


def ada_generator(case: parity.Case) -> dict[str, Tensor]:
    state = case.state({"G_ema": case.config["constructor"]}, prefix="G_ema.")
    gan = parity.load("stylegan2", convert.nvidia, state)
    given = {"latent": case.inputs["z"]}
    if "c" in case.inputs:
        given["label"] = case.inputs["c"].argmax(1)
    psi = torch.tensor([float(case.config.get("truncation_psi", 1.0))])
    cutoff = torch.tensor([int(case.config.get("truncation_cutoff") or gan.config.layers)])
    truncated = {**given, "truncation": psi}
    first = {**truncated, "cutoff": cutoff}
    gan.generator.synthesis.noise = "const"
    answers = {
        "ws": gan.styles(given),
        "ws_trunc": gan.styles(truncated),
        "ws_trunc_cutoff": gan.styles(first),
        "img_noise_const": gan.generate(given),
        "img_trunc_const": gan.generate(truncated),
        "img_trunc_cutoff_const": gan.generate(first),
    }
    gan.generator.synthesis.noise = "none"
    for name in ("", "_trunc", "_trunc_cutoff"):
        rows = {"": given, "_trunc": truncated, "_trunc_cutoff": first}[name]
        answers[f"img{name}_none" if name else "img_noise_none"] = gan.generate(rows)
    return answers


def ada_discriminator(case: parity.Case) -> dict[str, Tensor]:
    names = rename(case.tensors, convert.NVIDIA_DISCRIMINATOR, case.folder.name)
    stated = convert.nvidia_arguments({"D": case.config["constructor"]})
    config = Config(**convert.critic_settings(names), **stated)
    critic = build(registry.resolve("stylegan2"), config).discriminator.eval()
    critic.load_state_dict(names)
    images, condition = case.inputs["img"], case.inputs.get("c")
    first = None if condition is None else condition[:1]
    answers = {
        "logits": critic(images, condition),
        "logits_first_alone": critic(images[:1], first),
        "features_4x4": critic.features(images),
    }
    if condition is not None:
        answers["cmap"] = critic.mapping(None, condition)
    return answers


def rosinality(case: parity.Case) -> dict[str, Tensor]:
    gan = parity.load("stylegan2", convert.rosinality, case.state())
    given = {"latent": case.inputs["z"]}
    truncated = {**given, "truncation": torch.tensor([float(case.config["truncation"])])}
    answers = {
        "w": gan.generator.mapping(given["latent"]),
        "img_noise_buffers": gan.generate(given),
        "img_trunc": gan.generate(truncated),
        "latent_trunc": gan.styles(truncated),
        "img_mixed": gan.generate(mixed(gan, given["latent"])),
    }
    if "d_img" in case.inputs:
        images = case.inputs["d_img"]
        answers["d_logits"] = gan.discriminator(images)
        answers["d_logits_first_alone"] = gan.discriminator(images[:1])
    gan.generator.synthesis.noise = "none"
    return {**answers, "img_no_noise": gan.generate(given)}


def mixed(gan: GAN, latent: Tensor) -> dict[str, Tensor]:
    """Three layers from one latent, the rest from its neighbor."""
    return {
        "latent": latent,
        "second_latent": latent.flip(0),
        "crossover": torch.full((len(latent),), 3),
    }


FAMILIES = {"stylegan2-ada": ada, "stylegan2-rosinality": rosinality}
SMALL = {
    "stylegan2-skip": (
        "stylegan2",
        Config(size=16, latent=8, w_dim=8, widths=(8, 8, 4)),
    ),
    "stylegan2-resnet": (
        "stylegan2",
        Config(
            size=16,
            latent=8,
            classes=3,
            w_dim=8,
            mapping=2,
            widths=(8, 8, 4),
            architecture="resnet",
            discriminator="skip",
            group_maps=2,
        ),
    ),
}

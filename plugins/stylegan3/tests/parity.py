"""StyleGAN3's networks beside answers of official code; see tests/parity.py of the repository."""

from __future__ import annotations

import parity
import torch
from ganzoo_stylegan3 import Config, convert
from torch import Tensor


def generator(case: parity.Case) -> dict[str, Tensor]:
    state = case.state({"G_ema": case.config["constructor"]}, prefix="G_ema.")
    gan = parity.load("stylegan3", convert.nvidia, state)
    given = {"latent": case.inputs["z"]}
    if "c" in case.inputs:
        given["label"] = case.inputs["c"].argmax(1)
    psi = torch.tensor([float(case.config.get("truncation_psi", 1.0))])
    cutoff = torch.tensor([int(case.config.get("truncation_cutoff") or gan.config.styles)])
    truncated = {**given, "truncation": psi}
    first = {**truncated, "cutoff": cutoff}
    w, synthesis = gan.styles(given), gan.generator.synthesis
    features = synthesis.input(w[:, 0])
    answers = {
        "ws": w,
        "ws_trunc_cutoff": gan.styles(first),
        "features": features[:1],
        "after_L0": synthesis.layers[0](features, w[:, 1])[:1],
        "img": gan.generate(given),
        "img_trunc": gan.generate(truncated),
        "img_trunc_cutoff": gan.generate(first),
    }
    for name, value in case.inputs.items():
        if name.startswith("transform"):
            synthesis.input.transform.copy_(value)
            answers[f"img_{name}"] = gan.generate(given)
    return answers


FAMILIES = {"stylegan3-t": generator, "stylegan3-r": generator}
TINY = {"size": 16, "latent": 8, "w_dim": 8, "layers": 4, "base": 64, "most": 8}
SMALL = {
    "stylegan3-t": ("stylegan3", Config(**TINY, discriminator_base=64)),
    "stylegan3-r": ("stylegan3", Config(**TINY, kernel=1, radial=True, discriminator_base=64)),
}

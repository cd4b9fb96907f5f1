"""Answers of our own small networks, filled with seeded weights.

    python tests/golden_networks.py

writes ``tests/golden/networks.json`` for the configs that ``plugins/*/tests/parity.py`` lists as
``SMALL``: name -> (architecture, config), or (architecture, config, inputs of `sample`).
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))

import parity

from ganzoo import GAN, registry
from ganzoo.gan import build
from ganzoo.runtime import seeds

FILE = Path(__file__).with_name("golden") / "networks.json"
FREE = 32
"""Height and width of a source whose size is free."""


def small() -> dict[str, tuple[Any, ...]]:
    """All small configs, by name."""
    found: dict[str, tuple[Any, ...]] = {}
    for module in parity.modules():
        found.update(getattr(module, "SMALL", {}))
    return found


def answer(name: str) -> dict[str, Any]:
    """Some numbers of two samples."""
    architecture, config, *inputs = small()[name]
    with seeds.fork_rng(torch.device("cpu"), 0):
        gan = build(registry.resolve(architecture), config)
    fill(gan.generator.state_dict())
    samples = gan.eval().sample(2, seed=0, **(inputs[0] if inputs else sources(gan)))
    flat = samples.double().flatten()
    places = torch.linspace(0, len(flat) - 1, 9).long()
    return {
        "shape": list(samples.shape),
        "mean": flat.mean().item(),
        "std": flat.std().item(),
        "values": flat[places].tolist(),
    }


def fill(state: Mapping[str, Tensor]) -> None:
    """Seeded values that keep the scale of signals, in place; norms of weights stay consistent."""
    for name, value in state.items():
        if not value.is_floating_point() or name.endswith(("_u", "_v", ".u", ".v")):
            continue
        generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        noise = torch.randn(value.shape, generator=generator)
        if "var" in name.rpartition(".")[2]:
            value.copy_(1 + noise.abs() / 4)
        elif value.ndim > 1:
            value.copy_(noise / math.sqrt(value[0].numel()))
        else:
            value.copy_(value + noise / 10)


def sources(gan: GAN) -> dict[str, Tensor]:
    """Required inputs of a model: waves over the whole range."""
    shape = [FREE if size is None else size for size in gan.sample_spec.shape]
    wave = torch.linspace(0, 40, 2 * math.prod(shape)).sin().reshape(2, *shape)
    return {each.name: wave for each in gan.inputs if each.required}


if __name__ == "__main__":
    torch.set_num_threads(1)
    answers = {name: answer(name) for name in sorted(small())}
    FILE.write_text(json.dumps(answers, indent=1) + "\n")

"""Every model of the registry: its promises, presets, weights and configs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
import torch

import ganzoo
from ganzoo import registry
from ganzoo.data.catalog import license_of
from ganzoo.sampling import writers
from ganzoo.spec.config import from_json, to_json
from ganzoo.testing import checks

MODELS = list(registry.models("*"))
FIRST = [registry.resolve(plugin.name) for plugin in registry.discover() if plugin.spec]
PRETRAINED = [model for model in MODELS if model.packaged]

COMPILED_BY_CI = {
    *("vanilla.mnist", "dcgan.mnist", "wgan-gp.mnist", "r3gan.mnist", "stylegan2.mnist"),
    *("pix2pix.edges2digits", "context-encoder.mnist", "textgan.grammar", "wavegan.tones"),
}
"""First presets whose compilation is a slow test; that of the others is only checked by hand."""


def marks(model: registry.Model, check: str) -> list[pytest.MarkDecorator]:
    """Marks of a conformance check."""
    if check != "compile":
        return []
    return [pytest.mark.slow if model.name in COMPILED_BY_CI else pytest.mark.compiled]


VOCODER = {"width": 16, "period_widths": (4, 8, 8)}
SMALLER = {
    "projected.mnist": {"backbone_weights": "random"},
    "bigvgan.voices": {**VOCODER, "resolution_width": 4},
    "hifigan.vowels": VOCODER,
    "r3gan.mnist": {"widths": (32, 16, 8), "blocks": (2, 1, 1)},
    "stylegan3.mnist": {"most": 8, "discriminator_most": 16},
}
"""Settings of the first presets that take longest; their networks have the same layers."""


def smaller(model: registry.Model) -> registry.Model:
    """The model to check; the preset itself is still among those that are built without memory."""
    config = replace(model.preset.config, **SMALLER.get(model.name, {}))
    first = {model.preset_name: replace(model.preset, config=config), "whole": model.preset}
    return replace(model, spec=replace(model.spec, presets={**model.spec.presets, **first}))


CHECKS = [
    pytest.param(check, id=f"{model.name}-{check}", marks=marks(model, check.name))
    for model in FIRST
    for check in checks(smaller(model))
    if check.name != "listing"
]
"""All but one: `test_imports` lists all of them in one new interpreter."""

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check):
    """Every check but that of listing, for the first preset of each architecture."""
    check.run()


def test_the_models_of_the_sets_above_exist():
    assert {model.name for model in FIRST} >= COMPILED_BY_CI | SMALLER.keys()


def test_no_plugin_is_broken():
    assert [plugin.error for plugin in registry.discover() if plugin.spec is None] == []


@each_model
def test_every_config_and_recipe_survives_json(model):
    for value in (model.preset.config, model.preset.recipe):
        assert from_json(type(value), json.loads(json.dumps(to_json(value)))) == value


@pytest.mark.parametrize("model", PRETRAINED, ids=lambda model: model.name)
def test_packaged_weights_have_the_hash_of_their_spec(model):
    path = model.packaged / "model.safetensors"
    assert path.stat().st_size <= 3_000_000
    assert hashlib.sha256(path.read_bytes()).hexdigest() == model.preset.weights.sha256


@pytest.mark.parametrize("model", PRETRAINED, ids=lambda model: model.name)
def test_packaged_weights_load_and_sample(model):
    card = (model.packaged / "README.md").read_text()
    license_id = model.preset.weights.license or license_of(model.preset.recipe.data)
    assert f"\nlicense: {license_id.lower()}\n" in card
    gan = ganzoo.load(model.name)
    assert {"config.json", "metrics.json", "README.md", f"samples{writers.suffix(gan)}"} <= {
        file.name for file in model.packaged.iterdir()
    }
    required = [each.name for each in gan.inputs if each.required]
    given = {name: torch.zeros(2, *gan.sample_spec.fixed_shape) for name in required}
    assert gan.sample(2, seed=0, **given).isfinite().all()

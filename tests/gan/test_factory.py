"""Models are built from their plugins."""

from __future__ import annotations

import importlib
from dataclasses import replace

import torch

from ganzoo import registry
from ganzoo.gan.factory import build
from ganzoo.runtime.devices import without_memory


def test_constants_of_a_plugin_have_values_wherever_it_is_imported(tmp_path, monkeypatch):
    """Loading a model folder first builds the model without memory."""
    code = "import torch\nfrom ganzoo_vanilla.model import Vanilla\n\nONES = torch.ones(2)\n"
    (tmp_path / "model_with_constants.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    model = registry.resolve("vanilla")
    spec = replace(model.spec, model="model_with_constants:Vanilla")
    with without_memory():
        gan = build(replace(model, spec=spec))
    assert next(gan.parameters()).is_meta
    assert importlib.import_module("model_with_constants").ONES.tolist() == [1.0, 1.0]
    assert torch.ones(1).device.type == "cpu"

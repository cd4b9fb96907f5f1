"""What docs/plugins/versioning.md promises: old weights are read, other contracts are refused."""

import re
from dataclasses import replace
from pathlib import Path

import torch
from ganzoo_vanilla.model import Vanilla
from safetensors.torch import save_file

import ganzoo
from ganzoo import hub
from ganzoo import training as run

PAGE = Path(__file__).resolve().parents[1] / "docs" / "plugins" / "versioning.md"
SMALL = {"size": "4", "hidden": "6,6"}


class Renamed(Vanilla):
    """Its generator was called ``body`` in the weights of an earlier version."""

    def __init__(self, config):
        super().__init__(config)
        self.generator.register_load_state_dict_pre_hook(self._from_body)

    def _from_body(self, module, state, prefix, *rest):
        for name in [name for name in state if name.startswith(f"{prefix}body.")]:
            state[name.replace("body.", "", 1)] = state.pop(name)


def test_a_class_may_read_the_names_that_it_had(tmp_path, monkeypatch):
    plan = run.plan("vanilla", settings=SMALL).run
    gan = plan.build()
    hub.write_config(tmp_path, plan)
    tensors = gan.generator.state_dict()
    old = {f"body.{name}": value for name, value in tensors.items()}
    save_file(old, tmp_path / "model.safetensors")
    monkeypatch.setattr("ganzoo_vanilla.model.Vanilla", Renamed)
    assert torch.equal(
        ganzoo.load(f"local-dir:{tmp_path}").sample(3, seed=0), gan.sample(3, seed=0)
    )


def test_the_example_of_the_page_works():
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    names: dict = {}
    exec(blocks[0], names)
    tensors = torch.nn.Linear(3, 3).state_dict()
    module = names["Renamed"]()
    module.load_state_dict({f"body.{name}": value for name, value in tensors.items()})
    assert torch.equal(module.layers.weight, tensors["weight"])


def test_a_field_that_a_config_lacks_has_its_default(tmp_path):
    """A config.json of a version that did not know it still builds what it built."""
    plan = run.plan("vanilla", settings=SMALL).run
    older = {key: value for key, value in plan.config.items() if key != "latent"}
    assert replace(plan, config=older).build().config.latent == 100

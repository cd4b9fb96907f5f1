"""What an older ganzoo has saved stays good for what it was; what a newer one saved is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from golden.record import dataset, go_on, sampled
from safetensors.torch import load_file

from ganzoo.errors import FormatError
from ganzoo.runtime import checkpoint
from ganzoo.runtime import file_formats as formats
from ganzoo.runtime.tensor_files import read_facts
from ganzoo.training import train

FOLDER = Path(__file__).parent / "golden"
EVERY = sorted(FOLDER.glob("checkpoint-*"))


@pytest.fixture(params=EVERY, ids=lambda path: path.name)
def golden(request, tmp_path):
    return shutil.copytree(request.param, tmp_path / "run")


def test_every_format_has_golden_files():
    numbers = {int(path.name.partition("-")[2]) for path in EVERY}
    assert numbers == set(range(1, checkpoint.FORMAT + 1))
    for path in EVERY:
        facts = read_facts(path / checkpoint.NEWEST)
        assert f"checkpoint-{facts.get('format', 1)}" == path.name


def test_a_golden_run_samples_and_goes_on_as_it_did(golden):
    expected = json.loads((golden / "expected.json").read_text())
    assert sampled(golden) == pytest.approx(expected["sampled"], abs=1e-5)
    assert go_on(golden) == 960
    assert sampled(golden) == pytest.approx(expected["resumed"], abs=1e-2)
    assert read_facts(golden / checkpoint.NEWEST)["format"] == checkpoint.FORMAT


def test_a_golden_run_has_its_raw_weights(golden):
    tensors, numbers = checkpoint.read(golden / checkpoint.NEWEST)
    assert numbers["trainer"]["steps"] == 40
    names = {f"gan.generator.{name}" for name in load_file(golden / "model.safetensors")}
    assert names < tensors.keys()


def test_a_checkpoint_of_a_newer_ganzoo_is_refused(golden, monkeypatch):
    monkeypatch.setattr(checkpoint, "FORMAT", checkpoint.FORMAT + 1)
    checkpoint.save(golden, {"x": torch.zeros(1)}, {})
    with pytest.raises(FormatError, match=r"has format 3.*upgrade it"):
        train(str(golden / "config.json"), data=dataset(), out=golden)


def test_steps_are_taken_from_where_a_file_stands():
    steps = [lambda content, n=n: {**content, n: True} for n in (2, 3, 4)]
    assert formats.current_format(steps) == 4
    assert formats.upgrade({}, 2, steps, Path("x")) == {3: True, 4: True}
    assert formats.upgrade({}, 4, steps, Path("x")) == {}
    for version in (0, 5, "2", None):
        with pytest.raises(FormatError, match="x has format"):
            formats.upgrade({}, version, steps, Path("x"))

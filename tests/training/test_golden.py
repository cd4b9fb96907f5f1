"""Files of older formats load and resume; files of a newer format are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from golden.record import dataset, go_on, sampled
from safetensors.torch import load_file

from ganzoo.errors import FormatError
from ganzoo.runtime import checkpoint
from ganzoo.runtime.tensor_files import read_facts, write_tensors
from ganzoo.training import train

FOLDER = Path(__file__).resolve().parents[1] / "golden"
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


def test_a_checkpoint_of_a_newer_ganzoo_is_refused(golden):
    newest = golden / checkpoint.NEWEST
    facts = {**read_facts(newest), "format": checkpoint.FORMAT + 1}
    write_tensors(newest, load_file(newest), facts)
    with pytest.raises(FormatError, match=r"has format 3.*upgrade it"):
        train(str(golden / "config.json"), data=dataset(), out=golden)

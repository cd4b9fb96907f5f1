"""Sources of models, and model folders that do not load."""

import json

import pytest
from commands import (
    fails,
)

from ganzoo import registry


@pytest.mark.parametrize("command", ["sample", "eval"])
@pytest.mark.parametrize(
    ("source", "code", "answer"),
    [
        ("run", 2, "write local-dir:run"),
        ("./run", 2, "write local-dir:./run"),
        ("/missing", 2, "write local-dir:/missing"),
        ("local-dir:", 2, "local-dir:"),
        ("local-dir:missing", 1, "no such folder"),
        ("local-dir:run/config.json", 1, "no such folder"),
        ("xyzzy:run", 2, "local-dir"),
        ("no-one/vanilla", 2, "local-dir:no-one/vanilla"),
    ],
)
def test_a_source_that_is_none(command, source, code, answer, folder):
    assert answer in fails(code, command, source)


def test_a_folder_that_is_no_model(here):
    (here / "empty").mkdir()
    line = fails(1, "sample", "local-dir:empty")
    assert "config.json" in line
    assert "Errno" not in line
    assert "Error" not in line


def edited(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"ganzoo_format": 99}, "format 99, this ganzoo reads 1"),
        ({"model": "toy.small", "distribution": "toy-dist"}, "pip install toy-dist"),
        ({"model": "vanilla.xyzzy"}, "vanilla.xyzzy"),
        ({"config": {"sise": 28}}, "did you mean size?"),
        ({"config": {"size": "large"}}, "size='large': expected a whole number"),
        ({"recipe": {}}, "config.json"),
        ({"recipe": {"data": "mnist", "kimg": 0}}, "config.json"),
        ({"surprise": 1}, "config.json"),
    ],
    ids=str,
)
def test_a_config_that_says_something_else(changes, answer, folder):
    edited(folder, **changes)
    line = fails(1, "sample", "local-dir:run")
    assert answer in line
    assert "__init__" not in line


def test_a_preset_that_is_gone_is_not_called_a_plugin_that_is_missing(folder):
    edited(folder, model="vanilla.xyzzy")
    assert "pip install" not in fails(1, "sample", "local-dir:run")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"ganzoo_format": 1}', b"\xff\xfe"])
def test_a_config_that_is_none(content, folder):
    (folder / "config.json").write_bytes(content)
    line = fails(1, "sample", "local-dir:run")
    assert "run/config.json" in line
    assert "__init__" not in line
    assert "run/config.json" in fails(1, "train", "run/config.json", "--out", "again")


def test_weights_of_another_model(folder):
    config = {"channels": 1, "size": 28, "latent": 100, "hidden": [256, 512, 512]}
    edited(folder, config=config)
    line = fails(1, "sample", "local-dir:run")
    assert "run/model.safetensors is of another model" in line
    assert "(1024, 512), must be (512, 512)" in line


@pytest.mark.parametrize("length", [0, 4, 300, 5000])
def test_weights_cut_short(length, folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:length])
    assert "run/model.safetensors is damaged" in fails(1, "sample", "local-dir:run")


def test_weights_that_are_not_there(folder):
    (folder / "model.safetensors").unlink()
    assert "no model.safetensors" in fails(1, "sample", "local-dir:run")
    for path in folder.glob("checkpoint*"):
        path.unlink()
    assert "no checkpoint" in fails(1, "sample", "local-dir:run", "--raw")


def test_an_untrained_name_says_how_to_train_it():
    name = next(model.name for model in registry.models() if not model.pretrained)
    assert f"`ganzoo train {name}`" in fails(1, "sample", name)

"""What a source means, and where a name finds its weights."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace

import pytest
from invoke import refused

import ganzoo
from ganzoo import registry
from ganzoo.spec import ModelSpec, Weights

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".bin"])
def test_pickles_are_refused_with_the_way_in(suffix):
    assert "ganzoo import" in refused("sample", f"weights{suffix}", code=2)
    assert "ganzoo import" in refused("sample", f"local-dir:weights{suffix}", code=2)


def test_a_model_folder_may_be_called_like_a_pickle(files, tmp_path):
    folder = tmp_path / "old-weights.pth"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert len(ganzoo.load(f"local-dir:{folder}").sample(2)) == 2
    assert f"local-dir:{folder}" in refused("sample", str(folder), code=2)


@pytest.mark.parametrize(
    ("source", "correction"), [("a/b", "hf-hub:a/b"), ("./a", "local-dir:./a")]
)
def test_what_could_mean_two_things_is_refused_with_corrections(source, correction):
    assert correction in refused("sample", source, code=2)


@pytest.fixture
def published(hub, files, monkeypatch):
    """A preset whose weights lie in a repository, and not in its package."""
    commit = hub.add("a/b", files)
    model = registry.resolve("vanilla")
    data = files["model.safetensors"]
    weights = Weights(digest(data), "Apache-2.0", "a/b", commit, len(data))
    preset = replace(model.preset, weights=weights)
    spec: ModelSpec = replace(model.spec, presets={"mnist": preset})
    found = registry.Model(replace(model.plugin, spec=spec), spec, "mnist")
    monkeypatch.setattr(registry, "resolve", lambda name: found)
    monkeypatch.setattr(registry.Model, "packaged", None)
    return hub


def test_a_name_loads_its_pinned_weights(published):
    assert ganzoo.load("vanilla.mnist").sample(2, seed=0).shape == (2, 1, 28, 28)
    published.requests.clear()
    ganzoo.load("vanilla.mnist")
    assert published.requests == []


def test_a_name_takes_the_copy_in_its_package(published, folder, monkeypatch):
    monkeypatch.setattr(registry.Model, "packaged", folder)
    ganzoo.load("vanilla.mnist")
    assert published.requests == []


def test_a_damaged_copy_in_the_package_is_not_taken(published, folder, tmp_path, monkeypatch):
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    monkeypatch.setattr(registry.Model, "packaged", tmp_path / "copy")
    ganzoo.load("vanilla.mnist")
    assert published.requests

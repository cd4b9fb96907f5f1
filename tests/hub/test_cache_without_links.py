"""Files of the Hub are verified however the cache stores them (huggingface_hub#4022)."""

from pathlib import Path

import pytest
from huggingface_hub import constants
from invoke import refused

from ganzoo import hub as hubs

WEIGHTS = "model.safetensors"


@pytest.fixture
def unlinked(hub, monkeypatch, tmp_path):
    """A cache on a file system without symbolic links."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_SYMLINKS", True)
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "notes"))
    return hub


def spoil(path):
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def test_a_file_is_checked_against_what_the_hub_states(unlinked, files):
    commit = unlinked.add("a/b", files)
    path = hubs.find_folder("hf-hub:a/b") / WEIGHTS
    assert not path.is_symlink()
    spoil(path)
    assert hubs.find_folder(f"hf-hub:a/b@{commit}") == path.parent
    assert path.read_bytes() == files[WEIGHTS]


def test_the_hub_is_asked_once(unlinked, files, monkeypatch):
    commit = unlinked.add("a/b", files)
    path = hubs.find_folder("hf-hub:a/b") / WEIGHTS
    unlinked.requests.clear()
    hubs.find_folder(f"hf-hub:a/b@{commit}")
    assert unlinked.requests == []
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert hubs.find_folder("hf-hub:a/b") == path.parent
    spoil(path)
    assert "is not in the cache and HF_HUB_OFFLINE is set" in refused("pull", "hf-hub:a/b")


def test_a_hash_that_nobody_knows_offline_is_said(unlinked, files, tmp_path, monkeypatch, caplog):
    commit = unlinked.add("a/b", files)
    hubs.find_folder("hf-hub:a/b")
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "others"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hubs.find_folder(f"hf-hub:a/b@{commit}")
    assert "is not verified" in caplog.text


def test_a_blob_may_be_a_link_to_a_store_of_its_own(hub, files, tmp_path):
    """As the client stores what came through Xet: under a hash that is not the file's."""
    commit = hub.add("a/b", files)
    blob = (hubs.find_folder("hf-hub:a/b") / WEIGHTS).resolve()
    store = tmp_path / "store" / ("0" * 64)
    store.parent.mkdir()
    blob.rename(store)
    blob.symlink_to(store)
    folder = hubs.find_folder(f"hf-hub:a/b@{commit}")
    assert (folder / WEIGHTS).resolve() == store
    hub.requests.clear()
    assert hubs.find_folder(f"hf-hub:a/b@{commit}") == folder
    assert hub.requests == []


@pytest.mark.parametrize("where", ["cache", "home"])
def test_a_cache_that_cannot_be_written_is_named(where, hub, files, tmp_path, monkeypatch):
    hub.add("a/b", files)
    (tmp_path / "file").write_text("")
    place = str(tmp_path / "file" / "hub") if where == "cache" else "~/.cache/huggingface/hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", place)
    line = refused("pull", "hf-hub:a/b", code=1 if where == "cache" else 2)
    assert "HF_HOME" in line
    assert not Path("~").exists()

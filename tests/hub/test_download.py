"""Weights from the Hub, through the real client, whatever the server does."""

from __future__ import annotations

import hashlib
import shutil
import socket
from pathlib import Path

import huggingface_hub
import pytest
from hub_server import Hub
from huggingface_hub import constants
from invoke import refused

import ganzoo
from ganzoo import hub as hubs

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pull(hub: Hub, source: str) -> str:
    """A pull that is refused; it must leave nothing half-written in the cache."""
    line = refused("pull", source)
    cache = Path(constants.HF_HUB_CACHE)
    assert not list(cache.rglob("*.incomplete"))
    return line


def test_a_pinned_and_cached_source_makes_no_request(hub, files):
    commit = hub.add("a/b", files)
    ganzoo.load(f"hf-hub:a/b@{commit}")
    hub.requests.clear()
    ganzoo.load(f"hf-hub:a/b@{commit}")
    assert hub.requests == []


def test_a_branch_follows_and_a_pin_stays(hub, files):
    commit = hub.add("a/b", files)
    first = hubs.find_folder("hf-hub:a/b")
    hub.add("a/b", {**files, "README.md": b"new"})
    assert hubs.find_folder("hf-hub:a/b") != first
    assert hubs.find_folder(f"hf-hub:a/b@{commit}") == first


def test_cached_sources_work_offline(hub, files, monkeypatch):
    hub.add("a/b", files)
    online = hubs.find_folder("hf-hub:a/b")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    hub.requests.clear()
    assert hubs.find_folder("hf-hub:a/b") == online
    assert hub.requests == []


def test_an_uncached_source_offline_says_what_to_do(hub, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    line = pull(hub, "hf-hub:a/b")
    assert "not in the cache" in line
    assert "ganzoo pull hf-hub:a/b" in line


def test_no_network_is_found_out_without_the_clients_patience(hub, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    calls = []
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda *a, **k: calls.append(a))
    assert "cannot be reached" in pull(hub, f"hf-hub:a/b@{'0' * 40}")
    assert not calls


def test_private_repositories_need_the_token(hub, files, monkeypatch):
    hub.add("a/b", files, private=True)
    ganzoo.load("hf-hub:a/b")
    shutil.rmtree(constants.HF_HUB_CACHE)
    monkeypatch.delenv("HF_TOKEN")
    assert "private and needs a token" in pull(hub, "hf-hub:a/b")


def test_gated_repositories_name_their_terms(hub, files, monkeypatch):
    hub.add("a/b", files, gated=True)
    monkeypatch.delenv("HF_TOKEN")
    line = pull(hub, "hf-hub:a/b")
    assert "accepted terms" in line
    assert f"{hub.url}/a/b" in line


def test_a_wrong_token_is_named(hub, files, monkeypatch):
    hub.add("a/b", files)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "auth login" in pull(hub, "hf-hub:a/b")


def test_a_missing_repository(hub):
    assert "does not exist, or is private" in pull(hub, "hf-hub:a/nothing")


def test_a_missing_revision(hub, files):
    hub.add("a/b", files)
    assert "no revision 'v9'" in pull(hub, "hf-hub:a/b@v9")


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_missing_file(hub, files, missing):
    hub.add("a/b", {name: data for name, data in files.items() if name != missing})
    assert "no ganzoo model" in pull(hub, "hf-hub:a/b")


def test_corruption_of_the_same_length_is_downloaded_once_more(hub, files, caplog):
    hub.add("a/b", files)
    hub.corrupt = {digest(files["model.safetensors"])}
    hub.times["corrupt"] = 1
    ganzoo.load("hf-hub:a/b")
    assert "downloaded once more" in caplog.text


def test_lasting_corruption_is_refused_with_both_hashes(hub, files):
    hub.add("a/b", files)
    right = digest(files["model.safetensors"])
    hub.corrupt = {right}
    line = refused("pull", "hf-hub:a/b")
    assert right in line
    assert "has the hash" in line
    assert "is not loaded" in line


def test_corruption_in_the_cache_is_mended(hub, files):
    commit = hub.add("a/b", files)
    path = (hubs.find_folder(f"hf-hub:a/b@{commit}") / "model.safetensors").resolve()
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    ganzoo.load(f"hf-hub:a/b@{commit}")
    assert path.read_bytes() == data


def test_a_body_cut_short_is_asked_for_again(hub, files):
    hub.add("a/b", files)
    hub.truncate = {digest(files["model.safetensors"]): 100}
    hub.times["truncate"] = 1
    ganzoo.load("hf-hub:a/b")


def test_a_reset_in_the_middle_is_tried_again(hub, files):
    hub.add("a/b", files)
    hub.reset_after = 2000
    hub.times["reset"] = 2
    ganzoo.load("hf-hub:a/b")


def test_resets_without_end_are_named(hub, files):
    hub.add("a/b", files)
    hub.reset_after = 2000
    assert "cannot be downloaded" in pull(hub, "hf-hub:a/b")


@pytest.mark.parametrize("status", [503, 429, 500])
def test_a_server_out_of_breath_is_tried_again(hub, files, status):
    hub.add("a/b", files)
    hub.fail = [("GET", "/cdn/", status, 1)]
    ganzoo.load("hf-hub:a/b")


def test_a_server_that_stays_out_of_breath_is_named(hub, files):
    hub.add("a/b", files)
    hub.fail = [("GET", "/cdn/", 503, 100)]
    assert "cannot be downloaded" in pull(hub, "hf-hub:a/b")


def test_a_server_that_dies_between_two_files(hub, files):
    commit = hub.add("a/b", files)
    hub.die_after = 2
    line = pull(hub, f"hf-hub:a/b@{commit}")
    assert "reached" in line or "cannot be downloaded" in line
    hub.start()
    ganzoo.load(f"hf-hub:a/b@{commit}")


@pytest.mark.parametrize("name", ["a", "a/b/c", "../b", "a/..", "a b/c", "-a/b@-x", "a/b@-x"])
def test_a_hostile_or_crooked_name_is_refused(hub, name):
    assert "written hf-hub:user/repo" in refused("pull", f"hf-hub:{name}", code=2)
    assert hub.requests == []


def test_a_bare_401_says_whether_a_token_is_needed_or_refused(hub, files, monkeypatch):
    hub.add("a/b", files)
    hub.fail = [("HEAD", "/a/b/", 401, 100)]
    assert "is refused to your token (401)" in pull(hub, "hf-hub:a/b")
    monkeypatch.delenv("HF_TOKEN")
    assert "needs a token (401): `hf auth login`, or set HF_TOKEN" in pull(hub, "hf-hub:a/b")

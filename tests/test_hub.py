"""Weights to the Hub and back, through the real client, against a server on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import pytest
import torch
from hub_server import Hub
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

import ganzoo
from ganzoo import hub as hubs
from ganzoo import registry
from ganzoo.cli import app
from ganzoo.data import Dataset
from ganzoo.data.catalog import license_of
from ganzoo.spec import ModelSpec, Weights
from ganzoo.training import train

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A run of a few steps: a model folder like any other."""
    out = tmp_path_factory.mktemp("run")
    digits = Dataset("mnist", {"real": torch.zeros(64, 28, 28, 1, dtype=torch.uint8)})
    train("vanilla", data=digits, out=out, kimg=0.064, batch=16, settings={"hidden": "8,8,8"})
    return out


@pytest.fixture
def files(folder) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in hubs.FILES if (folder / name).exists()}


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    with Hub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
    huggingface_hub.close_session()


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.output
    return result.exit_code, result.stdout, result.stderr.strip()


def refused(*arguments: object, code: int = 1) -> str:
    """The one line that says why."""
    exit_code, _, error = run(*arguments)
    assert exit_code == code, error
    (line,) = [text for text in error.splitlines() if text.startswith("error: ")]
    return line


def pull(hub: Hub, source: str) -> str:
    """A pull that is refused; it must leave nothing half-written in the cache."""
    line = refused("pull", source)
    cache = Path(constants.HF_HUB_CACHE)
    assert not list(cache.rglob("*.incomplete"))
    return line


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_push_then_load_elsewhere(hub, folder, tmp_path, monkeypatch):
    code, output, error = run("push", folder, "tester/digits", "--yes")
    assert code == 0, error
    assert f"private {hub.url}/tester/digits" in output
    repo = hub.repos["tester/digits"]
    sent = set(repo.commits[repo.resolve("main")])
    assert sent - {".gitattributes"} == {
        "README.md",
        "config.json",
        "model.safetensors",
        "samples.png",
    }
    here = ganzoo.load(f"local-dir:{folder}").sample(4, seed=1)
    script = (
        "import huggingface_hub.constants as c; c.HF_HUB_DISABLE_XET = True\n"
        "import ganzoo, sys, torch\n"
        "gan = ganzoo.load('hf-hub:tester/digits')\n"
        "torch.save(gan.sample(4, seed=1), sys.argv[1])"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path / "home")}
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "there")], env=environment, check=True
    )
    there = torch.load(tmp_path / "there", weights_only=True)
    torch.testing.assert_close(there, here)


def test_the_pin_that_push_prints_is_right(hub, folder):
    _, output, _ = run("push", folder, "tester/digits", "--yes")
    pin = eval(output.splitlines()[-1], {"Weights": Weights})
    assert pin.sha256 == digest((folder / "model.safetensors").read_bytes())
    assert hub.read("tester/digits", "config.json", pin.revision)


def test_the_card_says_how_to_load_and_what_it_is(hub, folder):
    run("push", folder, "tester/digits", "--yes")
    card = hub.read("tester/digits", "README.md").decode()
    for text in ("library_name: ganzoo", "license: cc-by-sa-3.0", "- mnist", "pipeline_tag"):
        assert text in card
    assert 'ganzoo.load("hf-hub:tester/digits")' in card


def test_a_licence_is_the_one_that_was_asked_for_and_stays(hub, folder, tmp_path):
    copy = tmp_path / "mine"
    assert "SPDX" in refused("export", folder, "-o", copy, "--license", "do what", code=2)
    assert not copy.exists()
    code, _, _ = run("export", folder, "-o", copy, "--license", "CC-BY-4.0")
    assert code == 0
    hubs.write_card(copy)
    _, output, _ = run("push", copy, "tester/mine", "--yes")
    assert "license cc-by-4.0" in output.splitlines()[0]
    assert eval(output.splitlines()[-1], {"Weights": Weights}).license == "cc-by-4.0"
    assert "\nlicense: cc-by-4.0\n" in hub.read("tester/mine", "README.md").decode()
    assert "SPDX" in refused("push", copy, "tester/mine", "--yes", "--license", "do what", code=2)


@pytest.mark.parametrize(
    ("data", "licence"),
    [
        ("mnist", "CC-BY-SA-3.0"),
        ("celeba", "other"),
        ("tones", "Apache-2.0"),
        ("folder:mine", "unknown"),
        ("hf:user/name", "unknown"),
    ],
)
def test_weights_are_under_the_licence_of_their_data(data, licence):
    assert license_of(data) == licence


def test_nothing_is_sent_without_a_yes(hub, folder):
    result = CliRunner().invoke(app, ["push", str(folder), "tester/digits"], input="n\n")
    assert result.exit_code == 1
    assert "tester/digits" not in hub.repos


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


def test_push_with_a_wrong_token_is_refused(hub, folder, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "cannot push" in refused("push", folder, "tester/x", "--yes")
    assert "tester/x" not in hub.repos


def test_push_without_a_server_sends_nothing(hub, folder):
    hub.stop()
    assert "nothing was sent" in refused("push", folder, "tester/x", "--yes")


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


def changed(files: dict[str, bytes], **facts: object) -> dict[str, bytes]:
    config = {**json.loads(files["config.json"]), **facts}
    return {**files, "config.json": json.dumps(config).encode()}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"model": "nobody.knows", "distribution": "ganzoo-nobody"}, "pip install ganzoo-nobody"),
        ({"ganzoo_format": 99}, "format 99"),
        ({"config": {"hidden": [16, 16, 16]}}, "of another model"),
        ({"config": {"hidden": [10**9, 8, 8]}}, "GiB"),
        ({"config": {"widht": 3}}, "widht"),
        ({"config": "os.system('rm')"}, "config"),
    ],
    ids=["plugin", "format", "shapes", "giant", "key", "type"],
)
def test_a_config_that_lies_is_refused(hub, files, facts, reason):
    hub.add("a/b", changed(files, **facts))
    assert reason in refused("sample", "hf-hub:a/b", "-o", Path(constants.HF_HUB_CACHE) / "x.png")
    assert not (Path(constants.HF_HUB_CACHE) / "x.png").exists()


def test_a_config_that_is_no_json(hub, files):
    hub.add("a/b", {**files, "config.json": b"\x80\x04pickle"})
    assert "no model config" in refused("sample", "hf-hub:a/b")


def test_weights_that_are_no_safetensors(hub, files):
    hub.add("a/b", {**files, "model.safetensors": b"PK\x03\x04 pickled"})
    assert "damaged" in refused("sample", "hf-hub:a/b")


def test_missing_and_unexpected_keys_are_named(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "model.safetensors"
    tensors = load_file(path)
    name, value = next(iter(tensors.items()))
    del tensors[name]
    save_file({**tensors, "other": value}, path)
    line = refused("sample", f"local-dir:{tmp_path / 'copy'}")
    assert f"missing {name}" in line
    assert "unexpected other" in line


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".bin"])
def test_pickles_are_refused_with_the_way_in(suffix):
    assert "ganzoo import" in refused("sample", f"weights{suffix}", code=2)
    assert "ganzoo import" in refused("sample", f"local-dir:weights{suffix}", code=2)


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


def test_verify_reproduces_a_score_and_notices_a_lie(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    score = ("eval", f"local-dir:{copy}", "--protocol", "quick", "-n", 200, "--sets", 2)
    assert "states no score" in refused("verify", f"local-dir:{copy}")
    assert run(*score, "--against", "mnist", "--write")[0] == 0
    code, output, _ = run("verify", f"local-dir:{copy}")
    assert code == 0
    metrics = json.loads((copy / "metrics.json").read_text())
    assert output.count("yes") == len(metrics["values"]) >= 2
    metrics["values"]["FD-projection"] /= 2
    (copy / "metrics.json").write_text(json.dumps(metrics))
    code, output, _ = run("verify", f"local-dir:{copy}")
    assert code == 1
    assert "NO" in output

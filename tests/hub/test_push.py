"""Model folders to the Hub, through the real client."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
import torch
from invoke import refused, run
from typer.testing import CliRunner

import ganzoo
from ganzoo.cli import app
from ganzoo.spec import Weights

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


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


def test_nothing_is_sent_without_a_yes(hub, folder):
    result = CliRunner().invoke(app, ["push", str(folder), "tester/digits"], input="n\n")
    assert result.exit_code == 1
    assert "tester/digits" not in hub.repos


def test_push_with_a_wrong_token_is_refused(hub, folder, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "cannot push" in refused("push", folder, "tester/x", "--yes")
    assert "tester/x" not in hub.repos


def test_push_without_a_server_sends_nothing(hub, folder):
    hub.stop()
    assert "nothing was sent" in refused("push", folder, "tester/x", "--yes")

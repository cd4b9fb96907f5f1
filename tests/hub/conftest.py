"""A small run folder, its files, and a Hub on this machine."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub
import pytest
import torch
from hub_server import Hub
from huggingface_hub import constants

from ganzoo import hub as hubs
from ganzoo.data import Dataset
from ganzoo.training import train


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

"""Runs of a few steps on data that needs no file, for tests of the training loop."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from ganzoo.data import Dataset
from ganzoo.runtime import checkpoint
from ganzoo.training import Trainer, TrainResult, train

SMALL = {"hidden": "8", "size": "8", "latent": "4"}


def rows(shade: int = 0) -> Dataset:
    """64 images of 8 pixels; other ones for each shade."""
    pixels = (torch.arange(64 * 8 * 8) * 37 + shade) % 251
    return Dataset("rows", {"real": pixels.to(torch.uint8).view(64, 8, 8, 1)})


def run(out: Path, steps: int, **changes: object) -> TrainResult:
    """Train a tiny vanilla GAN in a folder, in all for so many steps of 16 images."""
    given = {"data": rows(), "batch": 16, "settings": SMALL, "device": "cpu", **changes}
    return train("vanilla", out=out, kimg=16 * steps / 1000, **given)


def state(folder: Path) -> dict[str, torch.Tensor]:
    """Tensors of a folder's newest checkpoint."""
    found = checkpoint.load(folder)
    assert found is not None
    return found[0]


def assert_same_state(one: Path, other: Path) -> None:
    """Fail unless two folders have the same checkpoint, bit for bit."""
    tensors, others = state(one), state(other)
    assert tensors.keys() == others.keys()
    assert [name for name in tensors if not torch.equal(tensors[name], others[name])] == []


def log(folder: Path) -> list[dict]:
    """Lines of metrics.jsonl, without the clock."""
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def after_step(steps, action, monkeypatch) -> None:
    """Do something when a trainer has done so many steps."""
    step = Trainer.step

    def stepping(trainer: Trainer) -> None:
        step(trainer)
        if trainer.steps == steps:
            action()

    monkeypatch.setattr(Trainer, "step", stepping)

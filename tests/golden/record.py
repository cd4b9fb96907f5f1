"""Golden files: a run as the present ganzoo saves it, and the numbers that it must stay good for.

    python tests/golden/record.py tests/golden/checkpoint-3

Run it once for each new format, before the first release that writes it; never again after.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch

import ganzoo
from ganzoo.data import Dataset
from ganzoo.training import Schedule, train

FILES = ("config.json", "model.safetensors", "checkpoint.safetensors")
SETTINGS = {"size": "8", "width": "1", "latent": "2", "optimizer.lr": "2e-2", "ema_kimg": "0.1"}


def dataset() -> Dataset:
    """Rows that need no file and no random numbers."""
    rows = torch.arange(64 * 8 * 8) * 37 % 251
    return Dataset("golden", {"real": rows.to(torch.uint8).view(64, 8, 8, 1)})


def go_on(folder: Path) -> int:
    """Train half as long again as the golden run; the images seen in all."""
    config = str(folder / "config.json")
    return train(config, data=dataset(), out=folder, kimg=0.96, device="cpu").images


def sampled(folder: Path) -> list[float]:
    """The pixels of one sample."""
    image = ganzoo.load(f"local-dir:{folder}", device="cpu").sample(1, seed=0)
    return [round(value, 6) for value in image.flatten().tolist()]


def record(target: Path) -> None:
    """A short run, and its samples before and after it went on."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        train(
            "dcgan.mnist",
            data=dataset(),
            out=folder,
            kimg=0.64,
            batch=16,
            settings=SETTINGS,
            device="cpu",
            schedule=Schedule(health_images=160),  # the checkpoint has a history of health
        )
        target.mkdir(parents=True)
        for name in FILES:
            shutil.copy(folder / name, target)
        expected = {"sampled": sampled(folder)}
        go_on(folder)
        expected["resumed"] = sampled(folder)
    (target / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    record(Path(sys.argv[1]))

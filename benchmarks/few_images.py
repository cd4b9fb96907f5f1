"""Measure augmentation on few images: FD against all digits of a model that sees 1,000 of them.

    python -m benchmarks.few_images --json benchmarks/results/few_images/DATE-cpu.json

Without augmentation, with DiffAugment and with ADA: the same digits, seeds and number of images.
The file is written after each run; a run that it has is not repeated.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import torch

import ganzoo
from ganzoo import Dataset, Protocol
from ganzoo.data import load_data
from ganzoo.runtime.devices import device_name, resolve_device
from ganzoo.training import train

MODEL, DATA = "dcgan.mnist", "mnist"
METHODS = ("none", "diff", "ada")
PROTOCOL = Protocol(
    "few-images", extractor="lenet-mnist", n=5_000, metrics=("fd",), data=DATA, split="train"
)


def few(images: int) -> Dataset:
    """Some digits of the training set, the same ones each time."""
    whole = load_data(DATA, (1, 28, 28))
    order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(0))[:images]
    columns = {key: rows[order] for key, rows in whole.columns.items()}
    return replace(whole, name=f"{DATA}[{images}]", columns=columns)


def run(
    augment: str, seed: int, data: Dataset, facts: dict[str, Any], device: str
) -> dict[str, Any]:
    """Train once and score."""
    started = time.process_time()
    strengths: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        result = train(
            MODEL,
            data=data,
            out=folder,
            settings=facts["settings"],
            kimg=facts["kimg"],
            seed=seed,
            augment=augment,
            device=device,
        )
        if result.stopped:
            raise SystemExit("stopped: the runs before are kept")
        lines = (Path(folder) / "metrics.jsonl").read_text().splitlines()
        strengths = [json.loads(line).get("augment_p", 0.0) for line in lines]
        gan = ganzoo.load(f"local-dir:{folder}", device=device)
        scores = ganzoo.evaluate(gan, protocol=PROTOCOL, floor=False)
    return {
        "augment": augment,
        "seed": seed,
        "fd": next(iter(scores.values.values())),
        "strength": strengths[-1],
        "processor_seconds": round(time.process_time() - started, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="FD on few images, with and without augmentation.")
    parser.add_argument("--json", type=Path, required=True, help="file to write")
    parser.add_argument("--images", type=int, default=1_000, help="digits that are trained on")
    parser.add_argument("--kimg", type=float, default=200, help="length of each run")
    parser.add_argument("--width", type=int, default=32, help="width of the networks")
    parser.add_argument("--augment-kimg", type=float, default=100, help="speed of ADA's strength")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each kind")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    arguments = parser.parse_args()
    device = resolve_device(arguments.device)
    settings = {"width": arguments.width, "augment_kimg": arguments.augment_kimg}
    facts: dict[str, Any] = {
        "model": MODEL,
        "data": DATA,
        "images": arguments.images,
        "kimg": arguments.kimg,
        "settings": settings,
        "n": PROTOCOL.n,
        "protocol": PROTOCOL.name,
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
    }
    path: Path = arguments.json
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    done = {(row["augment"], row["seed"]) for row in rows}
    data = few(arguments.images)
    path.parent.mkdir(parents=True, exist_ok=True)
    for seed, augment in itertools.product(range(arguments.seeds), METHODS):
        if (augment, seed) not in done:
            rows.append(run(augment, seed, data, facts, str(device)))
            print(json.dumps(rows[-1]), flush=True)
            path.write_text(json.dumps({**facts, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Measure fine-tuning: FD of a model on inverted digits, from scratch and from weights for digits.

    python benchmarks/fine_tune.py --json benchmarks/results/fine_tune/DATE-cpu.json
    python benchmarks/fine_tune.py --source runs/dcgan.mnist --json ...

All start with the same seed and see the same number of images, of which there are few: what
differs is ``init``. The packaged weights have no discriminator; the folder of a run has one.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import torch

import ganzoo
from ganzoo import Protocol
from ganzoo.runtime.devices import device_name, resolve_device
from ganzoo.training import train

MODEL, DATA = "dcgan.mnist", "digits-inverse"
PROTOCOL = Protocol(
    "fine-tune", extractor="inverse-lenet", n=5_000, metrics=("fd",), data=DATA, split="train"
)


def run(init: str, kimg: float, lr: float, seed: int, device: torch.device) -> dict[str, Any]:
    """Train once and score."""
    settings = {"optimizer.lr": lr}
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        given: dict[str, Any] = {"data": DATA, "out": folder, "settings": settings, "init": init}
        result = train(MODEL, kimg=kimg, seed=seed, device=device, **given)
        seconds = time.process_time() - started
        if result.stopped:
            raise SystemExit("stopped: nothing was written")
        gan = ganzoo.load(f"local-dir:{folder}", device=str(device))
        scores = ganzoo.evaluate(gan, protocol=PROTOCOL, floor=False)
    value = next(iter(scores.values.values()))
    return {
        "init": "local-dir:RUN" if init.startswith("local-dir:") else init,
        "lr": lr,
        "seed": seed,
        "fd": value,
        "processor_seconds": round(seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="FD with and without trained weights to start.")
    parser.add_argument("--json", type=Path, help="file to write")
    parser.add_argument("--source", help="run of dcgan.mnist to start from, discriminator included")
    parser.add_argument("--kimg", type=float, default=20, help="images of each run, in thousands")
    parser.add_argument("--lr", type=float, nargs="+", default=[0.008, 0.002], help="rates of both")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each kind")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    arguments = parser.parse_args()
    device = resolve_device(arguments.device)
    rows: list[dict[str, Any]] = []
    inits = ("", MODEL, *[f"local-dir:{arguments.source}"] * bool(arguments.source))
    every = itertools.product(arguments.lr, range(arguments.seeds), inits)
    for lr, seed, init in every:
        rows.append(run(init, arguments.kimg, lr, seed, device))
        print(json.dumps(rows[-1]))
    content = {
        "model": MODEL,
        "data": DATA,
        "kimg": arguments.kimg,
        "n": PROTOCOL.n,
        "protocol": PROTOCOL.name,
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "rows": rows,
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Compare sampling speed: ``python -m benchmarks.sample``.

`GAN.samples`, the same generator called by hand in the same memory format, and as peers call theirs
(eager, contiguous) take turns, all in evaluation mode, from latents to uint8.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import torch

import ganzoo
from benchmarks.workloads import result_file
from ganzoo.data.dataset import as_uint8
from ganzoo.runtime.devices import device_name, move_to_device, resolve_device

MODEL = "dcgan.celeba64"
BATCHES = (1, 16, 64, 256)


def main() -> int:
    parser = argparse.ArgumentParser(description="Sample with ganzoo and by hand, side by side.")
    parser.add_argument("--batch", type=int, nargs="+", default=BATCHES)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a slice")
    parser.add_argument("--quick", action="store_true", help="two rounds of one batch each")
    parser.add_argument("--out", type=Path, help="JSON file (default: in results/speed)")
    options = parser.parse_args()
    options.out = options.out or result_file("sample", resolve_device("auto").type, options.quick)
    if options.quick:
        options.rounds, options.seconds = 2, 0.0
    rows = []
    for batch in options.batch:
        rows.append(measure(batch, options.rounds, options.seconds))
        print(json.dumps(rows[-1]), flush=True)
    facts = {
        "model": MODEL,
        "device": device_name(resolve_device("auto")),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "rounds": options.rounds,
        "rows": rows,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(facts, indent=1) + "\n")
    return 0


def ways(batch: int) -> dict[str, Callable[[], None]]:
    """One batch of images by each implementation."""
    device = resolve_device("auto")
    gan = ganzoo.create(MODEL).eval()
    contiguous = copy.deepcopy(gan.generator).to(device)
    move_to_device(gan, device)
    latent = gan.config.latent

    def library() -> None:
        for images in gan.samples(batch, seed=0, batch=batch):
            as_uint8(images).cpu()

    @torch.no_grad()
    def by_hand() -> None:
        as_uint8(gan.generator(torch.randn(batch, latent, device=device))).cpu()

    @torch.no_grad()
    def as_peers() -> None:
        as_uint8(contiguous(torch.randn(batch, latent, device=device))).cpu()

    return {"ganzoo": library, "by hand": by_hand, "peer": as_peers}


def measure(batch: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Images per second and ganzoo's speed ratio: medians over rounds."""
    programs = ways(batch)
    repeats = {name: calibrate(program, seconds) for name, program in programs.items()}
    speeds: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(rounds):
        for name in programs if number % 2 else reversed(programs):
            begun = time.perf_counter()
            for _ in range(repeats[name]):
                programs[name]()
            speeds[name].append(repeats[name] * batch / (time.perf_counter() - begun))
    row: dict[str, Any] = {"batch": batch}
    for name, values in speeds.items():
        ratio = median(ours / theirs for ours, theirs in zip(speeds["ganzoo"], values, strict=True))
        row[name] = {
            "images_per_second": round(median(values), 1),
            "ganzoo_is_faster": round(ratio, 4),
        }
    return row


def calibrate(program: Callable[[], None], seconds: float) -> int:
    """Number of calls in a slice; a first call is not counted."""
    program()
    begun = time.perf_counter()
    program()
    return max(1, int(seconds / (time.perf_counter() - begun)))


if __name__ == "__main__":
    raise SystemExit(main())

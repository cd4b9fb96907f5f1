"""Estimate memory and time of each recipe: ``python -m benchmarks.recipe_cost``.

The estimate of `ganzoo recommend`, from trials on a few rows, for every preset of ganzoo's own. On
a CPU it counts processor time of one thread, so that other work on the machine counts little.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.workloads import result_file, write_rows
from ganzoo import registry
from ganzoo.bench.recommend import noise_rows
from ganzoo.runtime import seeds
from ganzoo.runtime.devices import resolve_device
from ganzoo.training import Trainer, plan
from ganzoo.training.estimate import available, quick_estimate
from ganzoo.training.preflight import rows_per_part


def main() -> int:
    parser = argparse.ArgumentParser(description="Estimate memory and time of each recipe.")
    parser.add_argument("--models", nargs="*", help="default: all without published weights")
    parser.add_argument("--quick", action="store_true", help="one model")
    parser.add_argument("--out", type=Path, help="JSON file (default: in results/speed)")
    options = parser.parse_args()
    device = resolve_device("auto")
    out = options.out or result_file("recipe-cost", device.type, options.quick)
    torch.set_num_threads(1)
    own = [each.name for each in registry.models() if not published(each)]
    models = options.models or own
    stored = json.loads(out.read_text())["rows"] if out.exists() and not options.quick else []
    rows = {row["model"]: row for row in stored if row["model"] in own}
    for model in models[:1] if options.quick else models:
        rows[model] = measure(model, device)
        print(json.dumps(rows[model]), flush=True)
        write_rows(out, device, [*rows.values()])
    return 0


def published(model: registry.Model) -> bool:
    """True if others published the weights of a preset."""
    return bool(model.preset.weights and model.preset.weights.converter)


def measure(model: str, device: torch.device) -> dict[str, Any]:
    """Parameters, bytes of a step and seconds of the recipe."""
    run = plan(model)
    with seeds.fork_rng(torch.device("cpu"), 0):
        gan = run.build()
        data = gan.prepare_data(noise_rows(gan))
    trainer = Trainer(gan, run.recipe, data, seed=0, device=device)
    wall, used = time.perf_counter(), time.process_time()
    found = quick_estimate(trainer, available(device))
    share = (time.process_time() - used) / (time.perf_counter() - wall)
    return {
        "model": model,
        "parameters": sum(each.numel() for each in gan.parameters() if each.requires_grad),
        "kimg": run.recipe.kimg,
        "batch": run.recipe.batch,
        "megabytes": round(found.memory(rows_per_part(trainer)) / 1e6),
        "seconds": round(found.seconds * (min(share, 1) if device.type == "cpu" else 1)),
    }


if __name__ == "__main__":
    raise SystemExit(main())

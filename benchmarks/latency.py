"""Measure the latency of one sample of each packaged model: ``python -m benchmarks.latency``.

Processor time of one thread, so that other work on the machine counts little: on a quiet machine it
is the time that a caller waits.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch

import ganzoo
from benchmarks.workloads import result_file, write_rows
from ganzoo import GAN, registry
from ganzoo.data import load_for_model
from ganzoo.runtime.devices import move_to_device, resolve_device


def main() -> int:
    parser = argparse.ArgumentParser(description="Latency of one sample of each packaged model.")
    parser.add_argument("--models", nargs="*", help="default: all with weights in the package")
    parser.add_argument("--seconds", type=float, default=1.0, help="of measuring, for each model")
    parser.add_argument("--quick", action="store_true", help="one call each")
    parser.add_argument("--out", type=Path, help="JSON file (default: in results/speed)")
    options = parser.parse_args()
    device = resolve_device("auto")
    out = options.out or result_file("latency", device.type, options.quick)
    torch.set_num_threads(1)
    models = options.models or [each.name for each in registry.models() if each.packaged]
    seconds = 0.0 if options.quick else options.seconds
    rows = []
    for model in models:
        rows.append(measure(model, device, seconds))
        print(json.dumps(rows[-1]), flush=True)
    write_rows(out, device, rows)
    return 0


def measure(model: str, device: torch.device, seconds: float) -> dict[str, Any]:
    """Milliseconds of loading, of the first sample and of a later one."""
    ganzoo.load(model)  # imports the plugin
    gan, load = timed(lambda: ganzoo.load(model), device)
    move_to_device(gan, device)
    given = conditions(gan, model)
    _, first = timed(lambda: gan.sample(1, seed=0, **given), device)
    times: list[float] = []
    while sum(times) < seconds * 1000 or not times:
        times.append(timed(lambda: gan.sample(1, seed=len(times), **given), device)[1])
    return {
        "model": model,
        "parameters": sum(each.numel() for each in gan.generator.parameters()),
        "load_ms": round(load, 1),
        "first_ms": round(first, 2),
        "ms": round(median(times), 2),
        "calls": len(times),
    }


def conditions(gan: GAN, model: str) -> dict[str, Any]:
    """Inputs of one sample that the model does not draw: a source, a mask."""
    required = [each.name for each in gan.inputs if each.required]
    if not required:
        return {}
    data = load_for_model(gan, registry.resolve(model).preset.recipe.data, "test")
    given = gan.sample_conditions(data, 1, seed=0)
    return {name: given[name] for name in required}


def timed(call: Any, device: torch.device) -> tuple[Any, float]:
    """Result and milliseconds; of processor time on a CPU, else of the clock."""
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    start = clock()
    result = call()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return result, 1000 * (clock() - start)


if __name__ == "__main__":
    raise SystemExit(main())

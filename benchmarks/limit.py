"""Compare training steps with the peak of the machine: ``python -m benchmarks.limit``.

Counts the floating-point operations of ganzoo's steps, measures the peak of matrix products and of
convolutions, and profiles the time by operator.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.peers.clock import Clock, Task
from benchmarks.peers.data import pictures
from benchmarks.peers.own import planned
from benchmarks.workloads import WORKLOADS, Workload, install, result_file
from ganzoo.data import Dataset
from ganzoo.runtime.devices import device_name, resolve_device
from ganzoo.training import Trainer

SHOWN = 12
"""Operators in the table of a profile; the others share one row."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure ganzoo's steps against the machine.")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each measurement")
    parser.add_argument("--quick", action="store_true", help="one step, small matrices")
    parser.add_argument("--out", type=Path, help="JSON file (default: in results/speed)")
    options = parser.parse_args()
    options.out = options.out or result_file("limit", resolve_device("auto").type, options.quick)
    seconds = 0.0 if options.quick else options.seconds
    facts: dict[str, Any] = {
        "device": device_name(resolve_device("auto")),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "peaks": peaks(seconds, small=options.quick),
        "rows": [],
    }
    print(json.dumps(facts["peaks"]), flush=True)
    install(Path(tempfile.mkdtemp()))
    for name in options.only:
        facts["rows"].append(measure(WORKLOADS[name], seconds, facts["peaks"]))
        told = {key: value for key, value in facts["rows"][-1].items() if key != "operators"}
        print(json.dumps(told), flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(facts, indent=1) + "\n")
    return 0


def peaks(seconds: float, small: bool) -> dict[str, float]:
    """GFLOP/s of the operations of a step, in the precision that ganzoo uses (fp32 here)."""
    device = resolve_device("auto")
    size, batch = (256, 8) if small else (2048, 128)
    a, b = torch.randn(2, size, size, device=device)
    images = torch.randn(batch, 64, 32, 32, device=device).to(memory_format=torch.channels_last)
    weight = torch.randn(128, 64, 4, 4, device=device).to(memory_format=torch.channels_last)
    slopes = torch.randn(batch, 128, 16, 16, device=device).to(memory_format=torch.channels_last)

    def backward(to_input: bool) -> object:
        wanted = [to_input, not to_input, False]
        sizes = [2, 2], [1, 1], [1, 1], False, [0, 0], 1
        return torch.ops.aten.convolution_backward(slopes, images, weight, None, *sizes, wanted)

    sums = {
        "matrix product": lambda: a @ b,
        "convolution": lambda: F.conv2d(images, weight, stride=2, padding=1),
        "convolution, to its input": lambda: backward(to_input=True),
        "convolution, to its weight": lambda: backward(to_input=False),
    }
    return {name: round(rate(action, seconds) / 1e9, 1) for name, action in sums.items()}


def rate(action: Callable[[], object], seconds: float) -> float:
    """Floating-point operations per second, median of several calls."""
    return count(action) / typical(action, seconds)


def count(action: Callable[[], object]) -> int:
    with FlopCounterMode(display=False) as counter:
        action()
    return int(counter.get_total_flops())


def typical(action: Callable[[], object], seconds: float) -> float:
    """Seconds of a call, after two warm-up calls."""
    action()
    action()
    spent: list[float] = []
    end = time.perf_counter() + seconds
    while not spent or time.perf_counter() < end:
        begun = time.perf_counter()
        action()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        spent.append(time.perf_counter() - begun)
    return median(spent)


def measure(workload: Workload, seconds: float, limits: dict[str, float]) -> dict[str, Any]:
    """A step of ganzoo: operations, seconds, share of the matrix product's peak, operators."""
    nobody = Clock(open(os.devnull), open(os.devnull, "w"))  # noqa: SIM115 # nobody asks
    task = Task(workload, nobody, False, Path(), Path(), 0)
    run = planned(task)
    trainer = Trainer(
        run.build().train(),
        run.recipe,
        Dataset("random", {"real": pictures(task)}),
        device=task.device,
    )
    operations = count(trainer.step)
    spent = typical(trainer.step, seconds)
    images = workload.batch * workload.critic
    return {
        "name": workload.name,
        "gflop_per_image": round(operations / images / 1e9, 4),
        "images_per_second": round(images / spent, 1),
        "gflop_per_second": round(operations / spent / 1e9, 1),
        "of_the_matrix_peak": round(operations / spent / 1e9 / limits["matrix product"], 3),
        "operators": operators(trainer.step, steps=1 if not seconds else 3),
    }


def operators(step: Callable[[], object], steps: int) -> list[dict[str, Any]]:
    """Milliseconds of a step by operator, longest first."""
    kinds = [ProfilerActivity.CPU]
    kinds += [ProfilerActivity.CUDA] * torch.cuda.is_available()
    with profile(activities=kinds) as seen:
        for _ in range(steps):
            step()
    field = "self_device_time_total" if torch.cuda.is_available() else "self_cpu_time_total"
    events = [
        (each.key, getattr(each, field) / steps / 1e3, each.count) for each in seen.key_averages()
    ]
    events.sort(key=lambda event: -event[1])
    rows = [
        {"operator": key, "milliseconds": round(spent, 3), "calls": round(calls / steps, 1)}
        for key, spent, calls in events[:SHOWN]
    ]
    rest = sum(spent for _, spent, _ in events[SHOWN:])
    return [*rows, {"operator": "all others", "milliseconds": round(rest, 3), "calls": None}]


if __name__ == "__main__":
    raise SystemExit(main())

"""A scoring program in a process of its own; ``benchmarks.evaluator`` starts these.

``python -m benchmarks.scorers.child PROGRAM FOLDER BATCH THREADS`` reads requests from stdin, one
JSON object per line, and answers each with ``{"seconds": ..., "value": ...}`` or
``{"error": ...}``. Output of a program goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.scorers.own import Ganzoo, Program
from benchmarks.scorers.peers import CleanFid, PytorchFid, TorchFidelity, TorchMetrics

PROGRAMS: Mapping[str, Callable[[Path, int], Program]] = {
    "ganzoo": Ganzoo,
    "torchmetrics": TorchMetrics,
    "torch-fidelity": TorchFidelity,
    "pytorch-fid": PytorchFid,
    "clean-fid": CleanFid,
}


def work(program: Program, order: Mapping[str, Any], folder: Path) -> Callable[[], object]:
    """The work of a request, with its data in memory."""
    if order["do"] == "finish":
        return program.finish
    with np.load(folder / order["file"]) as file:
        if order["do"] == "extract":
            begin, end = order["span"]
            sets = {kind: torch.from_numpy(file[kind][begin:end]) for kind in ("real", "fake")}
            return partial(_extract, program, sets)
        if order["do"] == "frechet":
            one, other = ((file[f"mean{i}"], file[f"covariance{i}"]) for i in (1, 2))
            return program.frechet(one, other)
        rows = [torch.from_numpy(file[f"{order['case']}/{i}"]) for i in (1, 2)]
        return partial(program.of_features, *rows)


def _extract(program: Program, sets: Mapping[str, Tensor]) -> None:
    for kind, images in sets.items():
        program.extract(images, kind == "real")


def megabytes() -> float:
    """Peak memory of this process. On Linux ``ru_maxrss`` starts with the memory of the parent, so
    the peak of the process itself is read where it is available."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    name, folder, batch, threads = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:5])
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    warnings.filterwarnings("ignore")
    torch.set_num_threads(threads)
    np.random.seed(0)
    torch.manual_seed(0)
    try:
        program = PROGRAMS[name](folder / "weights.pth", batch)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=answers)
        return
    print(json.dumps({"value": program.does}), file=answers)
    for line in sys.stdin:
        print(json.dumps(_answer(program, json.loads(line), folder)), file=answers)


def _answer(program: Program, order: Mapping[str, Any], folder: Path) -> dict[str, object]:
    try:
        begin = work(program, order, folder)
        begun = time.perf_counter()
        value = begin()
        seconds = time.perf_counter() - begun
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"seconds": seconds, "value": value, "megabytes": megabytes()}


if __name__ == "__main__":
    main()

"""Run by torchrun: score a model in one process and in two, and compare.

torchrun --nproc-per-node 2 tests/evaluation/two_processes.py FOLDER
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import torch

import ganzoo
from ganzoo.data import Dataset, load_data
from ganzoo.evaluation import Scores, evaluate
from ganzoo.evaluation.protocols import find_protocol
from ganzoo.runtime import distributed

PROTOCOL = replace(
    find_protocol("mnist-lenet"),
    metrics=(*find_protocol("mnist-lenet").metrics, "mifid", "ganzoo.metrics:DuplicateShare"),
    is_splits=3,
)


def digits(count: int) -> Dataset:
    """Digits in a fixed order."""
    whole = load_data("mnist", (1, 28, 28), "test")
    return Dataset("digits", {key: rows[:count] for key, rows in whole.columns.items()})


def scores() -> list[Scores]:
    """Scores of many samples against many rows, and of so few that a process may get hardly any."""
    gan = ganzoo.load("cgan.mnist")
    pairs = ((60, 151), (2, 3))
    return [evaluate(gan, protocol=PROTOCOL, data=digits(rows), n=n) for n, rows in pairs]


def main() -> None:
    folder = Path(sys.argv[1])
    os.environ["GANZOO_CACHE"] = str(folder / f"alone-{os.environ['RANK']}")
    alone = scores()
    os.environ["GANZOO_CACHE"] = str(folder / "together")
    with distributed.process_group(torch.device("cpu")):
        assert distributed.world_size() == 2
        together = scores()
    for one, two in zip(alone, together, strict=True):
        assert one.values.keys() == two.values.keys()
        for label, value in one.values.items():
            assert abs(two.values[label] - value) <= 1e-4 * max(abs(value), 1e-3), (label, one, two)
        assert one.classes == two.classes
    sys.stdout.write("equal\n")


if __name__ == "__main__":
    main()

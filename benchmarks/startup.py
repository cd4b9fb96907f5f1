"""Measure start-up time: ``python -m benchmarks.startup --peers FOLDER``.

`ganzoo list` against a typer program of two empty commands, and the first training step of ganzoo
and of the peers. Whole processes take turns; medians are reported.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.turns import OutError, begin
from benchmarks.workloads import WORKLOADS, result_file
from ganzoo.runtime.devices import device_name, resolve_device

BARE = """import typer

app = typer.Typer()


@app.command()
def one() -> None:
    pass


@app.command()
def two() -> None:
    pass


app()
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the start of commands and of trainings.")
    parser.add_argument("--peers", type=Path, default=Path("peers"), help="folder of the clones")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of the commands")
    parser.add_argument("--starts", type=int, default=3, help="starts of each training; 0: none")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=["mlp28", "dcgan32"])
    parser.add_argument("--quick", action="store_true", help="two rounds, no training")
    parser.add_argument("--out", type=Path, help="JSON file (default: in results/speed)")
    options = parser.parse_args()
    options.out = options.out or result_file("startup", "cpu", options.quick)
    if options.quick:
        options.rounds, options.starts = 2, 0
    facts: dict[str, Any] = {
        "device": device_name(resolve_device("cpu")),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "commands": commands(options.rounds),
        "first_steps": first_steps(options) if options.starts else [],
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(facts, indent=1) + "\n")
    print(json.dumps(facts, indent=1))
    return 0


def commands(rounds: int) -> dict[str, Any]:
    """Median times of whole processes, and the median extra time of `ganzoo list` per round."""
    program = shutil.which("ganzoo", path=str(Path(sys.executable).parent)) or shutil.which(
        "ganzoo"
    )
    if program is None:
        raise SystemExit("ganzoo is not on PATH: pip install -e .")
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        lines = {"bare typer": [sys.executable, str(bare), "one"], "ganzoo list": [program, "list"]}
        for line in lines.values():
            seconds(line)
        spent = [{name: seconds(line) for name, line in lines.items()} for _ in range(rounds)]
    more = median(each["ganzoo list"] - each["bare typer"] for each in spent)
    medians = {name: round(median(each[name] for each in spent), 4) for name in lines}
    return {**medians, "ganzoo list takes more": round(more, 4), "rounds": rounds}


def seconds(line: Sequence[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def first_steps(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Seconds from the start of the process to the end of its first step."""
    rows: list[dict[str, Any]] = []
    for name in options.only:
        workload = WORKLOADS[name]
        chosen = [each for each in workload.contestants if not each.ideal and not each.tcmalloc]
        spent: dict[str, list[float]] = {each.label: [] for each in chosen}
        reasons: dict[str, str] = {}
        for _ in range(options.starts):
            for each in chosen:
                if each.label in reasons:
                    continue
                try:
                    child, taken = begin(workload, each, options.peers, seed=0)
                except OutError as error:
                    reasons[each.label] = str(error)
                    continue
                child.kill()
                spent[each.label].append(taken)
        for label, values in spent.items():
            row: dict[str, Any] = {"workload": name, "name": label}
            if label in reasons:
                rows.append({**row, "reason": reasons[label]})
            else:
                rows.append({**row, "seconds": round(median(values), 2), "starts": len(values)})
    return rows


if __name__ == "__main__":
    raise SystemExit(main())

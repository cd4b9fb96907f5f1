"""Measure start-up time: ``python -m benchmarks.startup --peers FOLDER``.

`ganzoo list` against a typer program of two empty commands, and the first training step of ganzoo
and of the peers. Whole processes take turns; medians are reported.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
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

PLUGINS = 50
"""Plugins that are added to measure the growth of `ganzoo list`."""

SPEC = """from dataclasses import dataclass

from ganzoo import ModelConfig, ModelSpec, Paper, Preset, Recipe


@dataclass(frozen=True)
class Config(ModelConfig):
    width: int = 8


spec = ModelSpec(
    model="{module}.model:Model",
    summary="A plugin that is only listed.",
    paper=Paper("Nobody et al.", 2020, "Nothing", "https://example.org"),
    license="MIT",
    presets={{"small": Preset(Config(), Recipe(data="mnist", kimg=1))}},
)
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
        "commands": commands(options.rounds, growth=not options.quick),
        "first_steps": first_steps(options) if options.starts else [],
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(facts, indent=1) + "\n")
    print(json.dumps(facts, indent=1))
    return 0


def commands(rounds: int, growth: bool = True) -> dict[str, Any]:
    """Medians of whole processes: a bare typer program, `ganzoo list`, and with more plugins.

    A list is "first" where the index of an earlier one is missing, as after any installation.
    """
    program = shutil.which("ganzoo", path=str(Path(sys.executable).parent)) or shutil.which(
        "ganzoo"
    )
    if program is None:
        raise SystemExit("ganzoo is not on PATH: pip install -e .")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE)
        path = os.pathsep.join([str(plugins(folder / "site")), os.environ.get("PYTHONPATH", "")])
        more = {"PYTHONPATH": path, "GANZOO_CACHE": str(folder / "more")}
        cases: dict[str, tuple[list[str], dict[str, str]]] = {
            "bare typer": ([sys.executable, str(folder / "bare.py"), "one"], {}),
            "ganzoo list": ([program, "list"], {"GANZOO_CACHE": str(folder / "cache")}),
        }
        if growth:
            cases["first ganzoo list"] = [program, "list"], {"GANZOO_CACHE": os.devnull}
            cases["with more plugins"] = [program, "list"], more
            cases["first with more"] = [program, "list"], {**more, "GANZOO_CACHE": os.devnull}
        for _ in range(2):  # compiles, then stores the index
            for each in cases.values():
                seconds(*each)
            time.sleep(3)  # younger files are not trusted
        spent = [{case: seconds(*each) for case, each in cases.items()} for _ in range(rounds)]
    facts = {case: round(median(each[case] for each in spent), 4) for case in cases}
    for name, one, other, count in (
        ("ganzoo list takes more", "ganzoo list", "bare typer", 1),
        ("first ganzoo list takes more", "first ganzoo list", "bare typer", 1),
        ("a plugin takes", "with more plugins", "ganzoo list", PLUGINS),
        ("a plugin takes at first", "first with more", "first ganzoo list", PLUGINS),
    ):
        if one in cases:
            facts[name] = round(median(each[one] - each[other] for each in spent) / count, 5)
    return {**facts, "rounds": rounds}


def plugins(site: Path) -> Path:
    """A folder of `PLUGINS` installed plugins."""
    for number in range(PLUGINS):
        module = f"bare_plugin_{number}"
        info = site / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (site / f"{module}.py").write_text(SPEC.format(module=module))
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        entry = f"[ganzoo.models]\nbare{number} = {module}:spec\n"
        (info / "entry_points.txt").write_text(entry)
    return site


def seconds(line: Sequence[str], changes: Mapping[str, str]) -> float:
    """Wall-clock time of a process with changes to the environment."""
    begun = time.perf_counter()
    environment = {**os.environ, **changes}
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL, env=environment)
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

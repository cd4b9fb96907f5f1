"""Compare training speed: ``python -m benchmarks.train --peers FOLDER``.

ganzoo, a loop written by hand and the peers train the same architecture on the same images under
the same update rule, each in a process of its own, taking turns slice by slice. A peer that cannot
run is a row with the reason. benchmarks/README.md explains how to get the peers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.turns import Child, OutError, begin, take_turns
from benchmarks.workloads import WORKLOADS, Contestant, Workload, result_file
from ganzoo.runtime.devices import device_name, resolve_device

START = 5.0
"""Seconds until a process has finished its first steps, for the estimate."""


def main() -> int:
    options = parse()
    chosen = [WORKLOADS[name] for name in options.only or WORKLOADS]
    if options.quick:
        print("--quick: two rounds of one step; not for keeps")
    minutes = sum(estimate(each, options) for each in chosen) / 60
    print(f"{len(chosen)} workloads, about {minutes:.0f} minutes on two cores", flush=True)
    if options.estimate:
        return 0
    for workload in chosen:
        found = measure(workload, options)
        keep(options.out, found)
        for row in found["rows"]:
            print(line(workload, row), flush=True)
    print(f"written: {options.out}")
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train ganzoo and its peers side by side.")
    parser.add_argument("--peers", type=Path, default=Path("peers"), help="folder of the clones")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, help="only these workloads")
    parser.add_argument("--rows", nargs="+", metavar="DRIVER", help="only these implementations")
    parser.add_argument("--rounds", type=int, default=5, help="slices of each (default 5)")
    parser.add_argument("--quick", action="store_true", help="two rounds of one step each")
    parser.add_argument("--tcmalloc", default="", metavar="FILE", help="libtcmalloc_minimal.so")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--estimate", action="store_true", help="print the expected time and exit")
    parser.add_argument("--out", type=Path, help="JSON file (default: in results/speed)")
    options = parser.parse_args()
    options.out = options.out or result_file("train", resolve_device("auto").type, options.quick)
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least 1")
    return options


def contestants(workload: Workload, options: argparse.Namespace) -> list[Contestant]:
    wanted = options.rows
    return [each for each in workload.contestants if not wanted or each.driver in wanted]


def rounds(options: argparse.Namespace) -> int:
    return 2 if options.quick else int(options.rounds)


def updates(workload: Workload, options: argparse.Namespace) -> int:
    return workload.critic if options.quick else workload.steps


def estimate(workload: Workload, options: argparse.Namespace) -> float:
    """Approximate seconds on two quiet cores."""
    images = updates(workload, options) * workload.batch * (rounds(options) + 1)
    return len(contestants(workload, options)) * (images / workload.speed + START)


def measure(workload: Workload, options: argparse.Namespace) -> dict[str, Any]:
    """All rows of a workload, and their conditions."""
    children: dict[str, Child] = {}
    first: dict[str, float] = {}
    reasons: dict[str, str] = {}
    chosen = contestants(workload, options)
    try:
        for each in chosen:
            try:
                children[each.label], first[each.label] = begin(
                    workload, each, options.peers, options.seed, options.tcmalloc
                )
            except OutError as error:
                reasons[each.label] = str(error)
        times, dropped = take_turns(children, updates(workload, options), rounds(options))
    finally:
        for child in children.values():
            child.kill()
    reasons |= dropped
    return {
        "name": workload.name,
        "note": workload.note,
        "batch": workload.batch,
        "updates": updates(workload, options),
        "device": device_name(resolve_device("auto")),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "date": date.today().isoformat(),
        "seed": options.seed,
        "rows": [
            row(workload, each, times, first, reasons, updates(workload, options))
            for each in chosen
        ],
    }


def row(
    workload: Workload,
    contestant: Contestant,
    times: dict[str, list[tuple[float, float]]],
    first: dict[str, float],
    reasons: dict[str, str],
    count: int,
) -> dict[str, Any]:
    """Result of one implementation, or the reason for its failure."""
    name = contestant.label
    facts: dict[str, Any] = {"name": name, "peer": contestant in workload.peers}
    if name not in times:
        return {**facts, "reason": reasons[name]}
    wall = [seconds for seconds, _ in times[name]]
    ours = [seconds for seconds, _ in times.get("ganzoo", [])]
    pairs = [theirs / own for theirs, own in zip(wall, ours, strict=False)]
    return {
        **facts,
        "images_per_second": round(count * workload.batch / median(wall), 1),
        "ganzoo_is_faster": round(median(pairs), 4) if pairs else None,
        "first_step_seconds": round(first[name], 2),
        "seconds": [round(seconds, 4) for seconds in wall],
        "processor_seconds": [round(seconds, 4) for _, seconds in times[name]],
    }


def keep(path: Path, found: dict[str, Any]) -> None:
    """Write a workload to the file in place of its earlier result."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept: Sequence[dict[str, Any]] = (
        json.loads(path.read_text())["workloads"] if path.exists() else []
    )
    together = {each["name"]: each for each in [*kept, found]}
    ordered = [together[name] for name in WORKLOADS if name in together]
    path.write_text(json.dumps({"workloads": ordered}, indent=1) + "\n")


def line(workload: Workload, row: dict[str, Any]) -> str:
    start = f"{workload.name:10} {row['name']:26}"
    if "reason" in row:
        return f"{start} {row['reason']}"
    ratio = row["ganzoo_is_faster"]
    beside = f"  ganzoo is {ratio:.2f}x" if ratio else ""
    return f"{start} {row['images_per_second']:8.1f} img/s{beside}"


if __name__ == "__main__":
    raise SystemExit(main())

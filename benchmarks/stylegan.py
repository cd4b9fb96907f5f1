"""Compare StyleGAN2 at reduced width: ``python -m benchmarks.stylegan --peers FOLDER``.

Each implementation is a process with one thread, and all take turns. A turn of training is a plain
step, a step with path length regularization, and a step with both regularizers, which stand for 12,
3 and 1 of 16 steps. Seconds are processor time, so that other programs may run beside it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import torch

from benchmarks.peers.stylegan import PROGRAMS, SAMPLE
from benchmarks.turns import Child, OutError
from benchmarks.workloads import result_file
from ganzoo.runtime.devices import device_name

SHARES = {1: 12, 4: 3, 16: 1}
"""Numbers of the steps of a turn, and how many of 16 steps are like them."""
BATCHES = (1, 16)
"""Samples at once."""
Seconds: TypeAlias = dict[str, dict[str, list[float]]]
"""Processor seconds by part and name, one for each round."""


def main() -> int:
    options = parse()
    children, reasons = started(options)
    chosen = parts(options.part)
    seconds: Seconds = {part: {name: [] for name in children} for part in chosen}
    try:
        for number in range(options.rounds):
            take_turn(children, chosen, seconds, reverse=number % 2 == 0)
            keep(options, seconds, reasons)
    finally:
        for child in children.values():
            child.kill()
    return 0


def keep(options: argparse.Namespace, seconds: Seconds, reasons: Mapping[str, str]) -> None:
    """Write and print the results so far; rows of other implementations stay in the file."""
    kept = json.loads(options.out.read_text())["rows"] if options.out.exists() else []
    names = list(next(iter(seconds.values())))
    facts = {
        **{key: getattr(options, key) for key in ("base", "most", "size", "batch", "rounds")},
        "device": device_name(torch.device("cpu")),
        "threads": 1,
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "rows": [row(name, seconds, reasons) for name in [*names, *reasons]],
    }
    for each in facts["rows"]:
        print(each, flush=True)
    present = [*names, *reasons]
    facts["rows"] += [each for each in kept if each["name"] not in present]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(facts, indent=1) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="StyleGAN2 of ganzoo and of others, in turns.")
    parser.add_argument("--peers", type=Path, default=Path("peers"), help="folder of the clones")
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, help="only these implementations")
    parser.add_argument("--part", default="", help="training or sampling (default: both)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--base", type=int, default=4096, help="maps at most base / resolution")
    parser.add_argument("--most", type=int, default=128, help="maps at most")
    parser.add_argument("--batch", type=int, default=4, help="of training")
    parser.add_argument("--out", type=Path, default=result_file("stylegan", "cpu", False))
    options = parser.parse_args()
    options.peers = options.peers.resolve()
    return options


def parts(wanted: str) -> dict[str, dict[int, float]]:
    """Orders of the child process by part, with their weights."""
    found = {"training": {number: share / 16 for number, share in SHARES.items()}}
    found |= {f"sampling {n}": {SAMPLE + n: 1.0} for n in BATCHES}
    return {name: orders for name, orders in found.items() if name.startswith(wanted)}


def started(options: argparse.Namespace) -> tuple[dict[str, Child], dict[str, str]]:
    """Processes that are ready, and the reasons of those that are not."""
    children, reasons = {}, {}
    sizes = [str(getattr(options, key)) for key in ("base", "most", "size", "batch")]
    for name in options.only or PROGRAMS:
        given = [name, str(options.peers), *sizes]
        try:
            children[name] = Child(given, {"OMP_NUM_THREADS": "1"}, "benchmarks.peers.stylegan")
            children[name].pause()
        except OutError as error:
            reasons[name] = str(error)
    return children, reasons


def take_turn(
    children: Mapping[str, Child],
    chosen: Mapping[str, Mapping[int, float]],
    seconds: Seconds,
    reverse: bool,
) -> None:
    """Add the processor seconds of one turn of each child, in this or the reverse order."""
    for part, orders in chosen.items():
        spent = dict.fromkeys(children, 0.0)
        for order, share in orders.items():
            for name in list(children)[:: -1 if reverse else 1]:
                spent[name] += share * children[name].slice(order)[1]
                children[name].pause()
        for name, value in spent.items():
            seconds[part][name].append(value)


def row(name: str, seconds: Seconds, reasons: Mapping[str, str]) -> dict[str, Any]:
    """Medians of one program, and of the ratios to ganzoo in the same round."""
    if name in reasons:
        return {"name": name, "reason": reasons[name]}
    found: dict[str, Any] = {"name": name}
    for part, times in seconds.items():
        pairs = [b / a for a, b in zip(times.get("ganzoo", []), times[name], strict=False)]
        found[part] = {
            "median_seconds": round(median(times[name]), 4),
            "ganzoo_is_faster": round(median(pairs), 3) if pairs else None,
            "seconds": [round(each, 4) for each in times[name]],
        }
    return found


if __name__ == "__main__":
    raise SystemExit(main())

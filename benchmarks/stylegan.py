"""Compare StyleGAN2 at reduced width: ``python -m benchmarks.stylegan --peers FOLDER``.

All implementations are in one process with one thread and the same allocator settings, and take
turns step by step. A turn of training is a plain step, a step with path length regularization, and
a step with both regularizers, which stand for 12, 3 and 1 of 16 steps. Seconds are processor time:
it is what is comparable where other programs run too.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.peers.clock import MissingError
from benchmarks.peers.stylegan import PROGRAMS, Program, Setting
from benchmarks.workloads import result_file
from ganzoo.runtime.devices import device_name
from ganzoo.runtime.malloc import keep_freed_memory

SHARES = {1: 12, 4: 3, 16: 1}
"""Numbers of the steps of a turn, and how many of 16 steps are like them."""
BATCHES = (1, 16)
"""Samples at once."""


def main() -> int:
    options = parse()
    keep_freed_memory()
    torch.set_num_threads(1)
    setting = Setting(options.base, options.most, options.size, options.batch, options.peers)
    programs, reasons = started(setting, options.only or list(PROGRAMS))
    parts: dict[str, Callable[[Program], float]] = {"training": turn}
    parts |= {f"sampling {n}": partial(sampled, n) for n in BATCHES}
    chosen = {name: part for name, part in parts.items() if name.startswith(options.part)}
    seconds = take_turns(programs, chosen, options.rounds)
    facts = {
        "setting": {key: getattr(setting, key) for key in ("base", "most", "size", "batch")},
        "device": device_name(torch.device("cpu")),
        "threads": 1,
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "rounds": options.rounds,
        "rows": [row(name, seconds, reasons) for name in [*programs, *reasons]],
    }
    for each in facts["rows"]:
        print({k: v for k, v in each.items() if k != "seconds"}, flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(facts, indent=1) + "\n")
    return 0


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


def started(setting: Setting, names: list[str]) -> tuple[dict[str, Program], dict[str, str]]:
    """Programs that run, and reasons of those that do not."""
    programs, reasons = {}, {}
    for name in names:
        torch.manual_seed(0)
        try:
            program = PROGRAMS[name](setting)
            program.step(16)
            program.sample(1)
        except MissingError as error:
            reasons[name] = str(error)
        except Exception as error:  # a peer may fail in any way
            reasons[name] = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
        else:
            programs[name] = program
    return programs, reasons


def take_turns(
    programs: Mapping[str, Program], parts: Mapping[str, Callable[[Program], float]], rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Processor seconds by part and program; each round has the reverse order of the last."""
    seconds: dict[str, dict[str, list[float]]] = {p: {n: [] for n in programs} for p in parts}
    for number in range(rounds):
        for part, measure in parts.items():
            for name in list(programs)[:: 1 if number % 2 else -1]:
                seconds[part][name].append(measure(programs[name]))
    return seconds


def turn(program: Program) -> float:
    """Seconds of a training step, averaged over 16 steps from three of them."""
    total = 0.0
    for number, share in SHARES.items():
        begun = time.process_time()
        program.step(number)
        total += share * (time.process_time() - begun)
    return total / sum(SHARES.values())


def sampled(n: int, program: Program) -> float:
    """Seconds of n samples; small batches are repeated."""
    repeats = max(1, 4 // n)
    begun = time.process_time()
    for _ in range(repeats):
        program.sample(n)
    return (time.process_time() - begun) / repeats


def row(
    name: str, seconds: Mapping[str, Mapping[str, list[float]]], reasons: Mapping[str, str]
) -> dict[str, Any]:
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

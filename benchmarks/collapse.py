"""Measure how soon health checks report a collapse, their false alarms and their cost.

    python benchmarks/collapse.py --json benchmarks/results/collapse/DATE-cpu.json
    python benchmarks/collapse.py --check runs/one runs/two   # were they flagged?

A small DCGAN is trained on digits without the penalty of its recipe and at fifty times its learning
rate: that must be flagged within 100 thousand images. The same model with its recipe must not be
flagged. (With the penalty, a run at that rate can recover.) The cost is measured on the models as
they ship: the time of a check divided by the time of the steps between two checks.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import torch

from ganzoo import registry
from ganzoo.data import load_for_model
from ganzoo.runtime import seeds
from ganzoo.runtime.devices import device_name, resolve_device
from ganzoo.training import Trainer, plan, train
from ganzoo.training.health import EVERY_IMAGES, Health
from ganzoo.training.run_folder import HEALTH

MODEL = "dcgan.mnist"
WIDTH = "8"
TOO_FAST = 50
KIMG = 100


def flagged(folder: Path) -> list[dict[str, Any]]:
    """Health checks of a run that found a problem."""
    lines = (folder / HEALTH).read_text().splitlines()
    return [look for look in map(json.loads, lines) if look["verdict"]]


def watch(seed: int, factor: int) -> dict[str, Any]:
    """Train with a multiple of the recipe's learning rate; with the recipe itself if it is 1."""
    rate = registry.resolve(MODEL).preset.recipe.optimizer.lr * factor
    settings = {"width": WIDTH, "optimizer.lr": str(rate), "optimizer.schedule": "constant"}
    if factor != 1:
        settings["r1"] = "0"
    whole = plan(MODEL, settings=settings, seed=seed, kimg=KIMG)
    with tempfile.TemporaryDirectory() as place:
        outcome = train(whole, out=place, device="cpu", on_collapse="stop")
        found = flagged(Path(place))
    row = {"seed": seed, "factor": factor, "lr": rate, "kimg": outcome.images / 1000}
    named = {"named_at_kimg": found[0]["images"] / 1000, "as": found[0]["verdict"]} if found else {}
    return {**row, **named}


def cost(name: str, steps: int = 30, looks: int = 5) -> dict[str, Any]:
    """Seconds of a check and of a step, and the share of time spent on checks.

    On a CPU this is time of this thread, so that other work on the machine does not count.
    """
    run, device = plan(name), resolve_device()
    clock = time.perf_counter if device.type == "cuda" else time.thread_time
    with seeds.fork_rng(device, run.seed):
        gan = run.build()
        data = load_for_model(gan, run.recipe.data)
        trainer = Trainer(gan, run.recipe, data, device=device)
        health = Health(gan, data, run.seed)

        def look() -> None:
            health.measure(trainer.images, trainer.gradient_norms())
            health.verdict({})

        step_seconds = _seconds(trainer.step, trainer.report, steps, clock)
        look_seconds = _seconds(look, dict, looks, clock)
    between = EVERY_IMAGES / run.recipe.batch * step_seconds
    return {
        "model": name,
        "step_seconds": round(step_seconds, 5),
        "look_seconds": round(look_seconds, 5),
        "share": round(look_seconds / (look_seconds + between), 5),
    }


def _seconds(
    work: Callable[[], object],
    finish: Callable[[], object],
    times: int,
    clock: Callable[[], float],
) -> float:
    """Seconds of one call, after a warm-up; ``finish`` waits for the device."""
    for _ in range(3):
        work()
    finish()
    started = clock()
    for _ in range(times):
        work()
    finish()
    return (clock() - started) / times


def check(folders: Sequence[Path]) -> int:
    """Print whether each run was ever flagged; return the number of flagged runs."""
    count = 0
    for folder in folders:
        found = flagged(folder)
        count += bool(found)
        looks = len((folder / HEALTH).read_text().splitlines())
        print(f"{folder}: {len(found)} of {looks} looks found something")
        for verdict in dict.fromkeys(look["verdict"] for look in found):
            print(f"  {verdict}")
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", type=Path, nargs="+", metavar="RUN", help="only read these runs")
    parser.add_argument("--seeds", type=int, default=3, help="runs per learning rate")
    parser.add_argument("--models", nargs="*", default=["dcgan.mnist"], help="models for the cost")
    parser.add_argument("--json", type=Path, help="write the result here")
    given = parser.parse_args()
    if given.check:
        return int(check(given.check) > 0)
    costs = [cost(name) for name in given.models]
    rows = []
    for factor in (TOO_FAST, 1):
        for seed in range(given.seeds):
            rows.append(watch(seed, factor))
            print(rows[-1], flush=True)
    result = {
        "what": f"{MODEL} with width {WIDTH} for {KIMG} kimg: is a collapse named?",
        "command": " ".join(["python", "benchmarks/collapse.py", *sys.argv[1:]]),
        "date": date.today().isoformat(),
        "device": device_name(resolve_device()),
        "torch": torch.__version__,
        "trainings": rows,
        "cost": costs,
    }
    print(json.dumps(result, indent=2))
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(result, indent=2) + "\n")
    return int(any(("as" in row) != (row["factor"] == TOO_FAST) for row in rows))


if __name__ == "__main__":
    sys.exit(main())

"""Kill training runs at random moments and check that nothing is lost.

    python benchmarks/kill.py --kills 100 --json benchmarks/results/kill/DATE-cpu.json

A small DCGAN that saves a checkpoint after each step (`--save-every 0`) is killed by SIGKILL at
random moments and restarted by the same command until it is finished; then another run, until the
number of kills is reached. Every second kill waits for the next file write and interrupts it. After
each kill every file of the run folder must be readable. At the end all files must equal those of an
undisturbed run: weights, checkpoints, pictures, and logs except for the seconds.

The first ten sessions are complete processes, `python -m ganzoo train ...`. The others are forks of
this process, in which torch is already imported and which call the function of that command. That
saves seconds for each, and the kernel ends them in the same way.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import load_file

from ganzoo import hub
from ganzoo.cli import app
from ganzoo.runtime import checkpoint
from ganzoo.runtime.devices import device_name
from ganzoo.spec import Optimizer
from ganzoo.training.optimizer import build_optimizer

SETTINGS = ("width=2", "latent=8", "ema_kimg=1")
CHECKPOINTS = (checkpoint.NEWEST, checkpoint.PREVIOUS, checkpoint.BEST)
IMPORT_SECONDS = 5.0
"""Seconds that a complete process starts later than a fork."""


@dataclass(frozen=True)
class Terms:
    """Settings."""

    kills: int
    processes: int
    """Number of first sessions that are complete processes."""
    kimg: float
    """Length of a run."""
    seconds: float
    """Longest time from the start of a session to its kill."""


@dataclass
class Tally:
    """Results."""

    kills: int = 0
    kills_of_processes: int = 0
    kills_while_saving: int = 0
    """Kills that left a partly written file."""
    trainings: int = 0
    failed: list[str] = field(default_factory=list)
    """Sessions that ended by themselves with an error."""
    unreadable: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    """Files of a killed run that differ from the undisturbed run."""

    @property
    def identical(self) -> bool:
        return not (self.failed or self.unreadable or self.different)


def command(out: Path, kimg: float, save_every: str = "0") -> list[str]:
    """Arguments of the command."""
    settings = [part for setting in SETTINGS for part in ("--set", setting)]
    length = ["--batch", "256", "--kimg", str(kimg), "--save-every", save_every]
    return ["train", "dcgan", *settings, *length, "--device", "cpu", "--out", str(out)]


def begin(arguments: Sequence[str], log: Path, fork: bool) -> int:
    """Start a session and return its process id."""
    if not fork:
        with open(log, "ab") as file:
            typed = [sys.executable, "-m", "ganzoo", *arguments]
            return subprocess.Popen(typed, stdout=file, stderr=file).pid
    child = os.fork()
    if child:
        return child
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    code = 1
    try:
        code = app(arguments, standalone_mode=False) or 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def wait(process: int, seconds: float, folder: Path | None = None) -> int | None:
    """The exit code of a process that ends in time; None if it had to be killed.

    Args:
        process: the process id.
        seconds: time until the kill.
        folder: wait after that for a file write in this folder.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline or (folder and not writes(process, folder)):
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(process, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return None if code == -signal.SIGKILL else code


def writes(process: int, folder: Path) -> bool:
    """True if a process has, or had at its end, a partly written temporary file."""
    return any(folder.rglob(f".*.{process}.tmp"))


def unreadable(folder: Path) -> list[str]:
    """Files of a run folder with incomplete content."""
    bad = []
    for path in folder.rglob("*"):
        if path.is_dir() or path.name == ".lock" or path.name.endswith(".tmp"):
            continue
        try:
            _read(path)
        except Exception as error:
            bad.append(f"{path.name}: {type(error).__name__} {error}")
    return bad


def _read(path: Path) -> object:
    if path.name in CHECKPOINTS:
        return checkpoint.read(path)
    if path.suffix == ".safetensors":
        return load_file(path)
    if path.name == "config.json":
        return hub.read_config(path)
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    if path.suffix == ".png":
        with Image.open(path) as image:
            return image.load()
    return path.read_text()


def contents(folder: Path) -> dict[str, Any]:
    """Files of a run without times, and without the checkpoint whose time is random."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    left_out = (".lock", ".owner", "summary.json", checkpoint.PREVIOUS)
    return {path.name: _timeless(path) for path in files if path.name not in left_out}


def _timeless(path: Path) -> object:
    if path.name in CHECKPOINTS:
        tensors, numbers = checkpoint.read(path)
        plain = {name: value.numpy().tobytes() for name, value in tensors.items()}
        clock = ("seconds", "bytes")  # the logs hold seconds: they are not always equally long
        return plain, {key: value for key, value in numbers.items() if key not in clock}
    if path.name == "metrics.jsonl":
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]
    return path.read_bytes()


def compare(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Names of files that differ or that only one folder has."""
    return [name for name in sorted({*expected, *found}) if expected.get(name) != found.get(name)]


def torment(place: Path, terms: Terms, seed: int) -> Tally:
    """Kill runs and compare each finished one with the undisturbed run.

    Args:
        place: an empty folder.
        terms: number and times of the kills.
        seed: seed of the times.
    """
    moments, tally, log = random.Random(seed), Tally(), place / "log.txt"
    whole = place / "whole"
    undisturbed, started = begin(command(whole, terms.kimg, "1h"), log, fork=True), time.monotonic()
    while not (whole / "config.json").exists() and time.monotonic() < started + 60:
        time.sleep(0.01)
    start_seconds = time.monotonic() - started
    if wait(undisturbed, 3600) != 0:
        raise SystemExit(f"the training that nobody disturbed failed: {log.read_text()[-500:]}")
    expected = contents(whole)
    while tally.identical and (tally.kills < terms.kills or not tally.trainings):
        folder = place / f"killed-{tally.trainings}"
        while tally.kills < terms.kills and sit(folder, terms, start_seconds, moments, tally, log):
            pass
        code = wait(begin(command(folder, terms.kimg), log, fork=True), 3600)
        if code != 0:
            tally.failed.append(f"exit code {code}: {log.read_text()[-300:]}")
        tally.trainings += 1
        tally.different += compare(expected, contents(folder))
    return tally


def sit(
    folder: Path,
    terms: Terms,
    start_seconds: float,
    moments: random.Random,
    tally: Tally,
    log: Path,
) -> bool:
    """One session; True if it was killed."""
    fork, aimed = tally.kills >= terms.processes, tally.kills % 2 == 1
    longest = terms.seconds + start_seconds + (0 if fork else IMPORT_SECONDS)
    process = begin(command(folder, terms.kimg), log, fork)
    code = wait(process, moments.uniform(0, longest), folder if aimed else None)
    if code:
        tally.failed.append(f"exit code {code}: {log.read_text()[-300:]}")
    if code is not None:
        return False
    tally.kills += 1
    tally.kills_of_processes += not fork
    tally.kills_while_saving += writes(process, folder)
    tally.unreadable += unreadable(folder)
    if tally.kills % 10 == 0:
        print(f"{tally.kills} kills, {tally.kills_while_saving} of them while saving", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--processes", type=int, default=10, help="complete processes among them")
    parser.add_argument("--kimg", type=float, default=70, help="length of a run")
    parser.add_argument(
        "--seconds", type=float, default=2.0, help="longest training time of a session"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the times")
    parser.add_argument("--json", type=Path, help="write the result here")
    given = parser.parse_args()
    torch.set_num_threads(1)
    build_optimizer(Optimizer(), [torch.nn.Parameter(torch.zeros(1))])  # torch imports more here
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        terms = Terms(given.kills, given.processes, given.kimg, given.seconds)
        tally = torment(Path(place), terms, given.seed)
    result = {
        "what": "trainings killed by SIGKILL at random moments, against one that was not",
        "command": " ".join(["python", "benchmarks/kill.py", *sys.argv[1:]]),
        "date": date.today().isoformat(),
        "device": device_name(torch.device("cpu")),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "minutes": round((time.monotonic() - started) / 60, 1),
        **vars(tally),
        "identical": tally.identical,
    }
    print(json.dumps(result, indent=2))
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if tally.identical else 1


if __name__ == "__main__":
    sys.exit(main())

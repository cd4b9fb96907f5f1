"""Processes that take turns: while one trains a slice, all others are stopped, with their workers.

A machine that slows down for minutes then slows down all of them alike, so that the ratios of one
round are stable where images per second are not.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from ctypes.util import find_library
from pathlib import Path

from benchmarks.workloads import ROOT, Contestant, Workload

PATIENCE = 300.0
"""Seconds that a process may take until its next answer."""


class OutError(Exception):
    """An implementation that cannot take part; the message is the reason."""


class Child:
    """An implementation in a process and session of its own.

    Args:
        arguments: arguments of the module.
        extra: additional environment variables.
        module: the program.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        extra: Mapping[str, str],
        module: str = "benchmarks.peers.child",
    ) -> None:
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, **extra},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        self._expect("ready")

    def slice(self, updates: int) -> tuple[float, float]:
        """Train a number of updates; return wall-clock and CPU seconds."""
        self.signal(signal.SIGCONT)
        assert self.process.stdin is not None
        self.process.stdin.write(f"{updates}\n".encode())
        wall, processors = self._expect().split()
        return float(wall), float(processors)

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait()

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def _expect(self, wanted: str = "") -> str:
        """The next answer: the expected line or numbers; other words are a reason to drop out."""
        line = self._line()
        if line == wanted or (not wanted and line[:1].isdigit()):
            return line
        self.kill()
        raise OutError(line or f"said nothing and ended with code {self.process.returncode}")

    def _line(self) -> str:
        """The next line of output; empty after `PATIENCE` seconds or if the process has ended."""
        answers = self.process.stdout
        assert answers is not None
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline and self.process.poll() is None:
            if select.select([answers], [], [], 1.0)[0]:
                break
        ready = select.select([answers], [], [], 0.0)[0]
        return answers.readline().decode().strip() if ready else ""


def begin(
    workload: Workload, contestant: Contestant, peers: Path, seed: int, tcmalloc: str = ""
) -> tuple[Child, float]:
    """A process stopped after its first step, and the seconds until then.

    Raises:
        OutError: it cannot take part.
    """
    arguments = [workload.name, contestant.driver, "--peers", str(peers), "--seed", str(seed)]
    arguments += ["--ideal"] * contestant.ideal
    extra = {"TENSORBOARD_LOGGING": "0"}
    if contestant.tcmalloc:
        library = tcmalloc or find_library("tcmalloc_minimal")
        if not library:
            raise OutError(
                "no libtcmalloc_minimal: apt install libtcmalloc-minimal4, or --tcmalloc FILE"
            )
        extra["LD_PRELOAD"] = library
    child = Child(arguments, extra)
    try:
        child.slice(workload.critic)
    except OutError:
        child.kill()
        raise
    seconds = time.perf_counter() - child.started
    child.pause()
    return child, seconds


def take_turns(
    children: Mapping[str, Child], updates: int, rounds: int
) -> tuple[dict[str, list[tuple[float, float]]], dict[str, str]]:
    """Seconds of each slice by name, and reasons of drop-outs; the order rotates each round."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in children}
    reasons: dict[str, str] = {}
    for number in range(-1, rounds):
        names = [name for name in children if name not in reasons]
        for name in names if number % 2 else reversed(names):
            try:
                spent = children[name].slice(updates)
            except (OutError, OSError) as error:
                reasons[name] = str(error)
                continue
            children[name].pause()
            if number >= 0:  # round -1 warms up
                times[name].append(spent)
    return {name: spent for name, spent in times.items() if name not in reasons}, reasons

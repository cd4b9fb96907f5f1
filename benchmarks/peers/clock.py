"""Turns in the child process: train a slice on request, report its time, wait."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import torch

from benchmarks.workloads import Workload


class MissingError(Exception):
    """A peer that is not installed; the message says what to do."""


class Clock:
    """Counts updates and cuts them into slices.

    The training code calls `tick` before each batch. At the end of a slice the call writes the
    wall-clock and CPU seconds, and returns when the next slice is requested.

    Args:
        orders: stream of slice lengths.
        answers: stream for the seconds.
    """

    def __init__(self, orders: TextIO, answers: TextIO) -> None:
        self.orders = orders
        self.answers = answers
        self.left = 0
        self.begun: tuple[float, float] | None = None
        self.ignored = 0
        """Batches to ignore: some peers draw a few before they start to train."""

    def tick(self, updates: int = 1) -> None:
        """Count a batch, or a step with several updates of the discriminator, before it starts."""
        if self.ignored:
            self.ignored -= 1
            return
        if self.left <= 0:
            self._answer()
            self.left = int(self.orders.readline() or "0")
            if not self.left:
                raise SystemExit
            self.begun = time.perf_counter(), time.process_time()
        self.left -= updates

    def _answer(self) -> None:
        if self.begun is None:
            self.say("ready")
            return
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        wall, processors = self.begun
        self.say(f"{time.perf_counter() - wall} {time.process_time() - processors}")

    def say(self, line: str) -> None:
        self.answers.write(line + "\n")
        self.answers.flush()


@dataclass(frozen=True)
class Task:
    """Arguments of a driver.

    Args:
        workload: the workload to train.
        clock: counts the updates.
        ideal: use prepared batches.
        peers: folder with the peers' repositories.
        scratch: the current folder, empty.
        seed: seed of everything.
    """

    workload: Workload
    clock: Clock
    ideal: bool
    peers: Path
    scratch: Path
    seed: int

    @property
    def device(self) -> torch.device:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def repository(self, name: str, url: str) -> Path:
        """The folder of a peer's repository.

        Raises:
            MissingError: the folder does not exist.
        """
        if not (self.peers / name).is_dir():
            raise MissingError(f"{name} is not in {self.peers.name}: git clone {url} there")
        return self.peers / name

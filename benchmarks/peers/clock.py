"""The child's side of taking turns: train a slice when told to, say how long it took, wait."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import torch

from benchmarks.workloads import Workload


class MissingError(Exception):
    """A peer that is not here; the message says what to do."""


class Clock:
    """Counts updates and cuts them into slices.

    Whatever trains calls `tick` before each batch. At the end of a slice the call writes the
    seconds, of the wall and of this process's processors, and comes back when the next slice is
    asked for.

    Args:
        orders: where the lengths of slices come from.
        answers: where the seconds go.
    """

    def __init__(self, orders: TextIO, answers: TextIO) -> None:
        self.orders = orders
        self.answers = answers
        self.left = 0
        self.begun: tuple[float, float] | None = None
        self.ignored = 0
        """Batches still to come that train nothing: a peer that draws some before it begins."""

    def tick(self, updates: int = 1) -> None:
        """Before a batch, or before a step that makes so many updates of the discriminator."""
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
    """What a driver is given.

    Args:
        workload: what to train.
        clock: to tick.
        ideal: feed ready batches.
        peers: the folder with the peers' repositories.
        scratch: the current folder, empty.
        seed: of everything.
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
            MissingError: it is not there.
        """
        if not (self.peers / name).is_dir():
            raise MissingError(f"{name} is not in {self.peers.name}: git clone {url} there")
        return self.peers / name

"""A training that is told to stop ends after its step; told twice, at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ganzoo.runtime import distributed

GRACE_SECONDS = 20.0
"""What the others may take to reach the end of a step once a process of several is told to stop.
torchrun kills what is left of them after 30."""
KEPT = "the last checkpoint is kept, the same command goes on from it"


@contextmanager
def stopping() -> Iterator[list[int]]:
    """Collect the first SIGINT or SIGTERM; a second one is as abrupt as ever."""
    caught: list[int] = []
    grace = threading.Timer(GRACE_SECONDS, _give_up)
    grace.daemon = True

    def remember(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        if distributed.world_size() > 1:
            grace.start()
        for kind, handler in before.items():
            signal.signal(kind, handler)

    try:
        before = {kind: signal.signal(kind, remember) for kind in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: signals are somebody else's
        yield caught
        return
    try:
        yield caught
    finally:
        grace.cancel()
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _give_up() -> None:
    """End a process that waits for another one in vain: no exception can reach it there."""
    sys.stderr.write(f"error: process {distributed.rank()} waits for others in vain; {KEPT}\n")
    sys.stderr.flush()
    os._exit(1)

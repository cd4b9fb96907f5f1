"""Stop signals: the first one ends a run after its step, the second one at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from ganzoo.runtime import distributed

GRACE_SECONDS = 20.0
"""Time for all processes to finish a step after a signal; torchrun kills them after 30 seconds."""
KEPT = "the last checkpoint is kept: run the same command to resume"


def _give_up() -> None:
    """End a process that waits for another one: an exception cannot reach it there."""
    sys.stderr.write(f"error: process {distributed.rank()} waits for a lost process; {KEPT}\n")
    sys.stderr.flush()
    os._exit(1)


def _announce() -> None:
    """Say that a signal came; a handler may interrupt a buffered write, so this has no buffer."""
    start = "\r\x1b[2K" if os.isatty(2) else ""
    with suppress(OSError):
        os.write(2, f"{start}stopping, saving ...\n".encode())


@contextmanager
def catch_stop_signals(
    grace_seconds: float = GRACE_SECONDS, give_up: Callable[[], None] = _give_up
) -> Iterator[list[int]]:
    """Catch the first SIGINT or SIGTERM of the block; a second one has its usual effect.

    Args:
        grace_seconds: with several processes, time to the end of the block after a signal.
        give_up: called when that time is over.

    Yields:
        Signals caught, as they come.
    """
    caught: list[int] = []
    grace = threading.Timer(grace_seconds, give_up)
    grace.daemon = True

    def remember(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        if not distributed.rank():
            _announce()
        if distributed.world_size() > 1:
            grace.start()
        for kind, handler in before.items():
            signal.signal(kind, handler)

    try:
        before = {kind: signal.signal(kind, remember) for kind in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: signals are not ours to handle
        yield caught
        return
    try:
        yield caught
    finally:
        grace.cancel()
        for kind, handler in before.items():
            signal.signal(kind, handler)

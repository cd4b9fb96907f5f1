"""Run by torchrun: the threads left when a training of two processes ends, or loses one of them."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path

from ganzoo.cli import main
from ganzoo.training import Trainer


def tell() -> None:
    """The names of this process's threads, in one line for each process."""
    tasks = Path("/proc/self/task").iterdir()
    names = sorted((task / "comm").read_text().strip() for task in tasks)
    sys.stdout.write(f"threads: {' '.join(names)}\n")
    sys.stdout.flush()


def leave_after(steps: int) -> None:
    """Let the second process disappear after so many steps."""
    step = Trainer.step

    def leaving(trainer: Trainer) -> None:
        step(trainer)
        if trainer.steps == steps:
            os._exit(0)

    if os.environ["RANK"] == "1":
        Trainer.step = leaving  # type: ignore[method-assign] # for this process alone


if __name__ == "__main__":
    if sys.argv[1] == "leave":
        leave_after(2)
    del sys.argv[1]
    atexit.register(tell)
    main()

"""One implementation as a process of its own: `python -m benchmarks.peers.child WORKLOAD DRIVER`.

Reads the number of updates of the next slice from stdin, one number per line, and answers with the
seconds. Output of a peer is discarded. ``benchmarks.turns`` starts these processes.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import numpy as np
import torch

from benchmarks.peers.clock import Clock, MissingError, Task
from benchmarks.workloads import WORKLOADS, install

DRIVERS = {
    "ganzoo": "own:ganzoo",
    "lean": "own:lean",
    "lean-malloc": "own:lean_malloc",
    "examples": "scripts:examples",
    "lightning-dcgan": "scripts:lightning_dcgan",
    "pytorch-gan": "scripts:pytorch_gan",
    "lightning-gan": "frameworks:lightning_gan",
    "torchgan": "frameworks:torchgan",
    "mimicry": "frameworks:mimicry",
    "studiogan": "studiogan:studiogan",
}
"""Drivers by name, and their functions in this folder."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Train one workload in slices, told by stdin.")
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("driver", choices=DRIVERS)
    parser.add_argument("--ideal", action="store_true", help="ready batches")
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    clock = Clock(os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w"))
    silence()
    random.seed(options.seed)
    np.random.seed(options.seed)
    torch.manual_seed(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        install(Path(scratch) / "plugin")
        work = Path(scratch) / "implementations/peer"
        work.mkdir(parents=True)
        os.chdir(work)
        sys.argv = [options.driver]
        workload, peers = WORKLOADS[options.workload], options.peers.resolve()
        task = Task(workload, clock, options.ideal, peers, work, options.seed)
        try:
            module, _, function = DRIVERS[options.driver].partition(":")
            getattr(import_module(f"benchmarks.peers.{module}"), function)(task)
        except MissingError as error:
            clock.say(f"missing: {error}")
        except Exception as error:
            reason = (str(error).strip() or "no message").splitlines()[0]
            clock.say(f"failed: {type(error).__name__}: {reason}")


def silence() -> None:
    """Discard standard input and output from here on; peers print one line per step."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)


if __name__ == "__main__":
    main()

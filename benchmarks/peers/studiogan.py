"""StudioGAN: its own main.py, with the CPU as its only device."""

from __future__ import annotations

import os
import sys
from unittest.mock import MagicMock

import torch

from benchmarks.peers.clock import Task
from benchmarks.peers.scripts import execute


class Processor(str):
    """A device name that works as a rank, which StudioGAN adds to its seed."""

    def __radd__(self, seed: int) -> int:
        return seed


def studiogan(task: Task) -> None:
    """configs/CIFAR10/DCGAN.yaml with one discriminator update per generator update.

    On a rank other than 0, as here, it logs and saves nothing, which favors it.
    """
    url = "https://github.com/POSTECH-CVLab/PyTorch-StudioGAN"
    source = task.repository("PyTorch-StudioGAN", url) / "src"
    sys.path[:0] = [str(source)]
    sys.modules["wandb"] = MagicMock()  # an account is needed for the real one
    if task.device.type == "cpu":
        torch.cuda.device_count = lambda: 1
        torch.cuda.current_device = lambda: Processor("cpu")  # type: ignore[assignment, return-value] # the trick
    settings = (source / "configs/CIFAR10/DCGAN.yaml").read_text()
    once = settings.replace("d_updates_per_step: 2", "d_updates_per_step: 1")
    assert once != settings
    (task.scratch / "DCGAN.yaml").write_text(once)
    os.environ["MASTER_ADDR"] = "localhost"
    given = ["-t", "-metrics", "none", "-cfg", "DCGAN.yaml", "-data", ".", "-save", "."]
    execute(task, source / "main.py", *given, "--num_workers", 2)

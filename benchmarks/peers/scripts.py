"""Peers that are scripts: each runs unmodified, as ``__main__``, on the same images."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from benchmarks.peers.clock import Task
from benchmarks.peers.data import pose


def execute(task: Task, path: Path, *arguments: object) -> None:
    """Run a file of a peer with these arguments."""
    pose(task)
    sys.argv = [str(path), *map(str, arguments)]
    runpy.run_path(str(path), run_name="__main__")


def examples(task: Task) -> None:
    """pytorch/examples, dcgan/main.py."""
    folder = task.repository("examples", "https://github.com/pytorch/examples")
    size, batch = task.workload.size, task.workload.batch
    given = ["--dataset", "cifar10", "--dataroot", ".", "--imageSize", size, "--batchSize", batch]
    given += ["--accel"] * (task.device.type == "cuda")
    execute(task, folder / "dcgan/main.py", *given)


def pytorch_gan(task: Task) -> None:
    """eriklindernoren/PyTorch-GAN: gan.py, wgan_gp.py or dcgan.py."""
    folder = task.repository("PyTorch-GAN", "https://github.com/eriklindernoren/PyTorch-GAN")
    script = {"mlp28": "gan", "wgangp28": "wgan_gp", "pgdcgan32": "dcgan"}[task.workload.name]
    work = task.workload
    sizes = ["--img_size", work.size, "--channels", work.channels, "--batch_size", work.batch]
    execute(task, folder / f"implementations/{script}/{script}.py", *sizes)


def lightning_dcgan(task: Task) -> None:
    """Lightning's examples/fabric/dcgan/train_torch.py, whose batch of 128 is written into it."""
    url = "https://github.com/Lightning-AI/pytorch-lightning"
    folder = task.repository("pytorch-lightning", url)
    task.clock.ignored = 1  # it draws one batch for a picture before it builds the networks
    execute(task, folder / "examples/fabric/dcgan/train_torch.py")

"""Workloads of the speed benchmarks and their implementations. Imports no torch.

Networks that no plugin of ganzoo has are a plugin too (`benchmarks/networks.py`), so that ganzoo
trains them like any other model.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import torch

from ganzoo import ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe
from ganzoo.runtime.devices import device_name

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results/speed"


def result_file(script: str, device: str, quick: bool) -> Path:
    """Default path of a script's results; quick results are not among the committed ones."""
    folder = Path(tempfile.gettempdir()) / "ganzoo-quick" if quick else RESULTS
    return folder / f"{script}-{device}.json"


def write_rows(out: Path, device: torch.device, rows: list[dict[str, Any]]) -> None:
    """Store rows of results with the device, torch's version and the date.

    Args:
        out: JSON file; its folder is made.
        device: where they were measured.
        rows: all rows so far.
    """
    facts = {
        "device": device_name(device),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "rows": rows,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(facts, indent=1) + "\n")


@dataclass(frozen=True)
class Contestant:
    """An implementation and its settings.

    Args:
        driver: a key of `benchmarks.peers.child.DRIVERS`.
        ideal: prepared float batches in place of the peer's own data set, transforms and loader.
        tcmalloc: preload that allocator.
    """

    driver: str
    ideal: bool = False
    tcmalloc: bool = False

    @property
    def label(self) -> str:
        notes = [", ideal data"] * self.ideal + [", tcmalloc"] * self.tcmalloc
        return self.driver + "".join(notes)


OWN = (Contestant("ganzoo"), Contestant("lean"), Contestant("lean-malloc"))
"""ganzoo as shipped, and a hand-written loop of the same algorithm without and with glibc told to
keep freed memory: they show the cost of the trainer and the gain by the allocator."""


@dataclass(frozen=True)
class Workload:
    """One architecture under one update rule.

    Args:
        name: name of the workload, also in the results.
        model: name of ganzoo's model.
        channels, size: shape of the images.
        batch: batch size.
        steps: updates of the discriminator per slice.
        speed: approximate images per second on two quiet cores, for the estimate.
        critic: updates of the discriminator per update of the generator.
        fresh: new fakes for the generator's update.
        eps: epsilon of Adam.
        peers: other implementations.
        note: remark on the comparison.
    """

    name: str
    model: str
    channels: int
    size: int
    batch: int
    steps: int
    speed: float
    peers: tuple[Contestant, ...]
    critic: int = 1
    fresh: bool = False
    eps: float = 1e-8
    note: str = ""

    @property
    def contestants(self) -> tuple[Contestant, ...]:
        return (*OWN, *self.peers)

    @property
    def recipe(self) -> Recipe:
        """The peers' update rule: Adam, no averaged generator."""
        adam = Optimizer(lr=2e-4, betas=(0.5, 0.999), eps=self.eps)
        return Recipe(
            data="random",
            kimg=100_000,
            batch=self.batch,
            optimizer=adam,
            ema_kimg=0.0,
            fresh_fakes=self.fresh,
        )


def both(driver: str) -> tuple[Contestant, Contestant]:
    """A peer with its own data, and with prepared batches."""
    return Contestant(driver), Contestant(driver, ideal=True)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(
            "dcgan64",
            "dcgan.celeba64",
            channels=3,
            size=64,
            batch=128,
            steps=2,
            speed=50,
            peers=(
                *both("examples"),
                Contestant("examples", tcmalloc=True),
                Contestant("lightning-dcgan"),
                Contestant("torchgan"),
                Contestant("mimicry"),
            ),
            note="torchgan and mimicry make new fakes for the generator, the others reuse them.",
        ),
        Workload(
            "dcgan32",
            "speed.dcgan32",
            channels=3,
            size=32,
            batch=64,
            steps=10,
            speed=270,
            peers=(*both("torchgan"), *both("mimicry")),
            fresh=True,
        ),
        Workload(
            "wgangp32",
            "speed.wgangp32",
            channels=3,
            size=32,
            batch=64,
            steps=10,
            speed=230,
            peers=(*both("mimicry"), Contestant("torchgan", ideal=True)),
            critic=5,
            fresh=True,
            note="torchgan's penalty takes one norm over the whole batch: another computation.",
        ),
        Workload(
            "sg32",
            "speed.sg32",
            channels=3,
            size=32,
            batch=64,
            steps=2,
            speed=52,
            peers=both("studiogan"),
            fresh=True,
            eps=1e-6,
        ),
        Workload(
            "mlp28",
            "speed.mlp28",
            channels=1,
            size=28,
            batch=64,
            steps=150,
            speed=3000,
            peers=(*both("pytorch-gan"), Contestant("lightning-gan")),
            note="Lightning makes the fakes twice, PyTorch-GAN reuses them.",
        ),
        Workload(
            "wgangp28",
            "speed.wgangp28",
            channels=1,
            size=28,
            batch=64,
            steps=100,
            speed=3500,
            peers=both("pytorch-gan"),
            critic=5,
            fresh=True,
            note="PyTorch-GAN sends a gradient through the generator in each update of the critic.",
        ),
        Workload(
            "pgdcgan32",
            "speed.pgdcgan32",
            channels=3,
            size=32,
            batch=64,
            steps=6,
            speed=140,
            peers=both("pytorch-gan"),
        ),
    )
}


@dataclass(frozen=True)
class Config(ModelConfig):
    """Name of the pair of networks."""

    networks: Annotated[str, "name of the workload"] = "dcgan32"
    latent: Annotated[int, "numbers that a sample is made from"] = 100
    critic: Annotated[int, "updates of the discriminator for one of the generator"] = 1


spec = ModelSpec(
    model="benchmarks.networks:build",
    summary="The architectures of the benchmarks of speed.",
    paper=Paper("ganzoo", 2026, "Benchmarks", "https://pytorch.org"),
    license="Apache-2.0",
    presets={
        each.name: Preset(
            Config(each.name, 128 if each.name == "sg32" else 100, each.critic), each.recipe
        )
        for each in WORKLOADS.values()
        if each.model.startswith("speed.")
    },
)


def install(folder: Path) -> None:
    """Make ``speed`` a plugin of this process by writing the files of an installed distribution."""
    facts = folder / "ganzoo_speed-0.dist-info"
    facts.mkdir(parents=True, exist_ok=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: ganzoo-speed\nVersion: 0\n")
    entry = "[ganzoo.models]\nspeed = benchmarks.workloads:spec\n"
    (facts / "entry_points.txt").write_text(entry)
    sys.path[:0] = [str(folder)]

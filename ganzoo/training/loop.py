"""The loop around the trainer: when to report, draw, save and stop."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from ganzoo.data import Dataset, load_for_model
from ganzoo.errors import ConfigError, RunError, UnknownNameError
from ganzoo.hub import RunConfig
from ganzoo.runtime import checkpoint, distributed, seeds
from ganzoo.runtime.devices import device_name, resolve_device
from ganzoo.runtime.progress import progress_bar
from ganzoo.runtime.version import VERSION
from ganzoo.sampling import grids
from ganzoo.training import out_of_memory
from ganzoo.training.health import EVERY_IMAGES, Action, Health
from ganzoo.training.planning import plan
from ganzoo.training.precision import ComputeConfig
from ganzoo.training.run_folder import Folder
from ganzoo.training.signals import KEPT, stopping
from ganzoo.training.trainer import Trainer

log = logging.getLogger("ganzoo")

REPORT_IMAGES = 1000
"""A line in metrics.jsonl for each so many images."""
ROLLBACKS = 3
"""How often a run that fails to thrive goes back to its best checkpoint."""
SAVE_SECONDS = 120.0
"""Between checkpoints, unless something else is asked."""
Keep = Literal["last", "best"]


@dataclass(frozen=True)
class Outcome:
    """How a run came to its end, for now."""

    folder: Path
    images: int
    seconds: float
    """Spent training, over all sittings."""
    speed: float
    """Images per second of this sitting, in steps alone."""
    signal: int = 0
    """The signal that ended it; 0 if none did."""
    losses: Mapping[str, float] = field(default_factory=dict)
    verdict: str = ""
    """What is wrong with the training; empty if nothing is."""

    @property
    def stopped(self) -> bool:
        """Whether there is more to do."""
        return self.signal != 0


def train(
    name: str | RunConfig,
    *,
    data: str | Dataset | None = None,
    out: str | Path | None = None,
    settings: Mapping[str, str] | None = None,
    kimg: float | None = None,
    budget: float | None = None,
    batch: int | None = None,
    seed: int | None = None,
    device: str = "auto",
    engine: ComputeConfig | None = None,
    on_collapse: Action = "warn",
    save_every: float = SAVE_SECONDS,
    keep: Keep = "best",
) -> Outcome:
    """Train a model in a folder; the same call again goes on where the last one ended.

    Args:
        name: a model, or a plan for one.
        data: name, or a `Dataset` of your own; left out, the recipe's.
        out: run folder; left out, ``runs/NAME``.
        settings: as `plan` takes them.
        kimg: thousands of images; left out, the recipe's.
        budget: stop after so many seconds, if that is sooner.
        batch: images in a batch, over all processes; left out, the recipe's.
        seed: of weights, batches, latents.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``.
        engine: precision, compilation, accumulation.
        on_collapse: when the training fails to thrive, say so (``warn``), say so and stop, or go
            back to the best checkpoint and on from there with other random numbers, three times
            at most (``rollback``).
        save_every: seconds between checkpoints; there is one more at the end, and when stopped.
        keep: ``last``, the newest checkpoint alone; ``best``, that at which the samples were
            nearest to the data too, to which a rollback goes.

    Raises:
        ConfigError: a rollback that has nothing to go back to.
        UsageError: something that cannot be meant.
        DataError: data that is not there.
        RunError: a folder of another run, or one that cannot be written; too little memory; other
            processes of this training that are gone.
        FormatError: a folder of a newer ganzoo.
    """
    if isinstance(name, str):
        label = data.name if isinstance(data, Dataset) else data
        name = plan(name, settings=settings, data=label, kimg=kimg, batch=batch, seed=seed)
    rules = _Rules(on_collapse, save_every, keep)
    folder = Folder(Path(out) if out is not None else Path("runs") / name.model)
    engine = engine or ComputeConfig()
    with (
        distributed.process_group(resolve_device(device)) as where,
        engine.matrix_products(where),
        seeds.fork_rng(where, seeds.mix(name.seed, "weights")),
    ):
        gan = name.build()
        data = (
            gan.prepare_data(data)
            if isinstance(data, Dataset)
            else load_for_model(gan, name.recipe.data)
        )
        try:
            return _Loop(
                folder,
                name,
                Trainer(gan, name.recipe, data, seed=name.seed, device=where, engine=engine),
                budget,
                rules,
            ).run()
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory.is_shortage(error):
                raise
            gan.zero_grad(set_to_none=True)
            raise out_of_memory.explained(error, name, data, engine, where) from error


@dataclass(frozen=True)
class _Rules:
    """What is done about a failing training, and which checkpoints are kept."""

    on_collapse: Action
    save_every: float
    keep: Keep

    def __post_init__(self) -> None:
        for name, value, known in (
            ("on-collapse", self.on_collapse, get_args(Action)),
            ("keep", self.keep, get_args(Keep)),
        ):
            if value not in known:
                raise UnknownNameError(f"value of --{name}", value, known)
        if self.on_collapse == "rollback" and self.keep == "last":
            raise ConfigError("--on-collapse rollback goes back to the best state: --keep best")


class _Loop:
    """A trainer and the folder that it fills; rank 0 alone writes."""

    def __init__(
        self,
        folder: Folder,
        run: RunConfig,
        trainer: Trainer,
        budget: float | None,
        rules: _Rules,
    ) -> None:
        self.folder = folder
        self.provenance = run
        self.trainer = trainer
        self.budget = budget
        self.rules = rules
        self.health = Health(trainer.gan, trainer.batches.dataset, run.seed)
        self.verdict = ""
        self.rollbacks = 0
        self.seconds = 0.0
        self.losses: dict[str, float] = {}
        self.total = run.recipe.kimg * 1000
        self.report_steps = max(1, REPORT_IMAGES // run.recipe.batch)
        self.draw_steps = max(1, int(min(self.total / 20, 50_000)) // run.recipe.batch)
        self.look_steps = max(1, EVERY_IMAGES // run.recipe.batch)

    def run(self) -> Outcome:
        """The whole run, or what is left of it."""
        try:
            if distributed.rank():
                return self._run()
            with self.folder.locked():
                return self._run()
        except OSError as error:
            names = (checkpoint.NEWEST, checkpoint.PREVIOUS)
            kept = any((self.folder.path / name).is_file() for name in names)
            rest = f"; {KEPT}" if kept else ""
            reason = error.strerror or str(error)
            raise RunError(f"cannot write {self.folder.path}: {reason}{rest}") from error

    def _run(self) -> Outcome:
        self._open()
        with stopping() as caught:
            steps, stepping = self._steps(caught)
        self._draw()
        self._save()
        speed = steps * self.provenance.recipe.batch / stepping if stepping else 0.0
        return Outcome(
            folder=self.folder.path,
            images=self.trainer.images,
            seconds=self.seconds,
            speed=speed,
            signal=caught[0] if caught else 0,
            losses=self.losses,
            verdict=self.verdict,
        )

    def _open(self) -> None:
        """Go on from the folder's checkpoint; rank 0 reads it, the others are told."""
        dataset = self.trainer.batches.dataset
        opened = None if distributed.rank() else self.folder.open(self.provenance, dataset)
        found = distributed.broadcast(opened)
        if found is not None:
            self._restore(*found)

    def _restore(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        try:
            self.trainer.load_state(tensors, numbers["trainer"])
        except (RuntimeError, KeyError):
            theirs = {k: list(v.shape) for k, v in tensors.items() if k.startswith("gan.")}
            kept = self.trainer.gan.state_dict()
            self.folder.refuse(theirs, {f"gan.{k}": list(v.shape) for k, v in kept.items()})
            raise
        self.health.load_state(numbers["health"])
        self.seconds, self.rollbacks = numbers["seconds"], numbers["rollbacks"]
        self.trainer.seed = seeds.mix(self.provenance.seed, "rollback", self.rollbacks)
        if not self.rollbacks:
            self.trainer.seed = self.provenance.seed

    def _over(self, caught: list[int]) -> bool:
        if self.trainer.images >= self.total:
            return True
        spent = self.budget is not None and self.seconds >= self.budget
        ill = bool(self.verdict) and self.rules.on_collapse != "warn"
        return distributed.any_process(spent or ill or bool(caught))

    def _steps(self, caught: list[int]) -> tuple[int, float]:
        """Step until it is over; how many steps, and the seconds in them."""
        begun = saved = time.monotonic()
        before, steps, stepping = self.seconds, 0, 0.0
        with progress_bar(self.provenance.model, self.total / 1000, unit="kimg") as update:
            while not self._over(caught):
                started = time.monotonic()
                self.trainer.step()
                steps, stepping = steps + 1, stepping + time.monotonic() - started
                self.seconds = before + time.monotonic() - begun
                if self.trainer.steps % self.report_steps == 0:
                    self._report()
                if self.trainer.steps % self.look_steps == 0:
                    self._look()
                if self.trainer.steps % self.draw_steps == 0:
                    self._draw()
                update(self._progress(), self._note(steps / stepping))
                if distributed.any_process(time.monotonic() - saved > self.rules.save_every):
                    self._save()
                    saved = time.monotonic()
        return steps, stepping

    def _progress(self) -> float:
        """kimg done, or the same share of them as is spent of the budget, if that is more."""
        spent = self.seconds / self.budget if self.budget else 0.0
        return max(self.trainer.images, min(1.0, spent) * self.total) / 1000

    def _note(self, rate: float) -> str:
        losses = " ".join(f"{name} {value:.2f}" for name, value in self.losses.items())
        return f"{rate * self.provenance.recipe.batch:.0f} img/s {losses}"

    def _report(self) -> None:
        self.losses = self.trainer.report()
        if distributed.rank() == 0:
            seconds = round(self.seconds, 3)
            self.folder.log({"images": self.trainer.images, **self.losses, "seconds": seconds})

    def _look(self) -> None:
        """How the training fares; a new finding is said once, and the best state is kept."""
        if distributed.rank() == 0:
            norms = self.trainer.gradient_norms()
            vitals = self.health.look(self.trainer.images, norms)
            verdict = self.health.verdict(self.losses)
            self.folder.record({**asdict(vitals), "verdict": verdict})
            if verdict and verdict != self.verdict:
                at = f"{self.provenance.model} at {self.trainer.images / 1000:.0f} kimg"
                log.warning("%s: %s", at, verdict)
            self.verdict = verdict
        if distributed.any_process(bool(self.verdict)):
            self._react()
        elif self.rules.keep == "best" and distributed.any_process(self.health.at_best()):
            self._save(checkpoint.BEST)

    def _react(self) -> None:
        """Go back to the best checkpoint, if that is wanted and has not been tried too often."""
        if self.rules.on_collapse != "rollback" or self.rollbacks >= ROLLBACKS:
            return
        read = None if distributed.rank() else checkpoint.read_best(self.folder.path)
        found = distributed.broadcast(read)
        if found is None:
            return
        tensors, numbers = found
        self._restore(tensors, {**numbers, "rollbacks": self.rollbacks + 1})
        self.folder.rewind(numbers)
        self.verdict = ""
        log.warning("back to %.0f kimg", self.trainer.images / 1000)

    def _save(self, name: str = checkpoint.NEWEST) -> None:
        """A checkpoint to go on from, and weights for whoever loads the folder."""
        tensors, numbers = self.trainer.state()
        if distributed.rank():
            return
        if name == checkpoint.NEWEST:
            with self.trainer.averaged() as gan:
                self.folder.publish(gan.generator, self._facts())
        state = {
            "trainer": numbers,
            "seconds": self.seconds,
            "rollbacks": self.rollbacks,
            "health": self.health.state(),
        }
        self.folder.save(tensors, state, name)

    def _draw(self) -> None:
        """The same latents each time, so that one can watch a sample grow."""
        if distributed.rank():
            return
        seed = self.provenance.seed
        with self.trainer.averaged() as gan:
            dataset = self.trainer.batches.dataset
            given = gan.sample_conditions(dataset, grids.GRID, seed)
            samples = gan.sample(grids.GRID, seed=seed, **given)
            given = {**gan.prior_rows(grids.GRID, seed), **given}
        self.folder.draw(self.trainer.gan, samples, given, self.trainer.images)

    def _facts(self) -> dict[str, str]:
        """What the card says of where the weights come from."""
        recipe, dataset = self.provenance.recipe, self.trainer.batches.dataset
        average = f"average, half-life {recipe.ema_kimg:g} kimg" if recipe.ema_kimg else "raw"
        precision = self.trainer.engine.on(self.trainer.device)
        return {
            "data": f"{dataset.name}, {len(dataset)} rows, sha256 {dataset.sha256[:12]}",
            "trained for": f"{self.trainer.images / 1000:.1f} of {recipe.kimg:g} kimg",
            "generator": average,
            "ganzoo": VERSION,
            "torch": torch.__version__,
            "device": f"{device_name(self.trainer.device)}, {precision}",
        }

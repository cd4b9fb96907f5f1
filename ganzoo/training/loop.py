"""The training loop: resume, step, report, check, save."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from ganzoo.runtime import checkpoint, distributed, seeds
from ganzoo.runtime.devices import device_name
from ganzoo.runtime.durations import clock, in_kimg, rounded, speed_text
from ganzoo.runtime.progress import progress_bar, say
from ganzoo.runtime.version import VERSION
from ganzoo.sampling import grids
from ganzoo.training.health import Health
from ganzoo.training.planning import Plan
from ganzoo.training.result import TrainResult
from ganzoo.training.run_folder import RunFolder
from ganzoo.training.run_options import RunOptions
from ganzoo.training.run_summary import write_summary
from ganzoo.training.stop_signals import catch_stop_signals
from ganzoo.training.trainer import Trainer

log = logging.getLogger("ganzoo")

ROLLBACKS = 3
"""Times that a run may return to its best checkpoint."""


class TrainingLoop:
    """A trainer and the folder of its run; only rank 0 writes to the folder."""

    def __init__(
        self, folder: RunFolder, plan: Plan, trainer: Trainer, options: RunOptions
    ) -> None:
        self.folder, self.plan, self.trainer, self.options = folder, plan, trainer, options
        warm_up = options.schedule.warm_up_images
        self.health = Health(trainer.gan, trainer.batches.dataset, plan.seed, warm_up)
        self.verdict = ""
        self.rollbacks = 0
        self.seconds = 0.0
        self.losses: dict[str, float] = {}
        self.images = plan.recipe.kimg * 1000

    def run(self, note: str = "") -> TrainResult:
        """Resume the folder's run, step to its end, and save it.

        Args:
            note: of the announcement: about how long it takes.
        """
        batch = self.plan.recipe.batch
        with nullcontext() if distributed.rank() else self.folder.locked():
            self._resume()
            self._announce(note)
            start = saved = time.monotonic()
            before, steps, in_steps = self.seconds, 0, 0.0
            bar = progress_bar(self.plan.run.model, 1.0)
            with catch_stop_signals() as signals, bar as show:
                while not self._is_over(signals):
                    step_start = time.monotonic()
                    self.trainer.step()
                    steps, in_steps = steps + 1, in_steps + time.monotonic() - step_start
                    self.seconds = before + time.monotonic() - start
                    self._after_step()
                    show(*self._progress(steps * batch / in_steps))
                    if distributed.any_process(time.monotonic() - saved > self.options.save_every):
                        self._save_samples(series=False)
                        self._save(checkpoint.NEWEST)
                        saved = time.monotonic()
            self._save_samples()
            self._save(checkpoint.NEWEST)
            speed = steps * batch / in_steps if in_steps else 0.0
            if steps:
                self._summarize(speed)
        return TrainResult(
            folder=self.folder.path,
            images=self.trainer.images,
            seconds=self.seconds,
            speed=speed,
            new_images=steps * batch,
            signal=signals[0] if signals else 0,
            losses=self.losses,
            verdict=self.verdict,
        )

    def _after_step(self) -> None:
        """Report, check and draw what is due; early on, at doubling intervals."""
        schedule, steps = self.options.schedule, self.trainer.steps
        doubled = _is_power_of_two(steps)
        early = doubled and self.trainer.images < schedule.report_images
        if early or self._is_due(schedule.report_images):
            self._report()
        if self._is_due(schedule.health_images):
            self._check_health()
        drawn = doubled or (steps % 3 == 0 and _is_power_of_two(steps // 3))
        if drawn if schedule.sample_images is None else self._is_due(schedule.sample_images):
            self._save_samples()

    def _announce(self, note: str) -> None:
        """Say what will be done."""
        if distributed.rank() or not self.options.announce:
            return
        trainer, plan = self.trainer, self.plan
        dataset, precision = trainer.batches.dataset, trainer.compute.on(trainer.device)
        done = f"{trainer.images / 1000:.4g} of " if trainer.images else ""
        budget = self.options.budget
        parts = [
            f"{plan.run.model}: {'resumes at ' if done else ''}{done}{plan.recipe.kimg:g} kimg of"
            f" {dataset.name} ({len(dataset):,} rows)",
            f"batch {plan.recipe.batch}",
            f"{device_name(trainer.device)} {precision}",
            note,
            "" if budget is None else f"at most {rounded(budget)}",
        ]
        say(f"{', '.join(part for part in parts if part)}; in {self.folder.path}")

    def _resume(self) -> None:
        """Restore the folder's checkpoint, if it has one; rank 0 reads it for all."""
        dataset = self.trainer.batches.dataset
        opened = None if distributed.rank() else self.folder.open(self.plan, dataset)
        found = distributed.broadcast(opened)
        if found is not None:
            self._restore(*found)

    def _restore(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        try:
            self.trainer.load_state(tensors, numbers["trainer"])
        except (RuntimeError, KeyError):
            theirs = {k: list(v.shape) for k, v in tensors.items() if k.startswith("gan.")}
            ours = self.trainer.gan.state_dict()
            self.folder.refuse_differences(
                theirs, {f"gan.{k}": list(v.shape) for k, v in ours.items()}
            )
            raise
        self.health.load_state(numbers["health"])
        self.seconds, self.rollbacks = numbers["seconds"], numbers["rollbacks"]
        self.trainer.seed = self.plan.seed
        if self.rollbacks:
            self.trainer.seed = seeds.mix(self.plan.seed, "rollback", self.rollbacks)

    def _is_over(self, signals: list[int]) -> bool:
        """True at the end of the run, or if any process has a reason to stop."""
        if self.trainer.images >= self.images:
            return True
        budget = self.options.budget
        spent = budget is not None and self.seconds >= budget
        collapsed = bool(self.verdict) and self.options.on_collapse != "warn"
        return distributed.any_process(spent or collapsed or bool(signals))

    def _is_due(self, images: float) -> bool:
        """True in every step that completes so many images."""
        return self.trainer.steps % max(1, int(images // self.plan.recipe.batch)) == 0

    def _progress(self, speed: float) -> tuple[float, str, str]:
        """Share of the run that is done, its note, and the images and the time in numbers.

        With a budget, the share of the budget that is spent counts, if it is larger.

        Args:
            speed: images per second.
        """
        budget, images = self.options.budget, self.trainer.images
        share = images / self.images
        amount = f"{in_kimg(images)}/{self.images / 1000:g} kimg"
        if budget is not None:
            share = max(share, self.seconds / budget) if budget else 1.0
            amount += f", {clock(self.seconds)}/{clock(budget)}"
        losses = " ".join(f"{name} {value:.2f}" for name, value in self.losses.items())
        return min(1.0, share), f"{speed_text(speed)} img/s {losses}".strip(), amount

    def _report(self) -> None:
        """Log mean losses."""
        self.losses = self.trainer.report()
        if distributed.rank() == 0:
            seconds = round(self.seconds, 3)
            self.folder.log_metrics(
                {
                    "images": self.trainer.images,
                    **self.losses,
                    **self.trainer.augmentation.report(),
                    "seconds": seconds,
                }
            )
            if self.options.on_report is not None:
                self.options.on_report(self.trainer.images, self.losses)

    def _check_health(self) -> None:
        """Log the health of the run; warn of a new problem, roll back, or keep the best state."""
        if distributed.rank() == 0:
            norms = self.trainer.gradient_norms()
            record = self.health.measure(self.trainer.images, norms)
            verdict = self.health.verdict(self.losses)
            self.folder.log_health({**asdict(record), "verdict": verdict})
            if self.options.on_health is not None:
                self.options.on_health(self.trainer.images, record.numbers())
            if verdict and verdict != self.verdict:
                at = f"{self.plan.run.model} at {self.trainer.images / 1000:.0f} kimg"
                log.warning("%s: %s", at, verdict)
            self.verdict = verdict
        if distributed.any_process(bool(self.verdict)):
            if self.options.on_collapse == "rollback" and self.rollbacks < ROLLBACKS:
                self._roll_back()
        elif self.options.keep == "best" and distributed.any_process(self.health.at_best()):
            self._save(checkpoint.BEST)

    def _roll_back(self) -> None:
        """Return to the best checkpoint, if there is one; rank 0 reads it for all."""
        read = None if distributed.rank() else checkpoint.read_best(self.folder.path)
        found = distributed.broadcast(read)
        if found is None:
            return
        tensors, numbers = found
        self._restore(tensors, {**numbers, "rollbacks": self.rollbacks + 1})
        self.folder.truncate_logs(numbers)
        self.verdict = ""
        log.warning("back to %.0f kimg", self.trainer.images / 1000)

    def _save(self, name: str) -> None:
        """Write a checkpoint, and with the newest one the weights of the model folder."""
        tensors, numbers = self.trainer.state()
        if distributed.rank():
            return
        if name == checkpoint.NEWEST:
            with self.trainer.averaged() as gan:
                facts = _card_facts(self.plan, self.trainer)
                self.folder.save_weights(gan.generator, facts, self.plan.model)
        state = {
            "trainer": numbers,
            "seconds": self.seconds,
            "rollbacks": self.rollbacks,
            "health": self.health.state(),
        }
        self.folder.save_checkpoint(tensors, state, name)
        if name == checkpoint.NEWEST and self.options.on_checkpoint is not None:
            self.options.on_checkpoint(self.folder.path, self.trainer.images)

    def _save_samples(self, series: bool = True) -> None:
        """Write samples of the same latents each time.

        Args:
            series: keep them in the series; False replaces the newest file alone.
        """
        if distributed.rank():
            return
        seed = self.plan.seed
        with self.trainer.averaged() as gan:
            given = gan.sample_conditions(self.trainer.batches.dataset, grids.GRID, seed)
            samples = gan.sample(grids.GRID, seed=seed, **given)
            given = {**gan.prior_rows(grids.GRID, seed), **given}
        self.folder.save_samples(self.trainer.gan, samples, given)
        if series:
            self.folder.keep_samples(self.trainer.images)

    def _summarize(self, speed: float) -> None:
        """Write the facts and pictures that a report shows.

        Args:
            speed: images per second.
        """
        if distributed.rank():
            return
        trainer = self.trainer
        facts = {
            **_card_facts(self.plan, trainer),
            "images": trainer.images,
            "seconds": round(self.seconds, 3),
            "speed": speed,
            "processes": distributed.world_size(),
            "rollbacks": self.rollbacks,
            "floor": self.health.floor(),
        }
        with trainer.averaged() as gan:
            write_summary(self.folder.path, gan, trainer.batches.dataset, self.plan.seed, facts)


def _is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0


def _card_facts(plan: Plan, trainer: Trainer) -> dict[str, str]:
    """Origin of the weights, for the card."""
    recipe, dataset = plan.recipe, trainer.batches.dataset
    average = f"average, half-life {recipe.ema_kimg:g} kimg" if recipe.ema_kimg else "raw"
    precision = trainer.compute.on(trainer.device)
    return {
        "data": f"{dataset.name}, {len(dataset):,} rows, sha256 {dataset.sha256[:12]}",
        "trained for": f"{trainer.images / 1000:.1f} of {recipe.kimg:g} kimg",
        "generator": average,
        "ganzoo": VERSION,
        "torch": torch.__version__,
        "device": f"{device_name(trainer.device)}, {precision}",
    }

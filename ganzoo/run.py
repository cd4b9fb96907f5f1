"""A training in a folder: it reports, draws, saves, and goes on where it was stopped."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch

import ganzoo
from ganzoo import checkpoint, hub, registry, report, seeds
from ganzoo.config import from_json, keys, override, to_json, unknown_key
from ganzoo.data import Dataset, load_data
from ganzoo.devices import describe, pick
from ganzoo.errors import RunError
from ganzoo.hub import Provenance
from ganzoo.progress import bar
from ganzoo.trainer import Trainer

REPORT_IMAGES = 1000
"""A line in metrics.jsonl for each so many images."""
SAVE_SECONDS = 120.0
"""A checkpoint at least this often; one more at every grid, at the end and when stopped."""


@dataclass(frozen=True)
class Outcome:
    """How a run came to its end, for now."""

    folder: Path
    images: int
    seconds: float
    """Spent training, over all sittings."""
    speed: float
    """Images per second of this sitting, in steps alone."""
    stopped: bool
    """Whether a signal ended it."""
    losses: Mapping[str, float] = field(default_factory=dict)


def plan(
    name: str,
    *,
    settings: Mapping[str, str] | None = None,
    data: str | None = None,
    kimg: float | None = None,
    batch: int | None = None,
    seed: int | None = None,
) -> Provenance:
    """What a training will do, all defaults filled in.

    Args:
        name: ``arch``, ``arch.preset``, or the path of a config.json, whose run is repeated.
        settings: keys of the model's config or of the recipe, as typed, e.g. ``{"width": "32"}``.
        data, kimg, batch: override the recipe's.
        seed: default 0.

    Raises:
        UnknownNameError: no such model, preset or key.
        ConfigError: a value that its key does not take.
    """
    if name.endswith(".json"):
        start = hub.read_config(Path(name))
        model = start.resolve()
        config = from_json(type(model.preset.config), start.config)
    else:
        model = registry.resolve(name)
        config = model.preset.config
        plugin = model.plugin
        start = Provenance(
            model.name, plugin.distribution, plugin.version, {}, model.preset.recipe, 0
        )
    recipe = start.recipe
    of_model = {key.name for key in keys(config)}
    of_recipe = {key.name for key in keys(recipe)}
    settings = settings or {}
    for key in settings:
        if key not in of_model | of_recipe:
            raise unknown_key(key, of_model | of_recipe)
    config = override(config, {k: v for k, v in settings.items() if k in of_model})
    recipe = override(recipe, {k: v for k, v in settings.items() if k not in of_model})
    recipe = replace(
        recipe,
        data=recipe.data if data is None else data,
        kimg=recipe.kimg if kimg is None else kimg,
        batch=recipe.batch if batch is None else batch,
    )
    seed = start.seed if seed is None else seed
    return replace(start, config=to_json(config), recipe=recipe, seed=seed)


def train(
    name: str | Provenance,
    *,
    data: str | Dataset | None = None,
    out: str | Path | None = None,
    settings: Mapping[str, str] | None = None,
    kimg: float | None = None,
    budget: float | None = None,
    batch: int | None = None,
    seed: int | None = None,
    device: str = "auto",
) -> Outcome:
    """Train a model in a folder; the same call again goes on where the last one ended.

    Args:
        name: a model, or a plan for one.
        data: name, or a `Dataset` of your own; left out, the recipe's.
        out: run folder; left out, ``runs/NAME``.
        settings: as `plan` takes them.
        kimg: thousands of images; left out, the recipe's.
        budget: stop after so many seconds, if that is sooner.
        batch: images in a batch; left out, the recipe's.
        seed: of weights, batches, latents.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``.

    Raises:
        UsageError: something that cannot be meant.
        DataError: data that is not there.
        RunError: a folder of another run, or one that cannot be written.
    """
    if isinstance(name, str):
        label = data.name if isinstance(data, Dataset) else data
        name = plan(name, settings=settings, data=label, kimg=kimg, batch=batch, seed=seed)
    folder = Path(out) if out is not None else Path("runs") / name.model
    where = pick(device)
    with seeds.forked(where, seeds.mix(name.seed, "weights")):
        gan = name.build()
        if not isinstance(data, Dataset):
            data = load_data(name.recipe.data, gan.sample_shape())
        trainer = Trainer(gan, name.recipe, data, seed=name.seed, device=where)
        return _Run(folder, name, trainer, budget).train()


@contextmanager
def _stopping() -> Iterator[list[int]]:
    """Collect the first SIGINT or SIGTERM; a second one is as abrupt as ever."""
    caught: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        caught.append(number)
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
        for kind, handler in before.items():
            signal.signal(kind, handler)


class _Run:
    """A trainer and the folder that it fills."""

    def __init__(
        self, folder: Path, provenance: Provenance, trainer: Trainer, budget: float | None
    ) -> None:
        self.folder = folder
        self.provenance = provenance
        self.trainer = trainer
        self.budget = budget
        self.seconds = 0.0
        self.log_bytes = 0
        self.losses: dict[str, float] = {}
        self.total = provenance.recipe.kimg * 1000
        batch = provenance.recipe.batch
        self.report_steps = max(1, REPORT_IMAGES // batch)
        self.grid_steps = max(1, int(min(self.total / 20, 50_000)) // batch)

    def train(self) -> Outcome:
        """The whole run, or what is left of it."""
        try:
            self._open()
            with _stopping() as caught:
                steps, stepping = self._loop(caught)
            self._draw()
            self._save()
        except OSError as error:
            reason = error.strerror or str(error)
            raise RunError(
                f"cannot write {self.folder}: {reason}; the last whole checkpoint is kept,"
                " the same command goes on from it"
            ) from error
        speed = steps * self.provenance.recipe.batch / stepping if stepping else 0.0
        return Outcome(
            self.folder, self.trainer.images, self.seconds, speed, bool(caught), self.losses
        )

    def _done(self) -> bool:
        spent = self.budget is not None and self.seconds >= self.budget
        return spent or self.trainer.images >= self.total

    def _loop(self, caught: list[int]) -> tuple[int, float]:
        """Step until done or told to stop; how many steps, and the seconds in them."""
        begun = saved = time.monotonic()
        before, steps, stepping = self.seconds, 0, 0.0
        with bar(self.provenance.model, self.total / 1000, unit="kimg") as update:
            while not self._done() and not caught:
                started = time.monotonic()
                self.trainer.step()
                steps, stepping = steps + 1, stepping + time.monotonic() - started
                if self.trainer.steps % self.report_steps == 0:
                    self._report()
                if self.trainer.steps % self.grid_steps == 0:
                    self._draw()
                self.seconds = before + time.monotonic() - begun
                rate = steps * self.provenance.recipe.batch / stepping
                update(self._progress(), self._note(rate))
                if time.monotonic() - saved > SAVE_SECONDS:
                    self._save()
                    saved = time.monotonic()
        return steps, stepping

    def _progress(self) -> float:
        """kimg done, or the same share of them as is spent of the budget, if that is more."""
        spent = self.seconds / self.budget if self.budget else 0.0
        return max(self.trainer.images, min(1.0, spent) * self.total) / 1000

    def _note(self, rate: float) -> str:
        losses = " ".join(f"{name} {value:.3f}" for name, value in self.losses.items())
        return f"{rate:.0f} img/s {losses}"

    def _open(self) -> None:
        """Begin in an empty folder, or go on in one of this very run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / hub.CONFIG).exists():
            self._refuse_another()
        elif any(self.folder.iterdir()):
            raise RunError(f"{self.folder} is not empty and holds no run: choose another --out")
        hub.write_config(self.folder, self.provenance)
        found = checkpoint.load(self.folder)
        if found is not None:
            tensors, numbers = found
            self.trainer.load_state(tensors, numbers["trainer"])
            self.seconds, self.log_bytes = numbers["seconds"], numbers["log_bytes"]
        log = self.folder / "metrics.jsonl"
        log.touch()
        with open(log, "r+b") as file:
            file.truncate(self.log_bytes)

    def _refuse_another(self) -> None:
        """A folder is continued by the run that it belongs to; only its length may change."""
        theirs = to_json(hub.read_config(self.folder / hub.CONFIG))
        ours = to_json(self.provenance)
        for side in (theirs, ours):
            side.pop("version")
            side["recipe"].pop("kimg")
        different = list(_differences(theirs, ours))
        if different:
            raise RunError(
                f"{self.folder} holds another run ({'; '.join(different[:5])}):"
                " choose another --out"
            )

    def _report(self) -> None:
        self.losses = self.trainer.report()
        images = self.trainer.images
        line = {"images": images, **self.losses, "seconds": round(self.seconds, 3)}
        with open(self.folder / "metrics.jsonl", "ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            self.log_bytes = file.tell()

    def _save(self) -> None:
        """Weights for whoever loads the folder, and a checkpoint to go on from."""
        trainer = self.trainer
        facts = {"model": self.provenance.model, "images": str(trainer.images)}
        with trainer.averaged() as gan:
            hub.save_weights(self.folder, gan.generator, facts)
        tensors, numbers = trainer.state()
        numbers = {"trainer": numbers, "seconds": self.seconds, "log_bytes": self.log_bytes}
        checkpoint.save(self.folder, tensors, numbers)
        (self.folder / "README.md").write_text(report.card(self.provenance.model, self._facts()))

    def _draw(self) -> None:
        """The same latents each time, so that one can watch a sample grow."""
        with self.trainer.averaged() as gan:
            seed = self.provenance.seed
            given = self.trainer.batches.dataset.conditions(report.GRID, seed)
            samples = gan.sample(report.GRID, seed=seed, **given)
        if report.is_picture(samples):
            picture = report.grid(samples)
            report.save_png(picture, self.folder / "samples.png")
            name = f"{self.trainer.images // 1000:07d}.png"
            report.save_png(picture, self.folder / "samples" / name)

    def _facts(self) -> dict[str, str]:
        run, recipe = self.provenance, self.provenance.recipe
        dataset = self.trainer.batches.dataset
        return {
            "plugin": f"{run.distribution} {run.version}",
            "config": json.dumps(run.config),
            "data": f"{dataset.name}, {len(dataset)} rows, sha256 {dataset.sha256[:12]}",
            "trained for": f"{self.trainer.images / 1000:.1f} of {recipe.kimg:g} kimg",
            "seed": str(run.seed),
            "generator": f"average, half-life {recipe.ema_kimg:g} kimg"
            if recipe.ema_kimg
            else "raw",
            "with": f"ganzoo {ganzoo.__version__}, torch {torch.__version__},"
            f" {describe(self.trainer.device)}",
        }


def _differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*theirs, *ours}):
        one, other = theirs.get(key), ours.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _differences(one, other)
        elif one != other:
            yield f"{key} is {one!r} there, {other!r} here"


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as a row of JSON."""
    return {**asdict(outcome), "folder": str(outcome.folder)}

"""Start of a run: its plan, data, checks and loop."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from ganzoo import registry
from ganzoo.data import Dataset, load_for_model
from ganzoo.data.images.folder_report import FEW
from ganzoo.gan import GAN
from ganzoo.runtime import distributed, seeds
from ganzoo.runtime.arguments import check_type
from ganzoo.runtime.devices import resolve_device
from ganzoo.runtime.durations import in_bytes, parse_duration, rounded
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.progress import say, showing
from ganzoo.training import out_of_memory
from ganzoo.training.estimate import available, check_estimate, estimate
from ganzoo.training.fine_tuning import freeze as freeze_layers
from ganzoo.training.fine_tuning import start_from
from ganzoo.training.health import Action
from ganzoo.training.loop import TrainingLoop
from ganzoo.training.plain_settings import Value
from ganzoo.training.planning import Plan, plan
from ganzoo.training.precision import ComputeConfig, Precision
from ganzoo.training.preflight import check_batch, rows_per_part, too_few_values
from ganzoo.training.result import TrainResult
from ganzoo.training.run_folder import RunFolder
from ganzoo.training.run_options import (
    SAVE_SECONDS,
    Keep,
    OnCheckpoint,
    OnHealth,
    OnReport,
    RunOptions,
    Schedule,
)
from ganzoo.training.trackers import tracked
from ganzoo.training.trainer import Trainer


def train(
    model: str | registry.Model | Plan,
    *,
    data: str | Dataset | None = None,
    out: str | Path | None = None,
    settings: Mapping[str, Value] | None = None,
    kimg: float | None = None,
    budget: str | float | None = None,
    batch: int | None = None,
    seed: int | None = None,
    init: str = "",
    freeze: Sequence[str] = (),
    augment: str | None = None,
    device: str | torch.device = "auto",
    precision: Precision = "auto",
    compile: bool = False,  # noqa: A002 # as torch.compile and the command line call it
    accumulate: int = 1,
    on_collapse: Action = "warn",
    save_every: str | float = SAVE_SECONDS,
    keep: Keep = "best",
    schedule: Schedule | None = None,
    on_report: OnReport | None = None,
    on_checkpoint: OnCheckpoint | None = None,
    on_health: OnHealth | None = None,
    track: Sequence[str] = (),
    progress: bool = False,
) -> TrainResult:
    """Train a model in a folder; the same call resumes where the last one ended.

    Args:
        model: as `plan` takes it, or a plan.
        data: name, or a `Dataset`; left out, the recipe's.
        out: run folder; left out, ``runs/NAME``.
        settings, kimg, batch, seed, budget, init, freeze, augment: as in `plan`; a plan's hold.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``.
        precision, compile, accumulate: as `ComputeConfig` has them.
        on_collapse: ``rollback`` returns to the best checkpoint, at most three times.
        save_every: time between checkpoints; one more is written at the end, and on a signal.
        keep: ``last``: the newest checkpoint; ``best``: also the best one, for a rollback.
        schedule, on_report, on_checkpoint, on_health, track: as `RunOptions` has them.
        progress: show progress on stderr.

    Raises:
        UsageError, DataError, RunError, FormatError: invalid arguments; missing data; a folder of
            another run or of a newer ganzoo, or one that cannot be written; out of memory.
    """
    if not isinstance(model, Plan):
        name = data.name if isinstance(data, Dataset) else data
        planned = partial(plan, settings=settings, init=init, freeze=freeze, augment=augment)
        model = planned(model, data=name, kimg=kimg, batch=batch, seed=seed)
    check_type("out", out, (str, Path), "the path of a folder")
    compute = ComputeConfig(precision, compile, accumulate)
    limit = model.run.budget if budget is None else parse_duration(budget)
    model = replace(model, run=replace(model.run, budget=limit))
    every, schedule = parse_duration(save_every), schedule or Schedule()
    options = RunOptions(limit, on_collapse, every, keep, schedule, on_report, on_checkpoint)
    options = replace(options, announce=progress, on_health=on_health, track=track)
    folder = RunFolder(user_path(out) if out is not None else Path("runs") / model.run.model)
    with showing(progress):
        return _train(model, data, folder, options, compute, str(device))


def _train(
    plan: Plan,
    data: str | Dataset | None,
    folder: RunFolder,
    options: RunOptions,
    compute: ComputeConfig,
    device: str,
) -> TrainResult:
    """Build the model, load its data, and run the loop."""
    with (
        distributed.process_group(resolve_device(device)) as here,
        compute.matrix_products(here),
        seeds.restore_rng(here),
    ):
        with seeds.locked():
            seeds.set_seed(seeds.mix(plan.seed, "weights"), here)
            gan = plan.build()
        plan.model.check_needs(gan.config)
        _fine_tune(gan, plan, folder)
        if isinstance(data, Dataset):
            data = gan.prepare_data(data)
        else:
            data = load_for_model(gan, plan.recipe.data)
        if data.original and not folder.has_checkpoint():
            _propose(plan, gan, data)
        classes = data.classes if gan.num_classes else ()
        plan = replace(plan, run=replace(plan.run, classes=classes))
        trainer = None
        try:
            trainer = Trainer(gan, plan.recipe, data, seed=plan.seed, device=here, compute=compute)
            note = _preflight(plan, trainer, folder)
            with tracked(options, plan.run, folder.path) as options:
                return TrainingLoop(folder, plan, trainer, options).run(note)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory.is_out_of_memory(error):
                raise
            gan.zero_grad(set_to_none=True)
            raise out_of_memory.explain(error, plan, data, compute, here) from error
        except ValueError as error:
            if problem := trainer and too_few_values(error, trainer):
                raise problem from None
            raise


def _propose(plan: Plan, gan: GAN, data: Dataset) -> None:
    """Name the preset whose samples are closer to the images as they are; advice for few images."""
    if distributed.rank() == 0:
        _advise_few(plan, gan, data)
    closer = registry.closer_preset(plan.model, gan.sample_spec.fixed_shape, data.original)
    if closer is not None and distributed.rank() == 0:
        command = shlex.join(["ganzoo", "train", closer.name, "--data", plan.recipe.data])
        say(f"{closer.image_format}: `{command}`")


def _advise_few(plan: Plan, gan: GAN, data: Dataset) -> None:
    """Say what helps where the images are few, and nothing of it was asked for."""
    helped = plan.model.preset.few or plan.recipe.augment != "none" or plan.run.init
    translated = any(each.required for each in gan.inputs)
    if len(data) < FEW and not (helped or translated):
        name = shlex.quote(plan.recipe.data)
        say(
            f"{len(data)} images are few: a GAN soon memorizes fewer than {FEW:,}; `--augment ada`"
            " delays it, `--init SOURCE` fine-tunes trained weights, and `ganzoo recommend"
            f" {name}` names recipes for few images"
        )


def _fine_tune(gan: GAN, plan: Plan, folder: RunFolder) -> None:
    """Load the weights that a new run starts from, and freeze layers."""
    if plan.run.init and not folder.has_checkpoint():
        whole = start_from(gan, plan.run.init)
        also = "with its discriminator" if whole else "generator only; the discriminator is new"
        if distributed.rank() == 0:
            say(f"starts from {plan.run.init}, {also}")
    freeze_layers(gan, plan.run.freeze)


def _preflight(plan: Plan, trainer: Trainer, folder: RunFolder) -> str:
    """Check batch, memory and time; about how much of both a new run takes, in words.

    Processes that train together check the batch alone: their trials must be the same.
    """
    if distributed.world_size() > 1 or folder.has_checkpoint():
        check_batch(trainer)
        return ""
    limit = available(trainer.device)
    found = estimate(trainer, limit, plan.run.budget)
    check_estimate(found, plan, trainer, limit)
    return f"about {rounded(found.seconds)}, {in_bytes(found.memory(rows_per_part(trainer)))}"

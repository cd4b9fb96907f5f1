"""``ganzoo train``."""

from __future__ import annotations

import json
import os
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo.cli import completion
from ganzoo.cli.choices import Augment, Keep, OnCollapse, Precision, TrackerName
from ganzoo.cli.options import (
    Compile,
    Device,
    Range,
    Report,
    Settings,
    with_range,
)
from ganzoo.cli.pages import write_page
from ganzoo.cli.typer_app import app
from ganzoo.runtime.durations import in_kimg, speed_text
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.runtime.paths import SAMPLES, user_path
from ganzoo.spec.config import parse_settings, to_json

if TYPE_CHECKING:
    from ganzoo.training import TrainResult

Data = Annotated[
    str | None,
    typer.Option(
        help="Data set: mnist, cifar10, ..., folder:PATH, pairs:PATH, ...",
        autocompletion=completion.data_sets,
    ),
]
Kimg = Annotated[float | None, typer.Option(help="Length of the run in thousands of images.")]
Budget = Annotated[str | None, typer.Option(help="Stop after this time: 90s, 5m, 1h.")]
Out = Annotated[
    Path | None,
    typer.Option(parser=user_path, metavar="PATH", help="Run folder. [default: runs/MODEL]"),
]
Accumulate = Annotated[
    int, typer.Option(min=1, help="Split each batch into parts, to save memory.")
]
OnCollapseOption = Annotated[OnCollapse, typer.Option(help="Reaction to training collapse.")]
KeepOption = Annotated[
    Keep, typer.Option(help="Checkpoints to keep: the best beside the last, or the last alone.")
]
Init = Annotated[
    str, typer.Option(metavar="SOURCE", help="Trained weights to start from: fine-tuning.")
]
Freeze = Annotated[
    list[str] | None,
    typer.Option(metavar="NETWORK:LAYERS", help="First layers to keep, e.g. discriminator:4."),
]
AugmentOption = Annotated[
    Augment | None,
    typer.Option(help="For few images: augment what the discriminator sees. [default: recipe's]"),
]
Track = Annotated[
    list[TrackerName] | None, typer.Option(help="Also send losses, health, samples to a tracker.")
]
SaveEvery = Annotated[str, typer.Option(help="Time between checkpoints: 90s, 5m, 1h.")]
Name = Annotated[
    str,
    typer.Argument(
        help="A model, or the config.json of a run to repeat.", autocompletion=completion.models
    ),
]


@app.command()
def train(
    name: Name,
    data: Data = None,
    stated_range: Range = "",
    settings: Settings = None,
    kimg: Kimg = None,
    budget: Budget = None,
    batch: Annotated[int | None, typer.Option(help="Images in a batch.")] = None,
    out: Out = None,
    seed: Annotated[int | None, typer.Option(help="Random seed. [default: 0]")] = None,
    init: Init = "",
    freeze: Freeze = None,
    augment: AugmentOption = None,
    device: Device = "auto",
    precision: Annotated[Precision, typer.Option(help="Number format.")] = Precision.auto,
    compile_it: Compile = False,
    accumulate: Accumulate = 1,
    on_collapse: OnCollapseOption = OnCollapse.warn,
    save_every: SaveEvery = "2m",
    keep: KeepOption = Keep.best,
    track: Track = None,
    report: Report = True,
    dry_run: Annotated[bool, typer.Option(help="Print the resolved run and stop.")] = False,
) -> None:
    """Train a model; the same command resumes an interrupted run.

    \b
    ganzoo train MODEL --budget 5m
    ganzoo train MODEL --data folder:PATH --set size=32 --set optimizer.lr=1e-4
    ganzoo train MODEL --init SOURCE --freeze discriminator:4 --data folder:PATH
    ganzoo train MODEL --data folder:PATH --augment ada
    ganzoo train runs/MODEL/config.json --out runs/again
    """  # noqa: D301
    keep_freed_memory()
    from ganzoo import training

    planned = partial(training.plan, name, settings=parse_settings(settings or []), init=init)
    planned = partial(planned, freeze=freeze or (), augment=augment and augment.value)
    data = with_range(data, stated_range)
    plan = planned(data=data, kimg=kimg, batch=batch, seed=seed, budget=budget)
    if dry_run:
        print(json.dumps(to_json(plan.run), indent=2))
        return
    result = training.train(
        plan,
        out=out,
        device=device,
        precision=precision.value,
        compile=compile_it,
        accumulate=accumulate,
        on_collapse=on_collapse.value,
        save_every=save_every,
        keep=keep.value,
        track=[each.value for each in track or ()],
        progress=True,
    )
    _finish(plan.run.model, result, on_collapse, report)


def _finish(model: str, result: TrainResult, on_collapse: OnCollapse, report: bool) -> None:
    """Say where the run is; exit with the code of a stopped run, if it was stopped."""
    collapsed = bool(result.verdict) and on_collapse is not OnCollapse.warn
    if int(os.environ.get("RANK", "0")) == 0:
        _report(model, result, collapsed)
        if report and (result.new_images or not (result.folder / "report.html").exists()):
            write_page(result.folder)
        if result.stopped or collapsed:
            raise typer.Exit(128 + result.signal if result.stopped else 1)


def _report(model: str, result: TrainResult, collapsed: bool) -> None:
    state, hint = "stopped" if result.stopped else "done", ""
    if result.stopped:
        hint = "; run the same command to resume"
    if collapsed:
        state, hint = "stopped: training collapse detected", ""
    if not (result.new_images or result.stopped or collapsed):
        state = "nothing was left to do (a larger --kimg or --budget trains longer), done"
    speed = f", {speed_text(result.speed)} images/s" if result.speed else ""
    losses = "".join(f", {key} {value:.3f}" for key, value in result.losses.items())
    print(f"{model}: {state} at {in_kimg(result.images)} kimg{speed}{losses}{hint}")
    drawn = next(name for name in SAMPLES if (result.folder / name).exists())
    command = shlex.join(["ganzoo", "sample", f"local-dir:{result.folder}"])
    print(f"see {result.folder}/{drawn}; {command}")

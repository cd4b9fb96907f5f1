"""What takes time: train, sample, bench."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from ganzoo import registry
from ganzoo.cli.typer_app import AsJson, Device, Seed, app, error_line, handle_errors
from ganzoo.errors import ConfigError
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.runtime.paths import SAMPLES
from ganzoo.spec.config import parse_settings, to_json


def _seconds(text: str) -> float:
    """``90``, ``90s``, ``5m`` or ``1h`` in seconds."""
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1)
    try:
        seconds = float(number) * unit
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ConfigError(f"a duration is written 90s, 5m or 1h, not {text!r}")
    return seconds


@app.command()
@handle_errors
def train(
    name: Annotated[str, typer.Argument(help="A model, or the config.json of a run to repeat.")],
    data: Annotated[
        str | None, typer.Option(help="mnist, cifar10, ..., folder:PATH, pairs:PATH, ...")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="See `ganzoo info`.")
    ] = None,
    kimg: Annotated[float | None, typer.Option(help="Length, in thousands of images.")] = None,
    budget: Annotated[str | None, typer.Option(help="Stop after so long: 90s, 5m, 1h.")] = None,
    batch: Annotated[int | None, typer.Option(help="Images in a batch.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder [runs/MODEL].")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random [0].")] = None,
    device: Device = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32, tf32, bf16 or fp16.")] = "auto",
    compile_it: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,
    accumulate: Annotated[int, typer.Option(help="Split each batch, to save memory.")] = 1,
    on_collapse: Annotated[str, typer.Option(help="warn, stop or rollback.")] = "warn",
    save_every: Annotated[str, typer.Option(help="Between checkpoints: 90s, 5m, 1h.")] = "2m",
    keep: Annotated[
        str, typer.Option(help="Checkpoints: the last alone, or the best too: last or best.")
    ] = "best",
    dry_run: Annotated[bool, typer.Option(help="Print the resolved run and stop.")] = False,
) -> None:
    """Train a model in a folder; the same command goes on where it was stopped.

    \b
    ganzoo train MODEL --budget 5m
    ganzoo train MODEL --data folder:PATH --set size=32 --set optimizer.lr=1e-4
    ganzoo train runs/MODEL/config.json --out runs/again
    """  # noqa: D301
    keep_freed_memory()
    from ganzoo import training as run
    from ganzoo.training import ComputeConfig

    plan = run.plan(
        name,
        settings=parse_settings(settings or []),
        data=data,
        kimg=kimg,
        batch=batch,
        seed=seed,
    )
    seconds = None if budget is None else _seconds(budget)
    engine = ComputeConfig(precision, compile_it, accumulate)  # type: ignore[arg-type] # checked inside
    if dry_run:
        print(json.dumps(to_json(plan), indent=2))
        return
    outcome = run.train(
        plan,
        out=out,
        budget=seconds,
        device=device,
        engine=engine,
        on_collapse=on_collapse,  # type: ignore[arg-type] # checked inside
        save_every=_seconds(save_every),
        keep=keep,  # type: ignore[arg-type] # checked inside
    )
    if int(os.environ.get("RANK", "0")):
        return
    state = "stopped; the same command goes on" if outcome.stopped else "done"
    if outcome.verdict and on_collapse != "warn":
        state = "stopped because it fails to thrive"
    speed = f", {outcome.speed:.0f} images/s" if outcome.speed else ""
    losses = "".join(f", {key} {value:.3f}" for key, value in outcome.losses.items())
    print(f"{plan.model}: {state} at {outcome.images / 1000:.1f} kimg{speed}{losses}")
    drawn = [name for name in SAMPLES if (outcome.folder / name).exists()]
    print(f"see {outcome.folder}/{drawn[0]}; ganzoo sample local-dir:{outcome.folder}")
    if outcome.stopped:
        raise typer.Exit(128 + outcome.signal)
    if outcome.verdict and on_collapse != "warn":
        raise typer.Exit(1)


@app.command()
@handle_errors
def sample(
    source: Annotated[str, typer.Argument(help="A model with weights, or local-dir:PATH.")],
    n: Annotated[
        int | None, typer.Option("-n", "--number", min=1, help="How many [64, or every source].")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="grid.png, .wav, .txt, array.npy, or a folder [samples.*]."
        ),
    ] = None,
    seed: Seed = 0,
    label: Annotated[int | None, typer.Option(help="Class, for models that have them.")] = None,
    given: Annotated[
        str | None,
        typer.Option("--source", help="What to translate or repair: image, folder, or data."),
    ] = None,
    hole: Annotated[
        Path | None, typer.Option("--mask", help="Image whose white is to be painted.")
    ] = None,
    raw: Annotated[
        bool, typer.Option(help="Raw weights, not their average (run folders).")
    ] = False,
    device: Device = "auto",
    precision: Annotated[str, typer.Option(help="fp32, tf32, bf16, fp16 or auto.")] = "fp32",
    compile_it: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,
) -> None:
    """Draw samples: the same seed gives the same samples.

    \b
    ganzoo sample MODEL -n 64 -o grid.png --seed 0
    ganzoo sample local-dir:runs/MODEL -n 50000 -o samples --precision auto
    ganzoo sample MODEL --source PATH -o translated   every image of a folder
    """  # noqa: D301
    keep_freed_memory()
    from ganzoo import hub
    from ganzoo.sampling import inputs as conditions
    from ganzoo.sampling import writers as output
    from ganzoo.training import ComputeConfig

    engine = ComputeConfig(precision, compile_it)  # type: ignore[arg-type] # checked inside
    gan = hub.load(source, device=device, raw=raw)
    inputs: dict[str, Any] = {} if label is None else {"label": label}
    names: list[str] = []
    if given is not None:
        inputs["source"], names = conditions.sources(gan, given, n, seed)
        n = len(inputs["source"])
    n = n or 64
    if hole is not None:
        inputs["mask"] = conditions.mask(gan, hole, n)
    path = out or Path(f"samples{output.suffix(gan)}")
    with engine.sampling(gan):
        written = output.write(gan, n, path, seed=seed, given=inputs, names=names)
    print(f"{n} samples of {source}, seed {seed}: {written}")


@app.command()
@handle_errors
def bench(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Models, globs allowed.")],
    budget: Annotated[str, typer.Option(help="Training time of a row; 0: only speed.")] = "4m",
    out: Annotated[Path | None, typer.Option(help="Folder [bench-DATE-TIME].")] = None,
    protocol: Annotated[str | None, typer.Option(help="How; left out, each model's own.")] = None,
    n: Annotated[int | None, typer.Option("-n", "--number", help="Samples.")] = None,
    seed: Seed = 0,
    seeds: Annotated[int, typer.Option(help="So many trainings of each, from --seed on.")] = 1,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Quality and speed of models, measured here: a table, rows as JSON, and pictures.

    \b
    ganzoo bench MODEL
    ganzoo bench '*.mnist' --budget 10m --seeds 3 --out comparison
    """  # noqa: D301
    keep_freed_memory()
    from dataclasses import asdict

    models = registry.match(names)
    seconds = _seconds(budget)
    from ganzoo import bench as benchmark

    folder = out or Path(time.strftime("bench-%Y%m%d-%H%M%S"))
    conditions = benchmark.BenchConfig(folder, seconds, seed, device, protocol, n, seeds)
    rows = []
    for row in benchmark.bench(models, conditions):
        rows.append(row)
        if row.error:
            error_line(f"{row.model} ({row.weights}): {row.error}")
        for warning in row.warnings:
            print(f"warning: {row.model}: {warning}", file=sys.stderr)
    benchmark.comparison_picture(rows, folder)
    (folder / "table.md").write_text(benchmark.summary_table(rows, markdown=True) + "\n")
    print(
        json.dumps([asdict(row) for row in rows], indent=2)
        if as_json
        else benchmark.summary_table(rows)
    )
    if not as_json:
        print(f"rows, runs and pictures in {folder}/")
    if any(row.error for row in rows):
        raise typer.Exit(1)

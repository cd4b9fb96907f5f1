"""``ganzoo bench``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo import registry
from ganzoo.cli.options import AsJson, Device, Samples, Seed
from ganzoo.cli.typer_app import app, error_line
from ganzoo.runtime.durations import parse_duration
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.runtime.paths import user_path

if TYPE_CHECKING:
    from ganzoo.bench import Row

Out = Annotated[
    Path | None,
    typer.Option(
        parser=user_path, metavar="PATH", help="Folder for results. [default: bench-DATE-TIME]"
    ),
]
Protocol = Annotated[
    str | None, typer.Option(help="Evaluation protocol. [default: each model's own]")
]


@app.command()
def bench(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Models, globs allowed.")],
    budget: Annotated[str, typer.Option(help="Training time of a row; 0 for speed only.")] = "4m",
    out: Out = None,
    protocol: Protocol = None,
    n: Samples = None,
    seed: Seed = 0,
    seeds: Annotated[int, typer.Option(help="Seeds per model, starting at --seed.")] = 1,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Measure quality and speed of models on this machine.

    Prints a table, and writes rows as JSON, run folders and pictures.

    \b
    ganzoo bench MODEL
    ganzoo bench '*.mnist' --budget 10m --seeds 3 --out comparison
    """  # noqa: D301
    keep_freed_memory()
    models, limit = registry.match(names), parse_duration(budget)
    from ganzoo import bench as benchmark

    folder = out or Path(time.strftime("bench-%Y%m%d-%H%M%S"))
    config = benchmark.BenchConfig(folder, limit, seed, device, protocol, n, seeds)
    rows = []
    for row in benchmark.bench(models, config):
        rows.append(row)
        if row.error:
            error_line(f"{row.model} ({row.weights}): {row.error}")
        for warning in row.warnings:
            print(f"warning: {row.model}: {warning}", file=sys.stderr)
    benchmark.comparison_picture(rows, folder)
    table = benchmark.summary_table(rows, markdown=True)
    (folder / "table.md").write_text(f"{table}\n", encoding="utf-8")
    _print(rows, folder, as_json)
    if any(row.error for row in rows):
        raise typer.Exit(1)


def _print(rows: list[Row], folder: Path, as_json: bool) -> None:
    from dataclasses import asdict

    from ganzoo import bench as benchmark

    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    print(benchmark.summary_table(rows))
    print(f"rows, runs and pictures in {folder}/")

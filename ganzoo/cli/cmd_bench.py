"""``ganzoo bench``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo.cli import completion
from ganzoo.cli.choices import TableFormat
from ganzoo.cli.options import AsJson, Device, Range, Report, Samples, Seed, Settings, with_range
from ganzoo.cli.pages import write_page
from ganzoo.cli.tables import Form, Wide, print_rows
from ganzoo.cli.typer_app import app, error_line
from ganzoo.errors import ConfigError
from ganzoo.runtime.durations import parse_duration
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.progress import say
from ganzoo.spec.config import parse_settings

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

Data = Annotated[
    str | None,
    typer.Option(
        help="Data set to train on. [default: each model's own]",
        autocompletion=completion.data_sets,
    ),
]
Sweep = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=A,B,...", help="Values of a setting; several make a grid."),
]
Shard = Annotated[
    str, typer.Option(metavar="I/N", help="Measure every N-th row alone, from the I-th on.")
]


@app.command()
def bench(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help="Models, globs allowed, or local-dir:PATH.",
            autocompletion=completion.models,
        ),
    ],
    data: Data = None,
    stated_range: Range = "",
    settings: Settings = None,
    budget: Annotated[str, typer.Option(help="Training time of a row; 0 for speed only.")] = "4m",
    out: Out = None,
    protocol: Protocol = None,
    n: Samples = None,
    seed: Seed = 0,
    seeds: Annotated[int, typer.Option(help="Seeds per model, starting at --seed.")] = 1,
    device: Device = "auto",
    sweep: Sweep = None,
    shard: Shard = "1/1",
    form: Form = TableFormat.table,
    wide: Wide = False,
    report: Report = True,
    as_json: AsJson = False,
) -> None:
    """Measure quality and speed of models on this machine.

    Prints a table, and writes rows as JSON, run folders and pictures. A folder keeps the rows of
    earlier calls, and finished runs are not repeated.

    \b
    ganzoo bench MODEL --data folder:PATH
    ganzoo bench '*.mnist' --budget 10m --seeds 3 --out comparison
    ganzoo bench MODEL --sweep optimizer.lr=1e-4,2e-4 --sweep batch=16,32 --seeds 3
    ganzoo bench local-dir:runs/ONE local-dir:runs/OTHER --format csv
    """  # noqa: D301
    keep_freed_memory()
    if data and any(":" in name for name in names):
        raise ConfigError("--data is for models that are trained here, not for trained weights")
    data = with_range(data, stated_range)
    limit, changes = parse_duration(budget), parse_settings(settings or [])
    from ganzoo import bench as benchmark

    targets = benchmark.find_targets(names)
    folder = out or Path(time.strftime("bench-%Y%m%d-%H%M%S"))
    config = benchmark.BenchConfig(
        *(folder, limit, seed, device, protocol, n, seeds, data, changes),
        sweep=_values(parse_settings(sweep or [], "--sweep")),
        shard=_shard(shard),
    )
    failed = False
    for row in benchmark.bench(targets, config):
        failed = _tell(row) or failed
    _show(folder, TableFormat.json if as_json else form, wide)
    if report:
        write_page(folder)
    if failed:
        raise typer.Exit(1)


def _show(folder: Path, form: TableFormat, wide: bool) -> None:
    """Write table and picture of all rows of a folder, and print the rows."""
    from ganzoo import bench as benchmark

    rows = benchmark.read_rows(folder)
    benchmark.comparison_picture(rows, folder)
    table = benchmark.summary_table(rows, markdown=True)
    (folder / "table.md").write_text(f"{table}\n", encoding="utf-8")
    print_rows(rows, form, wide)
    if form is TableFormat.table:
        more = "" if wide else "; --wide shows all columns"
        print(f"rows, runs and pictures in {folder}/{more}")


def _tell(row: Row) -> bool:
    """Report a row as it comes; True if it failed."""
    from ganzoo import bench as benchmark

    say(benchmark.row_line(row))
    if row.error:
        error_line(f"{row.model} ({row.weights}): {row.error}")
    for warning in row.warnings:
        print(f"warning: {row.model}: {warning}", file=sys.stderr)
    return bool(row.error)


def _values(sweep: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Swept values, separated by commas; by semicolons where a value has commas itself.

    Raises:
        ConfigError: a key without values, or with the same value twice.
    """
    found = {}
    for key, text in sweep.items():
        parts = [part.strip() for part in text.split(";" if ";" in text else ",")]
        if not all(parts) or len({*parts}) < len(parts):
            raise ConfigError(f"--sweep takes different values, e.g. {key}=1e-4,2e-4, not {text!r}")
        found[key] = tuple(parts)
    return found


def _shard(text: str) -> tuple[int, int]:
    """``"2/4"`` as two numbers.

    Raises:
        ConfigError: another spelling, or numbers that do not fit.
    """
    first, slash, last = text.partition("/")
    if slash and first.isdigit() and last.isdigit() and 1 <= int(first) <= int(last):
        return int(first), int(last)
    raise ConfigError(f"--shard is written 1/4 to 4/4, not {text!r}")

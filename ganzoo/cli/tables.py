"""Rows of benchmarks on stdout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo.cli.choices import TableFormat

if TYPE_CHECKING:
    from ganzoo.bench import Row

Form = Annotated[TableFormat, typer.Option("--format", help="Format of the rows on stdout.")]
Wide = Annotated[bool, typer.Option("--wide", help="All columns, not the first five.")]


def print_rows(rows: Sequence[Row], form: TableFormat, wide: bool) -> None:
    """Print rows in a format; CSV and JSON have all figures."""
    from dataclasses import asdict

    from ganzoo import bench

    found = list(rows)
    if form is TableFormat.json:
        print(json.dumps([asdict(row) for row in found], indent=2))
    elif form is TableFormat.csv:
        print(bench.csv_table(found))
    elif form is TableFormat.latex:
        print(bench.latex_table(found, wide))
    else:
        print(bench.summary_table(found, form is TableFormat.markdown, wide))

"""``ganzoo compare``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ganzoo.cli.choices import TableFormat
from ganzoo.cli.options import AsJson
from ganzoo.cli.tables import Form, Wide, print_rows
from ganzoo.cli.typer_app import app
from ganzoo.errors import RunError


@app.command()
def compare(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...", help="Run folders, bench folders, models, hf-hub:user/repo."
        ),
    ],
    protocol: Annotated[
        str | None, typer.Option(help="Protocol or its hash. [default: the most frequent]")
    ] = None,
    form: Form = TableFormat.table,
    wide: Wide = False,
    as_json: AsJson = False,
) -> None:
    """Compare scored runs and benchmarks in one table.

    Nothing is trained or scored: `ganzoo eval RUN --write` scores a run. Rows under another
    protocol than the others are left out, and named on stderr.

    \b
    ganzoo compare runs/ONE runs/OTHER
    ganzoo compare bench-ONE bench-OTHER MODEL --format latex
    ganzoo compare comparison --protocol quick --wide
    """  # noqa: D301
    from ganzoo import bench

    found = bench.compare(sources, protocol)
    for name, reason in found.left_out:
        print(f"left out: {name}: {reason}", file=sys.stderr)
    if not found.rows:
        raise RunError("nothing to compare: no row has scores")
    form = TableFormat.json if as_json else form
    print_rows(found.rows, form, wide)
    first = found.rows[0]
    if form is TableFormat.table:
        print(f"\nprotocol {first.protocol} ({first.protocol_hash}), {first.n:,} samples a row")

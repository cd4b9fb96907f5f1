"""``ganzoo list``."""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatchcase
from typing import Annotated

import typer

from ganzoo.cli import list_index
from ganzoo.cli.options import AsJson
from ganzoo.cli.typer_app import app
from ganzoo.errors import UnknownNameError
from ganzoo.runtime.text_table import format_table


@app.command("list")
def list_models(
    pattern: Annotated[
        str, typer.Argument(help="Part of a name, or a glob such as '*.mnist'.")
    ] = "*",
    pretrained: Annotated[bool, typer.Option(help="Only those with trained weights.")] = False,
    as_json: AsJson = False,
) -> None:
    """List models, their provider, and which have trained weights.

    \b
    ganzoo list
    ganzoo list '*.mnist' --json
    """  # noqa: D301
    rows, warnings = list_index.rows()
    for warning in warnings:
        print(warning, file=sys.stderr)
    if not any(sign in pattern for sign in "*?["):
        pattern = f"*{pattern}*"
    found = [row for row in rows if any(fnmatchcase(name, pattern) for name in _names(row))]
    if not found and pattern != "*":
        known = [row["model"] for row in rows]
        raise UnknownNameError("model that matches", pattern, known, "see `ganzoo list`")
    found = [row for row in found if row["weights"] or not pretrained]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    cells = [
        [
            row["model"],
            "yes" if row["weights"] else "-",
            row["data"],
            _provider(row),
            row["summary"],
        ]
        for row in found
    ]
    print(format_table(["MODEL", "WEIGHTS", "DATA", "PROVIDED BY", "SUMMARY"], cells))


def _names(row: list_index.Row) -> tuple[str, str, str]:
    """Names by which a pattern may ask for a model."""
    model = row["model"]
    return model.partition(".")[0], model, f"{row['distribution']}/{model}"


def _provider(row: list_index.Row) -> str:
    return f"{row['distribution']} {row['version']}" + (" (editable)" if row["editable"] else "")

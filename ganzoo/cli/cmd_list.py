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

    Without a pattern, one line for each architecture; with one, a line for each preset.

    \b
    ganzoo list
    ganzoo list 'MODEL.*'
    ganzoo list --pretrained
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
    elif pretrained:
        print(_weights(found))
    elif pattern == "*":
        print(_architectures(found))
    else:
        print(_presets(found))


def _architectures(rows: list[list_index.Row]) -> str:
    """Table with a line for each architecture: its presets, and how many have weights."""
    grouped: dict[str, list[list_index.Row]] = {}
    for row in rows:
        key = f"{row['distribution']}/{row['model'].partition('.')[0]}"
        grouped.setdefault(key, []).append(row)
    cells = []
    for group in grouped.values():
        first = group[0]
        own = sum(row["weights"] and not row["published"] for row in group)
        published = sum(bool(row["published"]) for row in group)
        name = first["model"].partition(".")[0]
        counts = [str(len(group)), str(own or "-"), str(published or "-")]
        cells.append([name, *counts, _provider(first), first["architecture"]])
    header = ["MODEL", "PRESETS", "TRAINED", "PUBLISHED", "PROVIDED BY", "SUMMARY"]
    hint = "Presets of one: `ganzoo list 'NAME.*'`; weights of all: `ganzoo list --pretrained`."
    return f"{format_table(header, cells)}\n\n{hint}"


def _presets(rows: list[list_index.Row]) -> str:
    """Table with a line for each preset."""
    cells = []
    for row in rows:
        needs = f"; to train: {row['needs']}" if row["needs"] and not row["published"] else ""
        cells.append(
            [row["model"], _kind(row), row["data"], _provider(row), f"{row['summary']}{needs}"]
        )
    return format_table(["MODEL", "WEIGHTS", "DATA", "PROVIDED BY", "SUMMARY"], cells)


def _weights(rows: list[list_index.Row]) -> str:
    """Table with a line for each preset that has weights: license, size, published scores."""
    cells = []
    for row in rows:
        facts = row["published"] or {"license": "", "size": 0, "scores": {}, "download": True}
        scores = ", ".join(f"{name} {value:g}" for name, value in facts["scores"].items())
        size = f"{facts['size'] / 1e6:,.0f} MB" if facts["size"] else "-"
        note = "" if facts["download"] else "; download by hand"
        accepted = " (to accept)" if facts.get("terms") else ""
        license_name = f"{facts['license']}{accepted}" or "-"
        cells.append(
            [row["model"], _kind(row), size, license_name, scores or "-", row["summary"] + note]
        )
    header = ["MODEL", "WEIGHTS", "SIZE", "LICENSE", "PUBLISHED SCORES", "SUMMARY"]
    return format_table(header, cells)


def _kind(row: list_index.Row) -> str:
    """Weights of a preset in one word."""
    if row["published"]:
        return "published"
    return "yes" if row["weights"] else "-"


def _names(row: list_index.Row) -> tuple[str, str, str]:
    """Names by which a pattern may ask for a model."""
    model = row["model"]
    return model.partition(".")[0], model, f"{row['distribution']}/{model}"


def _provider(row: list_index.Row) -> str:
    return f"{row['distribution']} {row['version']}" + (" (editable)" if row["editable"] else "")

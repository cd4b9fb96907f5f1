"""Table and picture of a benchmark."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from pathlib import Path

from PIL import Image

from ganzoo.bench.rows import Row
from ganzoo.bench.seed_groups import SeedGroup, distinct_settings, group_seeds
from ganzoo.runtime.text_table import format_latex, format_table
from ganzoo.sampling import grids
from ganzoo.spec.protocol import is_meaningful

HEADER = (
    *("model", "weights", "seed", "parameters"),
    *("train img/s", "sample img/s", "peak MB", "kimg"),
)

NESTED = ("values", "floor", "classes", "warnings", "settings", "spread")
"""Fields of a row that are no cell of a table."""


def latex_table(rows: list[Row], wide: bool = False) -> str:
    """The table as a LaTeX tabular for the package booktabs."""
    return format_latex(*_filled(*(wide_table(rows) if wide else _narrow(rows))))


def summary_table(rows: list[Row], markdown: bool = False, wide: bool = True) -> str:
    """Table of rows, and of real test data.

    Args:
        rows: the rows.
        markdown: as Markdown.
        wide: every column; scores of different protocols have different ones. False: five columns
            with the first score of each row.
    """
    header, body = _filled(*(wide_table(rows) if wide else _narrow(rows)))
    return format_table(header, body, markdown)


def _filled(header: list[str], body: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """The columns that have a value in some row."""
    kept = [place for place in range(len(header)) if any(cells[place] for cells in body)]
    return [header[place] for place in kept], [[cells[place] for place in kept] for cells in body]


def wide_table(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    """Header and cells of every column, with a row of real test data."""
    shown = ((row.protocol_hash, label) for row in rows for label in row.values)
    labels = list(dict.fromkeys(each for each in shown if is_meaningful(each[1])))
    plain = [label for _, label in labels]
    keys = sorted(distinct_settings(rows))
    scores = [f"{label} ({key})" if plain.count(label) > 1 else label for key, label in labels]
    body = []
    for row in rows:
        values = [
            row.values.get(name) if key == row.protocol_hash else None for key, name in labels
        ]
        body.append(
            [*_cells(row), *(row.settings.get(key, "") for key in keys), *map(_score, values)]
        )
    if floor := _floor(rows, labels):
        body.append([*floor[: len(HEADER)], *[""] * len(keys), *floor[len(HEADER) :]])
    return [*HEADER, *keys, *scores], body


def _narrow(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    groups = group_seeds(rows)
    firsts = {(row.protocol_hash, next(iter(row.values))) for row in rows if row.values}
    label = next(iter(firsts))[1] if len(firsts) == 1 else "score"
    body = []
    for group in groups:
        row = group.rows[0]
        speeds = [
            _figure(group.average(lambda row: row.train_images_per_second)),
            _figure(group.average(lambda row: row.sample_images_per_second)),
        ]
        if firsts:
            kimg = _figure(group.average(lambda row: row.kimg))
            body.append([group.label, row.weights, kimg, _group_score(group, label), speeds[0]])
        else:
            body.append([group.label, row.weights, _parameters(row), *speeds])
    if not firsts:
        return ["model", "weights", "parameters", "train img/s", "sample img/s"], body
    if len(firsts) == 1 and (found := [row.floor[label] for row in rows if label in row.floor]):
        body.append(["real test data", "", "", _score(found[0]), ""])
    return ["model", "weights", "kimg", label, "train img/s"], body


def _group_score(group: SeedGroup, column: str) -> str:
    """The first score of a group, with its spread, and its name if the column has another one."""
    if not group.values:
        return _first(group.rows[0], column)
    label, value = next(iter(group.values.items()))
    named = "" if label == column else f"{label} "
    spread = group.spread.get(label)
    return f"{named}{_score(value)}" + ("" if spread is None else f" ± {spread:.2g}")


def _first(row: Row, column: str) -> str:
    """The first score of a row, with its name where that is not the name of the column."""
    if not row.values:
        return "failed" if row.error else ""
    label, value = next(iter(row.values.items()))
    return _score(value) if label == column else f"{label} {_score(value)}"


def row_line(row: Row) -> str:
    """A row in words, for progress."""
    kimg = f", {row.kimg:.1f} kimg" if row.kimg is not None else ""
    speed = row.train_images_per_second
    trained = f", {_figure(speed)} img/s" if speed is not None else ""
    score = _first(row, "")
    changes = "".join(f" {key}={value}" for key, value in row.settings.items())
    return f"{row.model}{changes} ({row.weights}): {score or 'measured'}{kimg}{trained}"


def csv_table(rows: list[Row]) -> str:
    """All figures of all rows as comma-separated values, with a line of names."""
    keys = list(dict.fromkeys(key for row in rows for key in row.settings))
    labels = list(dict.fromkeys(label for row in rows for label in row.values))
    names = [field.name for field in fields(Row) if field.name not in NESTED]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, *keys, *labels])
    for row in rows:
        values = [getattr(row, name) for name in names]
        given = [row.settings.get(key) for key in keys]
        writer.writerow([*values, *given, *(row.values.get(label) for label in labels)])
    return text.getvalue().rstrip("\n")


def _cells(row: Row) -> list[str]:
    return [
        row.model,
        row.weights,
        str(row.seed),
        _parameters(row),
        _figure(row.train_images_per_second),
        _figure(row.sample_images_per_second),
        _figure(row.peak_megabytes),
        _figure(row.kimg),
    ]


def _parameters(row: Row) -> str:
    parameters = (row.generator_parameters or 0) + (row.discriminator_parameters or 0)
    return f"{parameters:,}" if parameters else ""


def _floor(rows: list[Row], labels: list[tuple[str, str]]) -> list[str]:
    """Scores of real test data under the first protocol, if a row has them."""
    if not labels:
        return []
    protocol, first = labels[0]
    for row in rows:
        if row.protocol_hash == protocol and first in row.floor:
            floor = [_score(row.floor.get(name)) if key == protocol else "" for key, name in labels]
            return ["real test data", *[""] * (len(HEADER) - 1), *floor]
    return []


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _score(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def comparison_picture(rows: list[Row], folder: Path) -> Path | None:
    """One picture with the first grid of each model, or None for fewer than two grids."""
    first = {(row.model, row.weights): row for row in reversed(rows)}
    drawn = [
        row
        for row in rows
        if row.picture.endswith(".png")
        and first[row.model, row.weights] is row
        and (folder / row.picture).is_file()
    ]
    if len(drawn) < 2:
        return None
    pictures = {}
    for row in drawn:
        title = f"{row.model} ({row.weights})"
        title += "".join(f"  {label} {value:.3g}" for label, value in list(row.values.items())[:1])
        with Image.open(folder / row.picture) as picture:
            pictures[title] = picture.copy()
    path = folder / "comparison.png"
    grids.save_png(grids.side_by_side(pictures), path)
    return path

"""Table and picture of a benchmark."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from ganzoo.bench.rows import Row
from ganzoo.runtime.text_table import format_table
from ganzoo.sampling import grids
from ganzoo.spec.protocol import is_meaningful

HEADER = (
    *("model", "weights", "seed", "parameters"),
    *("train img/s", "sample img/s", "peak MB", "kimg"),
)


def summary_table(rows: list[Row], markdown: bool = False) -> str:
    """Table of rows; scores of different protocols have different columns."""
    shown = ((row.protocol_hash, label) for row in rows for label in row.values)
    labels = list(dict.fromkeys(each for each in shown if is_meaningful(each[1])))
    plain = [label for _, label in labels]
    scores = [f"{label} ({key})" if plain.count(label) > 1 else label for key, label in labels]
    body = []
    for row in rows:
        values = [
            row.values.get(name) if key == row.protocol_hash else None for key, name in labels
        ]
        body.append([*_cells(row), *map(_score, values)])
    if floor := _floor(rows, labels):
        body.append(floor)
    return format_table([*HEADER, *scores], body, markdown)


def _cells(row: Row) -> list[str]:
    parameters = (row.generator_parameters or 0) + (row.discriminator_parameters or 0)
    return [
        row.model,
        row.weights,
        str(row.seed),
        f"{parameters:,}" if parameters else "",
        _figure(row.train_images_per_second),
        _figure(row.sample_images_per_second),
        _figure(row.peak_megabytes),
        _figure(row.kimg),
    ]


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
    drawn = [r for r in rows if r.picture.endswith(".png") and first[r.model, r.weights] is r]
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

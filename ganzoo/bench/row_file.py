"""Rows in the folder of a benchmark: those of several calls together, each measurement once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ganzoo.bench.rows import Row
from ganzoo.errors import RunError, UsageError
from ganzoo.runtime.files import atomic_write
from ganzoo.spec.config import from_json

ROWS = "rows.jsonl"
OF_TRAINING = ("train_images_per_second", "peak_megabytes")
"""Figures that a run has no more when nothing was left to train."""


def read_rows(folder: Path) -> list[Row]:
    """The rows of a folder; none if it has none yet.

    Raises:
        RunError: the file is damaged.
    """
    path = folder / ROWS
    rows = []
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            rows.append(from_json(Row, json.loads(line)))
        except (ValueError, UsageError) as error:
            raise RunError(
                f"{path}, line {number}, is no row: {error}; choose another --out"
            ) from error
    return rows


def write_rows(folder: Path, rows: Sequence[Row]) -> None:
    """Write the rows of a folder.

    Raises:
        OSError: it cannot be written.
    """
    text = "".join(json.dumps(asdict(row)) + "\n" for row in rows)
    with atomic_write(folder / ROWS) as temporary:
        temporary.write_text(text, encoding="utf-8")


def merge_row(rows: Sequence[Row], new: Row) -> list[Row]:
    """Rows with a new one, which replaces an earlier measurement of the same.

    A failure replaces failures only.
    """
    same = [row for row in rows if _measured(row) == _measured(new)]
    if new.error and any(not row.error for row in same):
        return [*rows]
    replaced = [row for row in same if row.error or _scored(row) == _scored(new)]
    for row in replaced:
        kept = {name: getattr(row, name) for name in OF_TRAINING if getattr(new, name) is None}
        new = replace(new, **kept)
    merged: list[Row] = []
    for row in rows:
        if row not in replaced:
            merged.append(row)
        elif new not in merged:
            merged.append(new)
    return merged if replaced else [*merged, new]


def _measured(row: Row) -> tuple[str, str, str, int]:
    return row.distribution, row.model, row.weights, row.seed


def _scored(row: Row) -> tuple[str, str]:
    return row.protocol_hash, row.data

"""Rows in the folder of a benchmark: those of several calls or shards, each measurement once."""

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
SHARDS = "rows.*.jsonl"
OF_TRAINING = ("train_images_per_second", "peak_megabytes")
"""Figures that a run has no more when nothing was left to train."""


def read_rows(folder: Path) -> list[Row]:
    """The rows of a folder, all shards together; none if it has none yet.

    Raises:
        RunError: a file is damaged.
    """
    rows: list[Row] = []
    files = [path for path in (folder / ROWS, *folder.glob(SHARDS)) if path.is_file()]
    for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name)):
        for row in read_row_file(path):
            rows = merge_row(rows, row)
    return rows


def read_row_file(path: Path) -> list[Row]:
    """The rows of one file; none if it does not exist.

    Raises:
        RunError: it is damaged.
    """
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


def row_file(folder: Path, shard: tuple[int, int] = (1, 1)) -> Path:
    """File of the rows that one call writes: shards that run at the same time have their own."""
    return folder / (ROWS if shard[1] == 1 else SHARDS.replace("*", f"{shard[0]}-of-{shard[1]}"))


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write a file of rows.

    Raises:
        OSError: it cannot be written.
    """
    text = "".join(json.dumps(asdict(row)) + "\n" for row in rows)
    with atomic_write(path) as temporary:
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


def _measured(row: Row) -> tuple[object, ...]:
    settings = tuple(sorted(row.settings.items()))
    return row.distribution, row.model, row.weights, row.seed, settings


def _scored(row: Row) -> tuple[str, str]:
    return row.protocol_hash, row.data

"""Generated tables of benchmark results, from the files in benchmarks/results."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from markdown import figure, mean, table
from model_tables import HIDDEN_SCORES

from ganzoo.bench import Row
from ganzoo.spec.config import from_json

MEASURED = ("train_images_per_second", "sample_images_per_second", "peak_megabytes", "kimg")


def results(path: Path, page_folder: Path) -> str:
    """One table per protocol of a result file, then its failures and its samples.

    Args:
        path: the result file.
        page_folder: folder of the page that links to it.
    """
    facts = json.loads(path.read_text())
    rows = [from_json(Row, row) for row in facts["rows"]]
    origin = f"{facts['device']}, torch {facts['torch']}, {facts['date']}"
    link = os.path.relpath(path, page_folder)
    made = f"Made by `{facts['command']}` on {origin}; [rows]({link})."
    by_protocol: dict[tuple[str, str, int | None], list[Row]] = {}
    for row in rows:
        if not row.error:
            by_protocol.setdefault((row.protocol, row.protocol_hash, row.n), []).append(row)
    failures = [f"* {row.model}, seed {row.seed}: {row.error}" for row in rows if row.error]
    picture = Path(link).with_suffix(".png")
    samples = [f"![samples]({picture})"] if path.with_suffix(".png").exists() else []
    tables = map(rows_table, by_protocol.values())
    return "\n\n".join([f"**{facts['what']}**. {made}", *tables, *failures, *samples])


def rows_table(rows: Sequence[Row]) -> str:
    """Rows of one protocol; the rows of one model with several seeds are averaged."""
    labels = dict.fromkeys(label for row in rows for label in row.values)
    shown = [label for label in labels if not label.startswith(HIDDEN_SCORES)]
    header = ["model", "weights", "seed", "parameters", "train img/s", "sample img/s", "peak MB"]
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.model, row.weights), []).append(row)
    body = [group_cells(group, shown) for group in groups.values()]
    floor = {label: value for row in rows for label, value in row.floor.items()}
    if floor:
        scores = [figure(floor.get(label)) for label in shown]
        body.append(["real test data", *[""] * 7, *scores])
    first = rows[0]
    title = f"`{first.protocol}` ({first.protocol_hash}), {figure(first.n, ',')} samples:\n\n"
    return (title if first.protocol else "") + table([*header, "kimg", *shown], body)


def group_cells(group: Sequence[Row], shown: Sequence[str]) -> list[str]:
    """Cells of one model, averaged over its seeds."""
    row, seeds = group[0], [each.seed for each in group]
    parameters = (row.generator_parameters or 0) + (row.discriminator_parameters or 0) or None
    measured = [mean([getattr(each, name) for each in group], ",.0f") for name in MEASURED]
    scores = [
        mean([each.values.get(label) for each in group], ".4g", spread=True) for label in shown
    ]
    return [
        row.model,
        row.weights,
        f"{seeds[0]} to {seeds[-1]}" if seeds[1:] else str(row.seed),
        figure(parameters, ",.0f"),
        *measured,
        *scores,
    ]

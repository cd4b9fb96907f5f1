"""Rows of runs and results from many places, for one table."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ganzoo import hub
from ganzoo.bench.row_file import ROWS, SHARDS, read_row_file, read_rows
from ganzoo.bench.rows import Row
from ganzoo.errors import GanzooError, UnknownNameError, WeightsError
from ganzoo.hub.card import read_metrics
from ganzoo.hub.model_folder import read_facts
from ganzoo.runtime.paths import user_path


@dataclass(frozen=True)
class Comparison:
    """Rows that can be compared, and what was left out."""

    rows: tuple[Row, ...]
    """All under the same protocol."""
    left_out: tuple[tuple[str, str], ...]
    """Name and reason of each."""


def compare(sources: Iterable[str], protocol: str | None = None) -> Comparison:
    """Rows of runs and results that share a protocol hash.

    Args:
        sources: run and model folders, folders of ``ganzoo bench`` or their files of rows, names of
            models, ``local-dir:PATH`` and ``hf-hub:user/repo``.
        protocol: name or hash of the protocol; left out, the one that most rows have.

    Raises:
        UnknownNameError, UsageError: a source or protocol that does not exist.
        RunError, WeightsError: a folder that is damaged or holds nothing to compare.
    """
    found: list[Row] = []
    left_out: list[tuple[str, str]] = []
    for source in sources:
        try:
            found += _rows_of(source)
        except NoScoreError as error:
            left_out.append((source, str(error)))
    found = list(_with_distinct_names(found))
    scored = [row for row in found if row.values]
    wanted = [row for row in scored if protocol in (None, row.protocol, row.protocol_hash)]
    if scored and not wanted:
        known = {name for row in scored for name in (row.protocol, row.protocol_hash)}
        raise UnknownNameError("protocol of these rows", str(protocol), known)
    counts = Counter(row.protocol_hash for row in wanted)
    chosen = counts.most_common(1)[0][0] if counts else ""
    used = next((row for row in wanted if row.protocol_hash == chosen), None)
    rows = [row for row in wanted if row.protocol_hash == chosen]
    others = [row for row in found if row not in rows]
    left_out += [(f"{row.model} ({row.weights})", _reason(row, used)) for row in others]
    return Comparison(tuple(rows), tuple(left_out))


class NoScoreError(GanzooError):
    """A model folder without scores."""


def _rows_of(source: str) -> list[Row]:
    path = user_path(source)
    if path.is_dir() and not (path / hub.CONFIG).exists():
        if not (path / ROWS).exists() and not list(path.glob(SHARDS)):
            raise WeightsError(
                f"{source} holds neither a run ({hub.CONFIG}) nor rows of a bench ({ROWS})"
            )
        return read_rows(path)
    if path.is_file() and path.suffix == ".jsonl":
        return read_row_file(path)
    if path.is_dir():
        return [_row_of_model(source, path)]
    return [_row_of_model(source, hub.find_folder(source))]


def _row_of_model(source: str, folder: Path) -> Row:
    """Scores that a model folder states, as a row.

    Raises:
        NoScoreError: it states none.
        WeightsError: it is damaged.
    """
    run, metrics = hub.read_config(folder / hub.CONFIG), read_metrics(folder)
    if metrics is None:
        command = shlex.join(["ganzoo", "eval", f"local-dir:{folder}", "--write"])
        raise NoScoreError(f"it has no scores yet: `{command}`")
    facts = read_facts(folder / hub.WEIGHTS)
    kimg = facts.get("trained for", "").partition(" ")[0]
    return Row(
        model=source,
        distribution=run.distribution,
        version=run.version,
        editable=run.editable,
        weights=run.model,
        seed=run.seed,
        device=facts.get("device", ""),
        torch=facts.get("torch", ""),
        ganzoo=facts.get("ganzoo", ""),
        kimg=float(kimg) if kimg.replace(".", "", 1).isdigit() else None,
        n=metrics["n"],
        protocol=metrics["protocol"]["name"],
        protocol_hash=metrics["protocol_hash"],
        values=metrics["values"],
        floor=metrics.get("floor", {}),
        spread=metrics.get("spread", {}),
        data=metrics["protocol"].get("data", ""),
    )


def _with_distinct_names(rows: Iterable[Row]) -> Iterator[Row]:
    """Number the rows of the same measurement in different results."""
    seen: Counter[object] = Counter()
    for row in rows:
        key = row.model, row.weights, row.seed, tuple(row.settings.items()), row.protocol_hash
        seen[key] += 1
        yield row if seen[key] == 1 else replace(row, model=f"{row.model} ({seen[key]})")


def _reason(row: Row, used: Row | None) -> str:
    """Why a row is not in the table."""
    if row.error:
        return f"it failed: {row.error}"
    if not row.values:
        return "it has no scores, speed alone was measured"
    ours = f"{row.protocol} with n={row.n} ({row.protocol_hash})"
    if used is None:
        return f"it was scored under {ours}"
    theirs = f"{used.protocol} with n={used.n} ({used.protocol_hash})"
    return f"it was scored under {ours}, the table is of {theirs}"

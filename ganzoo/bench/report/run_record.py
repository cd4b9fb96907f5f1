"""Content of a run folder, as a report shows it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganzoo import hub
from ganzoo.bench.row_file import read_rows
from ganzoo.bench.rows import Row
from ganzoo.errors import GanzooError, RunError
from ganzoo.hub import RunConfig
from ganzoo.hub.card import read_metrics
from ganzoo.hub.model_folder import CONFIG
from ganzoo.runtime import summary_files
from ganzoo.sampling import series

Line = Mapping[str, Any]


@dataclass(frozen=True)
class RunRecord:
    """A run: its config, logs, scores and pictures."""

    name: str
    """As it is shown: unique in a report."""
    folder: Path
    run: RunConfig
    losses: Sequence[Line]
    """Lines of metrics.jsonl."""
    health: Sequence[Line]
    """Lines of health.jsonl."""
    summary: Mapping[str, Any]
    """Content of summary.json; empty for a run that was killed."""
    scores: Mapping[str, Any] | None
    """Content of metrics.json, or the same from the row of a benchmark."""
    grids: Sequence[tuple[float, Path]] = ()
    """Kimg and file of each sample grid, in order."""
    about: str = ""
    """The model in one sentence; empty where its plugin is not installed."""
    floor: Mapping[str, float] = field(default_factory=dict)
    """Health measurements of real data."""

    @property
    def kimg(self) -> float:
        """Thousands of images seen, as far as the logs say."""
        images = [line.get("images", 0) for line in (*self.losses[-1:], *self.health[-1:])]
        return max([*images, self.summary.get("images", 0)], default=0) / 1000

    def picture(self, name: str) -> Path | None:
        """A file of the summary with any suffix, if it is there."""
        stem = Path(name).stem
        found = sorted((self.folder / summary_files.FOLDER).glob(f"{stem}.*"))
        return found[0] if found else None


def read_runs(paths: Sequence[Path]) -> tuple[list[RunRecord], list[Row]]:
    """Runs of run folders and of folders of benchmarks, and the rows of the latter.

    Raises:
        RunError: neither, or nothing in it.
    """
    folders: list[Path] = []
    rows: list[Row] = []
    for path in paths:
        if any(path.glob("rows*.jsonl")):
            rows += read_rows(path)
            folders += sorted(each.parent for each in path.glob(f"*/{CONFIG}"))
        elif (path / CONFIG).is_file():
            folders.append(path)
        else:
            missing = f"it has no {CONFIG}" if path.is_dir() else "there is no such folder"
            raise RunError(
                f"{path} is no run and no benchmark, {missing}: give the --out of"
                " `ganzoo train` or `ganzoo bench`"
            )
    folders = list(dict.fromkeys(folders))
    return [read_run(folder, name) for folder, name in _names(folders)], rows


def _names(folders: Sequence[Path]) -> list[tuple[Path, str]]:
    """Folders with short names: the folder's own, or its whole path where two are equal."""
    counts = Counter(folder.resolve().name for folder in folders)
    short = [(each, each.resolve().name) for each in folders]
    return [(each, name if counts[name] == 1 else str(each)) for each, name in short]


def read_run(folder: Path, name: str) -> RunRecord:
    """A run from its folder; damaged parts are left out.

    Raises:
        WeightsError: no config.json.
        FormatError: a newer ganzoo wrote it.
    """
    run = hub.read_config(folder / CONFIG)
    summary = _read_json(folder / summary_files.FOLDER / summary_files.SUMMARY)
    try:
        scores, about = read_metrics(folder), run.resolve().spec.summary
    except GanzooError:
        scores, about = None, ""
    grids = series.read(folder / series.FOLDER)
    return RunRecord(
        name=name,
        folder=folder,
        run=run,
        losses=_read_lines(folder / "metrics.jsonl"),
        health=_read_lines(folder / "health.jsonl"),
        summary=summary,
        scores=scores,
        grids=grids,
        about=about,
        floor=summary.get("floor", {}),
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """Lines of a log; the last one may be half written."""
    lines = []
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    for line in text.splitlines():
        try:
            content = json.loads(line)
        except ValueError:
            continue
        if isinstance(content, dict):
            lines.append(content)
    return lines

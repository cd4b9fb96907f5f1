"""One self-contained HTML page on runs: it needs no network, and opens from the disk."""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from ganzoo.bench.report import html_tables, sections
from ganzoo.bench.report.run_record import RunRecord, read_runs
from ganzoo.bench.rows import Row
from ganzoo.bench.summary import wide_table
from ganzoo.errors import RunError
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.version import VERSION

log = logging.getLogger("ganzoo")

FILE = "report.html"
"""Name of a report in its run folder."""


def write_report(runs: str | Path | Sequence[str | Path], out: str | Path | None = None) -> Path:
    """Write one page on runs and benchmarks.

    Args:
        runs: run folders, or folders of `ganzoo bench`.
        out: the page; left out, ``report.html`` in the folder, or here for several folders.

    Returns:
        The page.

    Raises:
        RunError: a folder of neither kind, or a page that cannot be written.
        WeightsError, FormatError: a config that cannot be read.
    """
    folders = [Path(each) for each in ([runs] if isinstance(runs, str | Path) else runs)]
    target = Path(out) if out else folders[0] / FILE if len(folders) == 1 else Path(FILE)
    found, rows = read_runs(folders)
    text = page(found, rows)
    try:
        with atomic_write(target) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def write_report_safely(folder: Path) -> Path | None:
    """Write the page of a folder; a fault is one warning, and the result None."""
    try:
        return write_report(folder)
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        log.warning("no report of %s: %s", folder, reason)
        return None


def page(runs: Sequence[RunRecord], rows: Sequence[Row] = ()) -> str:
    """The page as text."""
    own = files("ganzoo.bench.report")
    title = runs[0].run.model if len(runs) == 1 else f"{len(runs)} runs"
    body = "".join(
        f"<section><h2>{html.escape(name)}</h2>{content}</section>"
        for name, content in _sections(runs, rows)
        if content
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{html.escape(title)} - ganzoo report</title>"
        f"<style>{(own / 'page.css').read_text(encoding='utf-8')}</style></head>\n<body>"
        f"<header><h1>{html.escape(title)}</h1>{_about(runs)}</header>\n<main>{body}</main>\n"
        f'<footer class="soft">ganzoo {html.escape(VERSION)}</footer>'
        f"<script>{(own / 'page.js').read_text(encoding='utf-8')}</script></body></html>\n"
    )


def _about(runs: Sequence[RunRecord]) -> str:
    if len(runs) == 1:
        about = f"<p>{html.escape(runs[0].about)}</p>" if runs[0].about else ""
        return f"{about}{sections.verdicts(runs)}{sections.facts(runs[0])}"
    names = ", ".join(dict.fromkeys(run.run.model for run in runs))
    return f'<p class="soft">{html.escape(names)}</p>' if names else ""


def _sections(runs: Sequence[RunRecord], rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    if rows:
        yield "Benchmark", html_tables.html_table(*wide_table(list(rows)))
        failed = [[row.model, row.error] for row in rows if row.error]
        if failed:
            yield "Failed", html_tables.html_table(["model", "reason"], failed)
    if not runs:
        return
    if len(runs) > 1:
        yield "Runs", html_tables.html_table(html_tables.HEADER, html_tables.run_rows(runs))
    media = sections.MEDIA_BYTES
    yield "Samples over time", sections.samples(runs, media * 7 // 10)
    yield from sections.pictures(runs, media * 3 // 10)
    yield "Losses and health", sections.all_plots(runs)
    if len(runs) > 1:
        yield "Verdicts", sections.verdicts(runs)
    yield "Scores", sections.scores(runs)
    yield "Classes", sections.classes(runs)
    yield "Repeat", sections.provenance(runs)

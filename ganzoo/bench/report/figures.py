"""Figures and tables of a report as files for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganzoo.bench.report import html_tables
from ganzoo.bench.report.drawing import save_figure
from ganzoo.bench.report.plots import plots
from ganzoo.bench.report.run_record import RunRecord
from ganzoo.errors import RunError
from ganzoo.runtime.text_table import format_latex


def write_figures(runs: Sequence[RunRecord], folder: Path) -> list[str]:
    """Write each plot as PDF, PNG and CSV, and the table of runs as CSV and LaTeX.

    Returns:
        Names of the plots.

    Raises:
        RunError: the folder cannot be written, or matplotlib is missing.
    """
    names = []
    rows = html_tables.run_rows(runs)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for plot in plots(runs):
            save_figure(plot, folder)
            numbers = html_tables.plot_csv(plot)
            (folder / f"{plot.name}.csv").write_text(numbers, encoding="utf-8")
            names.append(plot.name)
        text = html_tables.csv_text(html_tables.HEADER, rows)
        (folder / "runs.csv").write_text(text, encoding="utf-8")
        latex = format_latex(html_tables.HEADER, rows)
        (folder / "runs.tex").write_text(latex, encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {folder}: {error.strerror or error}") from error
    return names

"""``ganzoo report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli.options import folder_path
from ganzoo.cli.typer_app import app
from ganzoo.runtime.paths import user_path

Runs = Annotated[
    list[Path],
    typer.Argument(parser=folder_path, metavar="RUN...", help="Folders of train or bench."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        *("-o", "--out"),
        parser=user_path,
        metavar="PATH",
        help="The page. [default: report.html in RUN, or here for several]",
    ),
]
Figures = Annotated[
    Path | None,
    typer.Option(
        parser=user_path,
        metavar="DIR",
        help="Also write PDF, PNG, CSV and LaTeX for a paper.",
    ),
]


@app.command()
def report(runs: Runs, out: Out = None, figures: Figures = None) -> None:
    """Write one HTML page on runs: samples, losses, health, scores, speed.

    The page needs no network. Several runs are compared: their curves share each plot.

    \b
    ganzoo report runs/ONE
    ganzoo report runs/ONE runs/OTHER -o compared.html
    ganzoo report runs/ONE --figures figures
    """  # noqa: D301
    from ganzoo.bench import report as reports

    page = reports.write_report(runs, out)
    print(f"report: {page} ({page.stat().st_size / 1e6:.1f} MB)")
    if figures:
        found, _ = reports.read_runs(runs)
        names = reports.write_figures(found, figures)
        print(f"figures: {', '.join(names)}, runs in {figures}/")

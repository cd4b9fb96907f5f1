"""Tables of a report: numbers of plots, rows of runs, scores, classes."""

from __future__ import annotations

import csv
import html
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ganzoo.bench.report.plots import Plot
from ganzoo.bench.report.run_record import RunRecord
from ganzoo.runtime.durations import rounded
from ganzoo.spec.protocol import is_meaningful

MOST_ROWS = 40
"""Rows of a plot's table in a page."""
HEADER = ("run", "model", "data", "kimg", "seconds", "images/s", "MB", "FD", "recall", "verdict")


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that scrolls sideways on a narrow screen."""
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in header)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def number(value: object) -> str:
    """A number as it is shown, in four digits; empty for None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def plot_rows(plot: Plot, most: int | None = None) -> tuple[list[str], list[list[float | None]]]:
    """Header and rows of a plot's numbers: kimg, a column for each curve, and real data.

    Args:
        plot: the plot.
        most: rows, evenly chosen with the last one; None for all.
    """
    curves = [dict(zip(curve.x, curve.y, strict=True)) for curve in plot.curves]
    kimg = sorted({x for curve in curves for x in curve})
    if most and len(kimg) > most:
        kimg = [kimg[round(i * (len(kimg) - 1) / (most - 1))] for i in range(most)]
    floors = [curve for curve in plot.curves if curve.floor is not None]
    header = ["kimg", *(curve.label for curve in plot.curves)]
    header += [f"real data, {curve.label}" for curve in floors]
    real = [curve.floor for curve in floors]
    return header, [[x, *(curve.get(x) for curve in curves), *real] for x in kimg]


def plot_csv(plot: Plot) -> str:
    """All numbers of a plot as comma-separated values."""
    header, rows = plot_rows(plot)
    return csv_text(header, rows)


def csv_text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Comma-separated values with a line of names."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def run_rows(runs: Sequence[RunRecord]) -> list[list[str]]:
    """Rows of runs, as `HEADER` names their cells."""
    rows = []
    for run in runs:
        health = run.health[-1] if run.health else {}
        summary = run.summary
        seconds = summary.get("seconds", run.losses[-1].get("seconds") if run.losses else None)
        rows.append(
            [
                run.name,
                run.run.model,
                run.run.recipe.data,
                f"{run.kimg:.1f}",
                number(None if seconds is None else round(seconds)),
                number(summary.get("speed") and round(summary["speed"])),
                number(round(summary["memory"]["megabytes"])) if "memory" in summary else "",
                number(health.get("fd")),
                number(health.get("recall")),
                str(health.get("verdict") or ("no problem" if health else "not measured")),
            ]
        )
    return rows


def score_table(scores: Mapping[str, Any]) -> str:
    """Scores under a protocol, beside those of real test data."""
    spread, floor = scores.get("spread") or {}, scores.get("floor") or {}
    rows = [
        [label, number(value), number(spread.get(label)), number(floor.get(label))]
        for label, value in scores["values"].items()
        if is_meaningful(label)
    ]
    return html_table(["score", "samples", "standard deviation", "real test data"], rows)


def class_table(classes: Mapping[str, Any]) -> str:
    """Share of each class among samples and data, with bars, and the accuracy where it is known."""
    accuracy = classes.get("accuracy")
    top = max([*classes["data"], *classes["samples"], 1e-9])
    rows = []
    for index, share in enumerate(classes["samples"]):
        name = classes["names"][index] if index < len(classes["names"]) else str(index)
        right = f"<td>{accuracy[index]:.3f}</td>" if accuracy else ""
        width = f"{100 * share / top:.1f}%"
        rows.append(
            f"<tr><td>{html.escape(name)}</td><td>{share:.3f}</td>"
            f"<td>{classes['data'][index]:.3f}</td>{right}"
            f'<td class="bar"><i style="width:{width}"></i></td></tr>'
        )
    last = "<th>accuracy</th>" if accuracy else ""
    head = f"<tr><th>class</th><th>samples</th><th>data</th>{last}<th></th></tr>"
    return (
        f'<div class="scroll" tabindex="0"><table><thead>{head}</thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def time_text(seconds: float | None) -> str:
    """A duration in words; empty for None."""
    return "" if seconds is None else rounded(seconds)

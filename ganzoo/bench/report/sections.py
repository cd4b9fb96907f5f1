"""Sections of a report as HTML."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from ganzoo.bench.report import html_tables
from ganzoo.bench.report.drawing import svg
from ganzoo.bench.report.media import embed
from ganzoo.bench.report.plots import Plot, plots
from ganzoo.bench.report.repeat import command
from ganzoo.bench.report.run_record import RunRecord
from ganzoo.runtime.summary_files import INTERPOLATION, NEIGHBORS

MEDIA_BYTES = 2_000_000
"""Limit of all pictures, sounds and texts of a page."""
FRAMES = 24
"""Sample grids of a run in a page."""
MOST_GRIDS = 160
"""Sample grids of all runs in a page."""


def facts(run: RunRecord) -> str:
    """Most important facts on a run, as cards."""
    summary, recipe = run.summary, run.run.recipe
    memory = summary.get("memory", {})
    last = run.health[-1] if run.health else {}
    values = {
        "data": str(summary.get("data", recipe.data)),
        "trained for": str(summary.get("trained for", f"{run.kimg:.1f} of {recipe.kimg:g} kimg")),
        "time": html_tables.time_text(summary.get("seconds")),
        "speed": f"{summary['speed']:,.0f} images/s" if summary.get("speed") else "",
        "device": str(summary.get("device", "")),
        f"memory ({memory.get('kind')})": f"{memory['megabytes']:,.0f} MB" if memory else "",
        "parameters": ", ".join(f"{k} {v:,}" for k, v in summary.get("parameters", {}).items()),
        "FD, health log": _beside(last.get("fd"), run.floor.get("fd")),
        "recall, health log": _beside(last.get("recall"), run.floor.get("recall")),
    }
    cards = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in values.items()
        if value
    )
    return f'<dl class="facts">{cards}</dl>'


def _beside(value: object, floor: float | None) -> str:
    if value is None:
        return ""
    return html_tables.number(value) + (
        f" (real data {html_tables.number(floor)})" if floor else ""
    )


def verdicts(runs: Sequence[RunRecord]) -> str:
    """Health verdicts in words."""
    return "".join(f"<p>{_verdict(run, len(runs) > 1)}</p>" for run in runs)


def _verdict(run: RunRecord, named: bool) -> str:
    name = f"<b>{html.escape(run.name)}</b>: " if named else ""
    if not run.health:
        return f"{name}Health is not measured: it is every 20 kimg, and the run is shorter."
    problems: dict[str, float] = {}
    for line in run.health:
        if line.get("verdict"):
            problems.setdefault(str(line["verdict"]), line["images"] / 1000)
    count = f"{len(run.health)} measurement{'s' * (len(run.health) > 1)}"
    if not problems:
        return f'{name}<span class="good">no problem found in {count}.</span>'
    said = "; ".join(f"at {kimg:.0f} kimg: {html.escape(text)}" for text, kimg in problems.items())
    return f'{name}<span class="bad">{said}</span>'


def samples(runs: Sequence[RunRecord], limit: int) -> str:
    """Sample grids over time from the same latents, with a slider."""
    most = max(2, min(FRAMES, MOST_GRIDS // max(1, len(runs))))
    chosen = {run.name: _thinned(run.grids, most) for run in runs if run.grids}
    count = sum(map(len, chosen.values()))
    if not count:
        return '<p class="soft">The run has no sample grids.</p>'
    stops = sorted({round(kimg, 3) for grids in chosen.values() for kimg, _ in grids})
    figures = []
    for name, grids in chosen.items():
        frames = "".join(_frame(kimg, path, limit // count) for kimg, path in grids)
        title = f"<figcaption>{html.escape(name)}</figcaption>" if len(runs) > 1 else ""
        figures.append(f'<figure>{title}<div class="frames">{frames}</div></figure>')
    slider = (
        '<div class="slider"><button id="play" type="button">Play</button>'
        f'<input id="time" type="range" min="0" max="{len(stops) - 1}" value="{len(stops) - 1}"'
        f' aria-label="thousands of images seen" data-kimg="{html.escape(json.dumps(stops))}">'
        f'<output id="kimg" for="time">{stops[-1]} kimg</output></div>'
    )
    one = " one" if len(figures) == 1 else ""
    return f'{slider}<div class="grids{one}">{"".join(figures)}</div>'


def _frame(kimg: float, path: Path, limit: int) -> str:
    shown = embed(path, limit, f"samples at {kimg:g} kimg")
    return f'<div data-kimg="{round(kimg, 3)}">{shown or html.escape(path.name)}</div>'


def _thinned(grids: Sequence[tuple[float, Path]], most: int) -> list[tuple[float, Path]]:
    """At most so many grids, evenly chosen, the first and the last among them."""
    if len(grids) <= most:
        return list(grids)
    return [grids[round(i * (len(grids) - 1) / (most - 1))] for i in range(most)]


def pictures(runs: Sequence[RunRecord], limit: int) -> Iterator[tuple[str, str]]:
    """Title and content of the sections with interpolations and neighbors."""
    for name, title, note in (
        (INTERPOLATION, "Latent interpolation", "Each row goes from one latent to another."),
        (NEIGHBORS, "Nearest training images", ""),
    ):
        figures = []
        for run in runs:
            path = run.picture(name)
            if path is None:
                continue
            shown = embed(path, limit // max(1, 2 * len(runs)), f"{title} of {run.name}")
            text = note if name == INTERPOLATION else _neighbor_note(run)
            caption = f"{run.name}. {text}" if len(runs) > 1 else text
            figures.append(
                f"<figure>{shown}<figcaption>{html.escape(caption)}</figcaption></figure>"
            )
        if figures:
            one = " one" if len(figures) == 1 else ""
            yield title, f'<div class="grids{one}">{"".join(figures)}</div>'


def _neighbor_note(run: RunRecord) -> str:
    found = run.summary.get("neighbors", {})
    return (
        "Each row is a sample and its nearest training images by pixels, the nearest first, among"
        f" {found.get('searched', 0):,} of {found.get('rows', 0):,}."
        " A sample that equals one is memorized."
    )


def all_plots(runs: Sequence[RunRecord]) -> str:
    """Losses and health against images seen."""
    drawn = "".join(_figure(plot, runs) for plot in plots(runs))
    return f'<div class="plots">{drawn}</div>' if drawn else '<p class="soft">No log lines.</p>'


def _figure(plot: Plot, runs: Sequence[RunRecord]) -> str:
    try:
        picture = svg(plot)
    except ImportError:
        picture = '<p class="soft">No plot: matplotlib is not installed.</p>'
    header, rows = html_tables.plot_rows(plot, html_tables.MOST_ROWS)
    numbers = html_tables.html_table(
        header, [[html_tables.number(cell) for cell in row] for row in rows]
    )
    log = "health.jsonl" if not plot.name.startswith("loss") else "metrics.jsonl"
    link = f' All are in <a href="{log}">{log}</a>.' if len(runs) == 1 else f" All are in {log}."
    return (
        f"<figure><h3>{html.escape(plot.title)}</h3>{picture}"
        f"<figcaption>{html.escape(plot.note)}</figcaption>"
        f'<details><summary>Numbers</summary><p class="soft">{link.strip()}</p>{numbers}</details>'
        "</figure>"
    )


def scores(runs: Sequence[RunRecord]) -> str:
    """Scores under a protocol."""
    parts = []
    for run in runs:
        if not run.scores:
            continue
        protocol = run.scores["protocol"]
        title = f"{run.name}: " if len(runs) > 1 else ""
        n, hashed = run.scores.get("n", 0), run.scores.get("protocol_hash", "")
        line = f"{title}{n:,} samples, protocol {protocol['name']} ({hashed})"
        parts.append(f"<h3>{html.escape(line)}</h3>{html_tables.score_table(run.scores)}")
    return "".join(parts)


def classes(runs: Sequence[RunRecord]) -> str:
    """Shares of classes, and accuracy of conditional models."""
    parts = []
    for run in runs:
        found = run.summary.get("classes")
        if not found or not all(map(math.isfinite, found["samples"])):
            continue
        title = f"<h3>{html.escape(run.name)}</h3>" if len(runs) > 1 else ""
        parts.append(f"{title}{html_tables.class_table(found)}")
    if not parts:
        return ""
    note = (
        "Share of each class among samples and data. The class of a sample is that of its nearest"
        " training image by pixels, an estimate; accuracy is the share with the requested class."
    )
    return f'<p class="soft">{note}</p>{"".join(parts)}'


def provenance(runs: Sequence[RunRecord]) -> str:
    """Origin of each run and the command that repeats it."""
    parts = []
    for run in runs:
        config = run.run
        shown = {
            "model": config.model,
            "plugin": config.provider,
            "seed": config.seed,
            "starts from": config.init or "random weights",
            **{k: run.summary[k] for k in ("generator", "ganzoo", "torch") if k in run.summary},
            "processes": run.summary.get("processes", ""),
        }
        rows = [[name, str(value)] for name, value in shown.items() if str(value)]
        title = f"<h3>{html.escape(run.name)}</h3>" if len(runs) > 1 else ""
        settings = json.dumps({"config": dict(config.config)}, indent=1)
        parts.append(
            f"{title}<pre>{html.escape(command(config))}</pre>"
            f"{html_tables.html_table(['fact', 'value'], rows)}"
            f"<details><summary>Config</summary><pre>{html.escape(settings)}</pre></details>"
        )
    return "".join(parts)

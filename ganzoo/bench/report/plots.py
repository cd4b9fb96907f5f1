"""Plots of runs as data: lines over the images seen, each a table too."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganzoo.bench.report.run_record import RunRecord

HEALTH = (
    (
        "fd",
        "FD, health log",
        "Fréchet distance in 64 random projections, measured in training; lower is better. It is"
        " not a protocol's FD, which is under Scores",
    ),
    (
        "recall",
        "Recall, health log",
        "share of real rows near a sample, measured in training; higher is better",
    ),
    ("coverage", "Coverage", "share of real rows with a sample among their neighbors"),
    ("diversity", "Diversity", "spread of the samples over that of the data; 1 is as diverse"),
    ("accuracy", "Discriminator accuracy", "real row scored above a sample; 0.5 is a guess"),
)
"""Keys of health.jsonl that are drawn: key, title, meaning."""
SHARED_TERMS = 6
"""Plots of loss terms for several runs."""


@dataclass(frozen=True)
class Curve:
    """Line of a plot."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    floor: float | None = None
    """The same measurement of real data, a horizontal line."""


@dataclass(frozen=True)
class Plot:
    """Curves over thousands of images seen."""

    name: str
    """Stem of its files."""
    title: str
    note: str
    curves: Sequence[Curve]
    log: bool = False
    """True for a logarithmic vertical axis."""


def plots(runs: Sequence[RunRecord]) -> Iterator[Plot]:
    """All plots that the logs of some runs have points for."""
    yield from _losses(runs)
    for key, title, note in HEALTH:
        curves = [_curve(run.health, key, run.name, run.floor.get(key)) for run in runs]
        if found := [curve for curve in curves if curve.x]:
            log = key == "fd" and all(value > 0 for each in found for value in each.y)
            yield Plot(key, title, note, found, log)


def _losses(runs: Sequence[RunRecord]) -> Iterator[Plot]:
    """One plot of all terms of a run; for several runs, a plot for each term."""
    if len(runs) == 1:
        curves = [_curve(runs[0].losses, term, term) for term in _terms(runs)]
        if found := [curve for curve in curves if curve.x]:
            yield Plot("losses", "Losses", "mean of each term since the line before", found)
        return
    for term in _terms(runs)[:SHARED_TERMS]:
        curves = [_curve(run.losses, term, run.name) for run in runs]
        found = [curve for curve in curves if curve.x]
        note = "losses of different models are not comparable"
        yield Plot(f"loss-{term.replace('/', '-')}", f"Loss {term}", note, found)


def _terms(runs: Iterable[RunRecord]) -> list[str]:
    """Names of loss terms, those of most runs first."""
    counts: dict[str, int] = {}
    for run in runs:
        for term in dict.fromkeys(key for line in run.losses for key in line):
            if term not in ("images", "seconds"):
                counts[term] = counts.get(term, 0) + 1
    return sorted(counts, key=lambda term: -counts[term])


def _curve(
    lines: Sequence[Mapping[str, Any]], key: str, label: str, floor: float | None = None
) -> Curve:
    points = [
        (line["images"] / 1000, line[key])
        for line in lines
        if isinstance(line.get(key), float | int) and math.isfinite(line[key])
    ]
    x, y = zip(*points, strict=True) if points else ((), ())
    known = floor if floor is not None and math.isfinite(floor) else None
    return Curve(label, x, y, known)

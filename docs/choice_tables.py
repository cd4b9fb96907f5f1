"""Generated tables of recipes by task: data, size, length, and time on one CPU thread."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from markdown import table
from model_tables import is_published, own_models, samples_kind

from ganzoo import registry
from ganzoo.runtime.durations import rounded

SPEED = Path(__file__).resolve().parents[1] / "benchmarks/results/speed"
MONTH = 30 * 86400
"""Seconds of a recipe on a CPU that are no longer told."""


def choice_blocks() -> dict[str, str]:
    """Tables by the name of their marker."""
    costs, origin = _costs()
    kinds: dict[str, list[registry.Model]] = {}
    for model in own_models():
        if not is_published(model.preset):
            kinds.setdefault(samples_kind(model), []).append(model)
    parts = [
        f"### {kind[0].upper()}{kind[1:]}\n\n{_table(models, costs)}"
        for kind, models in kinds.items()
    ]
    words = f"Time of the whole recipe: processor time of one thread, {origin}, estimated as by"
    parts.append(f"{words} `ganzoo recommend`.")
    return {"choice": "\n\n".join(parts), "latency": latency()}


def _costs() -> tuple[dict[str, dict[str, Any]], str]:
    content = json.loads((SPEED / "recipe-cost-cpu.json").read_text())
    origin = f"{content['device']}, torch {content['torch']}, {content['date']}"
    return {row["model"]: row for row in content["rows"]}, origin


def _table(models: list[registry.Model], costs: dict[str, dict[str, Any]]) -> str:
    rows = []
    for model in models:
        cost, recipe = costs.get(model.name), model.preset.recipe
        rows.append(
            [
                f"[`{model.name}`](models/{model.plugin.name}.md)",
                model.preset.description,
                "yes" if model.packaged else "",
                f"{_two_digits(cost['parameters'] / 1e6)} M" if cost else "",
                f"{recipe.kimg:,.6g}",
                _time(cost),
            ]
        )
    header = ["preset", "samples", "weights here", "parameters", "kimg", "time, one CPU thread"]
    return table(header, rows)


def _time(cost: dict[str, Any] | None) -> str:
    if cost is None:
        return "not measured"
    return rounded(cost["seconds"]) if cost["seconds"] < MONTH else "more than a month: GPU"


def latency() -> str:
    """One row per packaged model: size, load and latency of one sample."""
    parts = []
    for path in sorted(SPEED.glob("latency-*.json")):
        content = json.loads(path.read_text())
        rows = [
            [
                f"`{row['model']}`",
                f"{row['parameters'] / 1000:,.0f}",
                f"{row['load_ms']:.0f}",
                f"{row['first_ms']:.1f}",
                f"{row['ms']:.1f}",
            ]
            for row in content["rows"]
        ]
        header = ["model", "thousand parameters", "load, ms", "first sample, ms", "sample, ms"]
        place = f"{content['device']}, torch {content['torch']}, {content['date']}"
        parts.append(f"On {place}:\n\n{table(header, rows)}")
    return "\n\n".join(parts)


def _two_digits(value: float) -> str:
    """A number with two digits or all before the point."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"

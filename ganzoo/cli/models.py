"""What there is: list, info."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from ganzoo import registry
from ganzoo.cli.typer_app import AsJson, app, handle_errors, print_columns
from ganzoo.spec.config import keys, to_json


@app.command("list")
@handle_errors
def list_models(
    pattern: Annotated[
        str, typer.Argument(help="Part of a name, or a glob such as '*.mnist'.")
    ] = "*",
    pretrained: Annotated[bool, typer.Option(help="Only those with trained weights.")] = False,
    as_json: AsJson = False,
) -> None:
    """Every model, who provides it, and whether trained weights exist.

    \b
    ganzoo list
    ganzoo list '*.mnist' --json
    """  # noqa: D301
    for note in registry.plugin_warnings(registry.discover()):
        print(note, file=sys.stderr)
    if not any(sign in pattern for sign in "*?["):
        pattern = f"*{pattern}*"
    matching = registry.match([pattern]) if pattern != "*" else registry.models()
    found = [model for model in matching if model.pretrained or not pretrained]
    rows = [
        {
            "model": model.name,
            "weights": model.pretrained,
            "data": model.preset.recipe.data,
            "distribution": model.plugin.distribution,
            "version": model.plugin.version,
            "editable": model.plugin.editable,
            "summary": model.preset.description or model.spec.summary,
        }
        for model in found
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    cells = [
        [
            model.name,
            "yes" if model.pretrained else "-",
            model.preset.recipe.data,
            model.plugin.provider,
            str(row["summary"]),
        ]
        for model, row in zip(found, rows, strict=True)
    ]
    print_columns(["MODEL", "WEIGHTS", "DATA", "PROVIDED BY", "WHAT"], cells)


@app.command()
@handle_errors
def info(
    name: Annotated[str, typer.Argument(help="A model, e.g. from `ganzoo list`.")],
    as_json: AsJson = False,
) -> None:
    """Paper, licence, deviations, recipe and every key that --set takes.

    \b
    ganzoo info MODEL
    ganzoo info MODEL.PRESET --json
    """  # noqa: D301
    model = registry.resolve(name)
    if as_json:
        facts = {
            "model": model.name,
            "distribution": model.plugin.distribution,
            "version": model.plugin.version,
            "editable": model.plugin.editable,
        }
        print(json.dumps({**facts, "spec": to_json(model.spec)}, indent=2))
        return
    spec, preset, paper = model.spec, model.preset, model.spec.paper
    print(f"{model.name}: {spec.summary}\n")
    facts = {
        "paper": f"{paper.authors} ({paper.year}), {paper.title}, {paper.url}",
        "licence": spec.license,
        "provided by": model.plugin.provider,
        "weights": "yes" if model.pretrained else "none published",
        "scored by": getattr(preset.protocol, "name", preset.protocol),
        "presets": ", ".join(f"{model.plugin.name}.{each}" for each in spec.presets),
    }
    for key, value in facts.items():
        print(f"{key + ':':12} {value}")
    print("\nDeviations from the paper:")
    for deviation in spec.deviations:
        print(f"  - {deviation.what}\n    because {deviation.why}")
    if spec.healthy:
        print(f"\nHealthy losses: {spec.healthy}")
    for title, config in (("Model", preset.config), ("Recipe", preset.recipe)):
        print(f"\n{title}, for --set KEY=VALUE:")
        rows = [[f"  {key.name}", _typed(key.value), key.help] for key in keys(config)]
        if config is preset.recipe:
            rows.append(["  optimizers.PHASE.KEY", "", "optimizer.KEY, for one phase alone"])
        print_columns(["  KEY", "VALUE", "WHAT"], rows)


def _typed(value: object) -> str:
    """A value as one would type it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

"""``ganzoo list``."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from ganzoo import registry
from ganzoo.cli.options import AsJson
from ganzoo.cli.typer_app import app
from ganzoo.runtime.text_table import format_table


@app.command("list")
def list_models(
    pattern: Annotated[
        str, typer.Argument(help="Part of a name, or a glob such as '*.mnist'.")
    ] = "*",
    pretrained: Annotated[bool, typer.Option(help="Only those with trained weights.")] = False,
    as_json: AsJson = False,
) -> None:
    """List models, their provider, and which have trained weights.

    \b
    ganzoo list
    ganzoo list '*.mnist' --json
    """  # noqa: D301
    for warning in registry.plugin_warnings(registry.discover()):
        print(warning, file=sys.stderr)
    if not any(sign in pattern for sign in "*?["):
        pattern = f"*{pattern}*"
    matching = registry.match([pattern]) if pattern != "*" else registry.models()
    found = [model for model in matching if model.pretrained or not pretrained]
    if as_json:
        print(json.dumps([_facts(model) for model in found], indent=2))
        return
    rows = [
        [
            model.name,
            "yes" if model.pretrained else "-",
            model.preset.recipe.data,
            model.plugin.provider,
            model.summary,
        ]
        for model in found
    ]
    print(format_table(["MODEL", "WEIGHTS", "DATA", "PROVIDED BY", "SUMMARY"], rows))


def _facts(model: registry.Model) -> dict[str, object]:
    return {
        "model": model.name,
        "weights": model.pretrained,
        "data": model.preset.recipe.data,
        "distribution": model.plugin.distribution,
        "version": model.plugin.version,
        "editable": model.plugin.editable,
        "summary": model.summary,
    }

"""``ganzoo info``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ganzoo import registry
from ganzoo.cli import completion
from ganzoo.cli.options import AsJson
from ganzoo.cli.typer_app import app
from ganzoo.data.catalog import needs_of
from ganzoo.runtime.text_table import format_table
from ganzoo.spec import Weights
from ganzoo.spec.config import keys


@app.command()
def info(
    name: Annotated[
        str,
        typer.Argument(help="A model; `ganzoo list` shows them.", autocompletion=completion.models),
    ],
    as_json: AsJson = False,
) -> None:
    """Show a model's paper, license, deviations and settings.

    \b
    ganzoo info MODEL
    ganzoo info MODEL.PRESET --json
    """  # noqa: D301
    if as_json:
        print(json.dumps(registry.info(name), indent=2))
        return
    model = registry.resolve(name)
    spec = model.spec
    print(f"{model.name}: {spec.summary}\n")
    for key, value in _origin(model).items():
        print(f"{key + ':':12} {value}")
    print("\nDeviations from the paper:")
    for deviation in spec.deviations:
        print(f"  - {deviation.what}\n    because {deviation.why}")
    if spec.healthy:
        print(f"\nHealthy losses: {spec.healthy}")
    print(f"\nModel, for --set KEY=VALUE:\n{_settings(model.preset.config)}")
    more = [["  optimizers.PHASE.KEY", "", "optimizer.KEY, for one phase alone"]]
    print(f"\nRecipe, for --set KEY=VALUE:\n{_settings(model.preset.recipe, more)}")


def _origin(model: registry.Model) -> dict[str, str]:
    spec, paper, protocol = model.spec, model.spec.paper, model.preset.protocol
    return {
        "paper": f"{paper.authors} ({paper.year}), {paper.title}, {paper.url}",
        "license": spec.license,
        "provided by": model.plugin.provider,
        "weights": _weights(model.preset.weights),
        **({"needs": needs} if (needs := needs_of(model)) else {}),
        "scored by": protocol if isinstance(protocol, str) else protocol.name,
        "presets": ", ".join(f"{model.plugin.name}.{each}" for each in spec.presets),
    }


def _weights(weights: Weights | None) -> str:
    """Weights of a preset in a line."""
    if weights is None:
        return "none published"
    if not weights.converter:
        return "yes"
    facts = [f"published, license {weights.license}"]
    if weights.terms:
        facts.append(f"to be accepted ({weights.terms})")
    if weights.size:
        facts.append(f"{weights.size / 1e6:,.0f} MB")
    facts += [f"{name} {value:g} (published)" for name, value in weights.scores.items()]
    facts.append(weights.origin or weights.url or f"https://huggingface.co/{weights.repo}")
    if weights.page or not weights.sha256:
        facts.append("to be downloaded by hand and imported")
    return ", ".join(facts)


def _settings(config: object, more: list[list[str]] | None = None) -> str:
    """Table of the keys of a config, with their values as one would type them."""
    rows = [[f"  {key.name}", _typed(key.value), key.help] for key in keys(config)]
    return format_table(["  KEY", "VALUE", "MEANING"], [*rows, *(more or [])])


def _typed(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

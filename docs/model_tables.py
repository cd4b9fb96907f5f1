"""Generated parts about models: architectures, presets, weights, protocols and model pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from markdown import figure, table, value_with_deviation

import ganzoo
from ganzoo import registry
from ganzoo.evaluation.protocols import PROTOCOLS, find_protocol
from ganzoo.hub import WEIGHTS, read_metrics
from ganzoo.spec import ModelConfig, ModelSpec, Preset
from ganzoo.spec.config import keys

HIDDEN_SCORES = ("density", "duplicates")
"""Scores that stay in the JSON files, to keep the tables narrow."""
PRESETS_WIDTH = 29
"""Characters of presets in the README, whose tables are at most 100 characters wide."""


def own_models() -> list[registry.Model]:
    """Models of ganzoo's own distribution; other installed plugins are left out."""
    own = registry.OWN_DISTRIBUTION
    return [model for model in registry.models() if model.plugin.distribution == own]


def by_architecture() -> dict[str, list[registry.Model]]:
    """Models by the name of their architecture."""
    found: dict[str, list[registry.Model]] = {}
    for model in own_models():
        found.setdefault(model.plugin.name, []).append(model)
    return found


def architectures() -> str:
    """One row per architecture; presets with weights in the package are bold."""
    rows = [
        [
            f"`{name}`",
            samples_kind(models[0]),
            _presets(models),
            _published(models),
            _short_paper_name(models[0]),
        ]
        for name, models in by_architecture().items()
    ]
    return table(["model", "samples", "presets", "published", "paper"], rows)


def _presets(models: Sequence[registry.Model]) -> str:
    own = [model for model in models if not is_published(model.preset)]
    names = [(model.name.partition(".")[2], model.packaged) for model in own]
    shown = [f"**{name}**" if packaged else name for name, packaged in names]
    text = ", ".join(shown)
    while len(text) > PRESETS_WIDTH:
        shown.pop()
        text = ", ".join([*shown, "..."])
    return text


def is_published(preset: Preset) -> bool:
    """True if others published the weights of a preset."""
    return bool(preset.weights and preset.weights.converter)


def _published(models: Sequence[registry.Model]) -> str:
    """Number of presets with weights that others published."""
    return str(sum(is_published(model.preset) for model in models) or "")


def paper_name(model: registry.Model) -> str:
    """Authors and year of the paper."""
    paper = model.spec.paper
    return f"{paper.authors} {paper.year}"


def _short_paper_name(model: registry.Model) -> str:
    """First author and year of the paper."""
    paper = model.spec.paper
    return f"{paper.authors.split()[0]} {paper.year}"


@cache
def first_preset(name: str) -> ganzoo.GAN:
    """The first preset of an architecture, which is small."""
    return ganzoo.create(name)


def samples_kind(model: registry.Model) -> str:
    """Kind of the samples of an architecture."""
    gan = first_preset(model.plugin.name)
    kind = gan.sample_spec.kind
    translates = any(each.name == "source" for each in gan.inputs)
    one = {"images": "image", "waveforms": "audio"}.get(kind, kind)
    return f"{one} to {one}" if translates else kind


def models() -> str:
    """One row per preset of our own."""
    rows = []
    for model in own_models():
        preset = model.preset
        if is_published(preset):
            continue
        name = f"[`{model.name}`](models/{model.plugin.name}.md)"
        origin = f"[{paper_name(model)}]({model.spec.paper.url})"
        protocol = find_protocol(preset.protocol).name
        rows.append([name, preset.description, preset.recipe.data, origin, protocol])
    return table(["model", "description", "data", "paper", "protocol"], rows)


def published() -> str:
    """One table per architecture with weights that others published."""
    tables = [
        f"### {name}\n\n{published_table(name, presets[0].spec)}"
        for name, presets in by_architecture().items()
        if _published(presets)
    ]
    return "\n\n".join(tables)


def published_table(name: str, spec: ModelSpec) -> str:
    """One row per published file: description, size, license, source and published scores."""
    rows = []
    for key, preset in spec.presets.items():
        weights = preset.weights
        if weights is None or not is_published(preset):
            continue
        scores = ", ".join(f"{metric} {value:g}" for metric, value in weights.scores.items())
        license_id = f"[{weights.license}]({weights.terms})" if weights.terms else weights.license
        page = weights.origin or weights.url or f"https://huggingface.co/{weights.repo}"
        size = f"{weights.size / 1e6:,.0f} MB" if weights.size else ""
        fetched = "yes" if weights.sha256 and not weights.page else "by hand"
        cells = [f"`{name}.{key}`", preset.description, size, license_id]
        rows.append([*cells, f"[page]({page})", fetched, scores])
    header = ["name", "description", "size", "license", "source", "download", "published scores"]
    return table(header, rows)


def weights() -> str:
    """Scores of the weights in the package, from their metrics.json: one table per protocol."""
    scored: dict[str, list[tuple[registry.Model, Mapping[str, Any]]]] = {}
    for model in own_models():
        if model.packaged and (metrics := read_metrics(model.packaged)):
            scored.setdefault(metrics["protocol"]["name"], []).append((model, metrics))
    tables = (f"`{name}`:\n\n{weights_table(rows)}" for name, rows in scored.items())
    return "\n\n".join(tables)


def weights_table(scored: Sequence[tuple[registry.Model, Mapping[str, Any]]]) -> str:
    """One row per model, and one for real test data."""
    labels = dict.fromkeys(label for _, metrics in scored for label in metrics["values"])
    shown = [label for label in labels if not label.startswith(HIDDEN_SCORES)]
    rows = [weights_row(model, metrics, shown) for model, metrics in scored]
    floor = {label: value for _, metrics in scored for label, value in metrics["floor"].items()}
    if floor:
        scores = [figure(floor.get(label), ".3g") for label in shown]
        rows.append(["real test data", "", "", "", *scores])
    return table(["weights", "MB", "kimg", "samples", *shown], rows)


def weights_row(
    model: registry.Model, metrics: Mapping[str, Any], shown: Sequence[str]
) -> list[str]:
    """Size, training length and scores; a score that does not apply is empty."""
    assert model.packaged
    values, spread = metrics["values"], metrics["spread"]
    return [
        f"`{model.name}`",
        f"{(model.packaged / WEIGHTS).stat().st_size / 1e6:.2g}",
        f"{model.preset.recipe.kimg:g}",
        f"{metrics['sets']} x {metrics['n']:,}, from seed {metrics['seed']}",
        *(value_with_deviation(values[k], spread[k], ".3g") if k in values else "" for k in shown),
    ]


def protocols() -> str:
    """One row per built-in protocol."""
    rows = []
    for protocol in PROTOCOLS.values():
        metrics, data = ", ".join(protocol.metrics), protocol.data or "the model's own"
        cells = [f"`{protocol.name}`", protocol.label("fd"), data, str(protocol.n)]
        rows.append([*cells, protocol.extractor, metrics, protocol.summary])
    header = ["protocol", "distance", "reference", "n", "features", "metrics", "description"]
    return table(header, rows)


def inputs(name: str) -> str:
    """Inputs of `GAN.sample`, from the first preset of an architecture."""
    rows = [
        [f"`{each.name}`", "yes" if each.required else "no", each.description]
        for each in first_preset(name).inputs
    ]
    return table(["input", "required", "description"], rows)


def model_page(name: str, spec: ModelSpec) -> str:
    """Page of one architecture: presets, inputs, keys, deviations, healthy losses."""
    paper, presets = spec.paper, spec.presets
    origin = f"{paper.authors} ({paper.year}), [{paper.title}]({paper.url})."
    own = {preset: each for preset, each in presets.items() if not is_published(each)}
    recipes = {preset: each.recipe for preset, each in own.items()}
    configs = {preset: each.config for preset, each in own.items()}
    scored = [
        [f"`{name}.{k}`", each.description, find_protocol(each.protocol).name]
        for k, each in own.items()
    ]
    deviations = [f"* {each.what}: {each.why}." for each in spec.deviations]
    sections = [
        f"# {name}\n\n{spec.summary}",
        f"{origin} License of the code: {spec.license}. Task: {spec.task}.",
        "## Presets\n\n" + table(["preset", "description", "protocol"], scored),
        *published_presets(name, presets),
        "## Inputs of `sample`\n\nIn addition to `n` and `seed`.\n\n" + inputs(name),
        "## Model keys\n\nFor `--set KEY=VALUE`.\n\n" + keys_table(configs),
        "## Recipe keys\n\nFor `--set KEY=VALUE`.\n\n" + keys_table(recipes),
        "## Deviations from the paper\n\n" + ("\n".join(deviations) or "None."),
        "## Healthy losses\n\n" + (spec.healthy or "Not known yet."),
    ]
    return "\n\n".join(sections) + "\n"


def published_presets(name: str, presets: Mapping[str, Preset]) -> list[str]:
    """Section of the presets whose weights others published; empty if there are none."""
    rows = [
        [f"`{name}.{k}`", each.description, each.recipe.data, _changed(each.config)]
        for k, each in presets.items()
        if is_published(each)
    ]
    text = "Model keys are listed where they differ from the default.\n\n"
    header = ["preset", "description", "data", "model keys"]
    return ["## Presets of published weights\n\n" + text + table(header, rows)] if rows else []


def _changed(config: ModelConfig) -> str:
    """Keys that are not at their default, as ``KEY=VALUE``."""
    defaults = {each.name: each.default for each in fields(config)}
    changed = [key for key in keys(config) if key.value != defaults.get(key.name)]
    return " ".join(f"`{key.name}={as_typed(key.value)}`" for key in changed) or "-"


def keys_table(configs: Mapping[str, Any]) -> str:
    """Keys of several presets, one column per preset."""
    columns = {name: {key.name: key for key in keys(config)} for name, config in configs.items()}
    described = {key.name: key.help for column in columns.values() for key in column.values()}
    rows = [
        [f"`{key}`", text]
        + [as_typed(column[key].value) if key in column else "-" for column in columns.values()]
        for key, text in described.items()
    ]
    return table(["key", "description", *configs], rows)


def as_typed(value: object) -> str:
    """A value in the syntax of ``--set``."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return (str(value).lower() if isinstance(value, bool | None) else str(value)).removesuffix(".0")

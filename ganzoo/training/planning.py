"""What a training will do, all defaults filled in, before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ganzoo import hub, registry
from ganzoo.hub import RunConfig
from ganzoo.spec.config import from_json, keys, override, to_json, unknown_key, with_entries


def plan(
    name: str,
    *,
    settings: Mapping[str, str] | None = None,
    data: str | None = None,
    kimg: float | None = None,
    batch: int | None = None,
    seed: int | None = None,
) -> RunConfig:
    """What a training will do.

    Args:
        name: ``arch``, ``arch.preset``, or the path of a config.json, whose run is repeated.
        settings: keys of the model's config or of the recipe, as typed, e.g. ``{"width": "32"}``.
        data, kimg, batch: override the recipe's.
        seed: default 0.

    Raises:
        UnknownNameError: no such model, preset or key.
        ConfigError: a value that its key does not take.
    """
    start, config = _start(name)
    settings = settings or {}
    recipe = with_entries(start.recipe, settings)
    of_model = {key.name for key in keys(config)}
    of_recipe = {key.name for key in keys(recipe)}
    for key in settings:
        if key not in of_model | of_recipe:
            raise unknown_key(key, of_model | of_recipe)
    config = override(config, {k: v for k, v in settings.items() if k in of_model})
    recipe = override(recipe, {k: v for k, v in settings.items() if k not in of_model})
    recipe = replace(
        recipe,
        data=recipe.data if data is None else data,
        kimg=recipe.kimg if kimg is None else kimg,
        batch=recipe.batch if batch is None else batch,
    )
    seed = start.seed if seed is None else seed
    return replace(start, config=to_json(config), recipe=recipe, seed=seed)


def _start(name: str) -> tuple[RunConfig, object]:
    """The preset's plan, or that of an earlier run; and the model's config."""
    if name.endswith(".json"):
        start = hub.read_config(Path(name))
        return start, from_json(type(start.resolve().preset.config), start.config)
    model = registry.resolve(name)
    plugin, preset = model.plugin, model.preset
    start = RunConfig(
        model=model.name,
        distribution=plugin.distribution,
        version=plugin.version,
        config={},
        recipe=preset.recipe,
        seed=0,
        editable=plugin.editable,
    )
    return start, preset.config

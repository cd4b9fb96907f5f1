"""Resolve a run: its model, and all its settings with defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ganzoo import hub, registry
from ganzoo.gan import GAN
from ganzoo.hub import RunConfig
from ganzoo.spec import Recipe
from ganzoo.spec.config import from_json, keys, override, to_json, unknown_key, with_entries


@dataclass(frozen=True)
class Plan:
    """A run before it starts."""

    run: RunConfig
    """Content of the run's config.json."""
    model: registry.Model
    """The installed model that it trains."""

    @property
    def recipe(self) -> Recipe:
        """Data, length, batch and optimizers."""
        return self.run.recipe

    @property
    def seed(self) -> int:
        """Seed of weights, batches and latents."""
        return self.run.seed

    def build(self) -> GAN:
        """A fresh model."""
        return self.run.build(self.model)


def plan(
    model: str | registry.Model,
    *,
    settings: Mapping[str, str] | None = None,
    data: str | None = None,
    kimg: float | None = None,
    batch: int | None = None,
    seed: int | None = None,
) -> Plan:
    """Resolve a run.

    Args:
        model: ``arch``, ``arch.preset``, the path of a config.json whose run is repeated, or a
            model of the registry.
        settings: keys of the model's config or of the recipe, as typed, e.g. ``{"width": "32"}``.
        data, kimg, batch: override the recipe's.
        seed: default 0.

    Raises:
        UnknownNameError: no such model, preset or key.
        ConfigError: a value that its key does not take.
    """
    start, config = _start(model)
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
    run = replace(start.run, config=to_json(config), recipe=recipe, seed=seed)
    return replace(start, run=run)


def _start(model: str | registry.Model) -> tuple[Plan, object]:
    """The plan of a preset, or of an earlier run; and the model's config."""
    if isinstance(model, str) and model.endswith(".json"):
        run = hub.read_config(Path(model))
        found = run.resolve()
        return Plan(run, found), from_json(type(found.preset.config), run.config)
    found = registry.resolve(model) if isinstance(model, str) else model
    run = RunConfig(
        model=found.name,
        distribution=found.plugin.distribution,
        version=found.plugin.version,
        config={},
        recipe=found.preset.recipe,
        seed=0,
        editable=found.plugin.editable,
    )
    return Plan(run, found), found.preset.config

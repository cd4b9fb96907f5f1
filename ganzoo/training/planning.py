"""Resolve a run: its model, and all its settings with defaults filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ganzoo import hub, registry
from ganzoo.errors import ConfigError
from ganzoo.gan import GAN
from ganzoo.hub import RunConfig
from ganzoo.runtime.arguments import (
    MODEL_NAME,
    as_texts,
    check_given,
    check_number,
    check_type,
)
from ganzoo.runtime.durations import parse_duration
from ganzoo.runtime.paths import user_path
from ganzoo.spec import Recipe
from ganzoo.spec.config import from_json, keys, override, to_json, unknown_key, with_entries
from ganzoo.training.fine_tuning import parse
from ganzoo.training.plain_settings import Value, settings_as_text


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
    settings: Mapping[str, Value] | None = None,
    data: str | None = None,
    kimg: float | None = None,
    batch: int | None = None,
    seed: int | None = None,
    budget: str | float | None = None,
    init: str = "",
    freeze: Sequence[str] = (),
    augment: str | None = None,
) -> Plan:
    """Resolve a run.

    Args:
        model: ``arch``, ``arch.preset``, the path of a config.json whose run is repeated, or a
            model of the registry.
        settings: keys of the model's config or of the recipe, e.g. ``{"width": 32}``; values are
            plain, or text as typed on the command line.
        data, kimg, batch: override the recipe's.
        seed: default 0.
        budget: time after which the run stops, as seconds or ``"5m"``; default none, or that of
            the run that is repeated.
        init: source of trained weights to start from, as `ganzoo.load` takes it.
        augment: overrides the recipe's: ``none``, ``diff`` or ``ada``.
        freeze: layers that are not trained, e.g. ``["discriminator:4"]``: the first four.

    Raises:
        UnknownNameError: no such model, preset or key.
        ConfigError: a value that its key does not take.
    """
    check_given("model", model, (str, registry.Model), MODEL_NAME)
    check_type("data", data, (str,), "the name of a data set, e.g. folder:PATH, or a Dataset")
    check_type("augment", augment, (str,), "none, diff or ada")
    check_number("kimg", kimg)
    check_number("batch", batch, whole=True)
    check_number("seed", seed, whole=True)
    texts = settings_as_text(settings)
    start, config = _start(model)
    recipe = with_entries(start.recipe, texts)
    of_model = {key.name for key in keys(config)}
    of_recipe = {key.name for key in keys(recipe)}
    for key in texts:
        if key not in of_model | of_recipe:
            raise unknown_key(key, of_model | of_recipe)
    config = _with_settings(config, {k: v for k, v in texts.items() if k in of_model}, of_recipe)
    recipe = override(recipe, {k: v for k, v in texts.items() if k not in of_model})
    recipe = replace(
        recipe,
        data=recipe.data if data is None else data,
        kimg=recipe.kimg if kimg is None else float(kimg),
        batch=recipe.batch if batch is None else int(batch),
    )
    if augment is not None:
        recipe = override(recipe, {"augment": augment})
    seed = start.seed if seed is None else int(seed)
    limit = start.run.budget if budget is None else parse_duration(budget)
    run = replace(start.run, config=to_json(config), recipe=recipe, seed=seed, budget=limit)
    return replace(start, run=_fine_tuned(run, init, freeze))


def _with_settings(config: Any, texts: Mapping[str, str], of_recipe: Collection[str]) -> Any:
    """A model's config with settings. A key that the recipe has too is the config's.

    Raises:
        ConfigError: a value of another type.
    """
    try:
        return override(config, texts)
    except ConfigError as error:
        for key in texts.keys() & {*of_recipe}:
            if str(error).startswith(f"{key}="):
                raise ConfigError(
                    f"{error}: {key} is a setting of this model itself; that of its training is"
                    f" --{key}"
                ) from None
        raise


def _fine_tuned(run: RunConfig, init: str, freeze: Sequence[str]) -> RunConfig:
    """A run with the weights that it starts from and the layers that it does not train."""
    check_given("init", init, (str,), "a source of trained weights, e.g. local-dir:PATH")
    layers = as_texts("freeze", freeze, '["discriminator:4"]')
    for text in layers:
        parse(text)
    return replace(run, init=init or run.init, freeze=layers or run.freeze)


def _start(model: str | registry.Model) -> tuple[Plan, object]:
    """The plan of a preset, or of an earlier run; and the model's config."""
    if isinstance(model, str) and model.endswith(".json"):
        run = replace(hub.read_config(user_path(model)), origin={})
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

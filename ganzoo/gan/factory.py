"""Build models from presets."""

from __future__ import annotations

import dataclasses

from ganzoo import registry
from ganzoo.errors import ConfigError, PluginError, UnknownNameError
from ganzoo.gan.contract import GAN


def create(name: str, **config: object) -> GAN:
    """A fresh, untrained model.

    Args:
        name: ``arch``, ``arch.preset`` or ``distribution/arch.preset``.
        config: values that differ from the preset, e.g. ``width=32``.

    Raises:
        UnknownNameError: no such model, preset or key.
        ConfigError: a value that the model refuses.
        PluginError: the plugin does not work.
    """
    model = registry.resolve(name)
    preset = model.preset.config
    known = [field.name for field in dataclasses.fields(preset)]
    for key in config:
        if key not in known:
            raise UnknownNameError("key", key, known, f"see `ganzoo info {model.name}`")
    try:
        return build(model, dataclasses.replace(preset, **config))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{model.name}: {error}") from error


def build(model: registry.Model, config: object | None = None) -> GAN:
    """Import the model's class and build it from its config.

    Raises:
        PluginError: the class cannot be imported, or is no GAN.
    """
    cls = registry.import_object(model.plugin, model.spec.model)
    gan = cls(model.preset.config if config is None else config)
    if not isinstance(gan, GAN):
        raise PluginError(f"plugin {model.plugin.qualified}: {model.spec.model} is no GAN")
    return gan

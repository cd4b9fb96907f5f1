"""Build models from presets."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from ganzoo import registry
from ganzoo.errors import ConfigError, PluginError, UnknownNameError
from ganzoo.gan.contract import GAN
from ganzoo.spec.config import override


def create(name: str, **config: object) -> GAN:
    """A fresh, untrained model.

    Args:
        name: ``arch``, ``arch.preset`` or ``distribution/arch.preset``.
        config: values that differ from the preset, e.g. ``width=32``, plain or as text that is
            typed after ``--set``.

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
    texts = {key: value for key, value in config.items() if isinstance(value, str)}
    plain = {key: _plain(value) for key, value in config.items() if key not in texts}
    try:
        return build(model, dataclasses.replace(override(preset, texts), **plain))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{model.name}: {error}") from error


def _plain(value: object) -> object:
    """A number or an array of NumPy as numbers of Python; another value as it is."""
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def build(model: registry.Model, config: object | None = None) -> GAN:
    """Import the model's class and build it from its config.

    Raises:
        PluginError: the class cannot be imported, or is no GAN.
    """
    with torch.device("cpu"):  # also within `without_memory`: constants of modules have values
        cls = registry.import_object(model.plugin, model.spec.model)
    gan = cls(model.preset.config if config is None else config)
    if not isinstance(gan, GAN):
        raise PluginError(f"plugin {model.plugin.qualified}: {model.spec.model} is no GAN")
    gan.name = model.name
    return gan

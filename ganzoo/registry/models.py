"""Installed models by name: ``arch.preset`` is a recipe, a benchmark row and trained weights."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ganzoo.errors import UnknownNameError
from ganzoo.registry.plugins import MODELS, Plugin, find_plugin, installed
from ganzoo.spec import ModelSpec, Preset


@dataclass(frozen=True)
class Model:
    """One preset of one plugin, called ``arch.preset``."""

    plugin: Plugin[ModelSpec]
    spec: ModelSpec
    preset_name: str

    @property
    def name(self) -> str:
        return f"{self.plugin.name}.{self.preset_name}"

    @property
    def qualified(self) -> str:
        return f"{self.plugin.qualified}.{self.preset_name}"

    @property
    def preset(self) -> Preset:
        return self.spec.presets[self.preset_name]

    @property
    def packaged(self) -> Path | None:
        """The model folder for this preset in the plugin's package, if there is one."""
        package = importlib.util.find_spec(self.spec.model.partition(":")[0].partition(".")[0])
        if package is None or package.origin is None:
            return None
        folder = Path(package.origin).parent / "weights" / self.preset_name
        return folder if folder.is_dir() else None

    @property
    def pretrained(self) -> bool:
        """True if there are trained weights."""
        return self.preset.weights is not None

    @property
    def summary(self) -> str:
        """One line about the preset, or about its architecture."""
        return self.preset.description or self.spec.summary


def discover() -> list[Plugin[ModelSpec]]:
    """Every installed plugin that provides a model, broken ones included."""
    return installed(MODELS)


def resolve(name: str) -> Model:
    """The model called ``arch``, ``arch.preset`` or ``distribution/arch.preset``.

    A bare architecture means its first preset. Of several plugins with one name, `find_plugin`
    chooses.

    Raises:
        UnknownNameError: no such model or preset.
        PluginError: the plugin is broken, or two third parties provide the name.
    """
    distribution, slash, rest = name.rpartition("/")
    architecture, _, preset = rest.partition(".")
    plugin, spec = find_plugin(MODELS, f"{distribution}{slash}{architecture}")
    if preset and preset not in spec.presets:
        known = {f"{architecture}.{preset_name}" for preset_name in spec.presets}
        raise UnknownNameError("model", rest, known, f"see `{MODELS.shown_by}`")
    return Model(plugin, spec, preset or next(iter(spec.presets)))


def models(
    pattern: str = "*", plugins: Iterable[Plugin[ModelSpec]] | None = None
) -> Iterator[Model]:
    """Every preset whose name, or whose architecture's name, matches a glob.

    Args:
        pattern: the glob.
        plugins: from `discover`, which is called if they are left out; broken ones are passed over.
    """
    for plugin in discover() if plugins is None else plugins:
        if plugin.spec is None:
            continue
        for preset in plugin.spec.presets:
            model = Model(plugin, plugin.spec, preset)
            names = (plugin.name, model.name, model.qualified)
            if any(fnmatchcase(name, pattern) for name in names):
                yield model


def match(patterns: list[str]) -> list[Model]:
    """The models of names and globs, each once, in the order given.

    A bare architecture means its first preset, a glob every preset that it matches.

    Raises:
        UnknownNameError: a name that does not exist, or a glob that matches nothing.
    """
    chosen: dict[str, Model] = {}
    for pattern in patterns:
        if any(sign in pattern for sign in "*?["):
            found = list(models(pattern))
            if not found:
                known = {model.name for model in models()}
                raise UnknownNameError("model that matches", pattern, known, "see `ganzoo list`")
        else:
            found = [resolve(pattern)]
        chosen.update({model.qualified: model for model in found})
    return list(chosen.values())

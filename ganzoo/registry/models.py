"""Which models there are: ``arch.preset`` is a recipe, a row and the weights that come back."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ganzoo.errors import UnknownNameError
from ganzoo.registry.plugins import MODELS, Plugin, find_plugin, installed
from ganzoo.spec import ModelSpec, Preset


@dataclass(frozen=True)
class Model:
    """One preset of one plugin: what a name such as ``arch.preset`` means."""

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
        """The model folder that the plugin's package carries for this preset, if it does."""
        package = importlib.util.find_spec(self.spec.model.partition(":")[0].partition(".")[0])
        if package is None or package.origin is None:
            return None
        folder = Path(package.origin).parent / "weights" / self.preset_name
        return folder if folder.is_dir() else None

    @property
    def pretrained(self) -> bool:
        """Whether trained weights can be had."""
        return self.preset.weights is not None


def discover() -> list[Plugin[ModelSpec]]:
    """Every plugin that provides a model: `provided` of `MODELS`."""
    return installed(MODELS)


def resolve(name: str) -> Model:
    """The model that ``arch``, ``arch.preset`` or ``distribution/arch.preset`` means.

    A bare architecture means its first preset; whose it is, `find` says.

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


def models(pattern: str = "*") -> Iterator[Model]:
    """Every preset of every plugin that works and whose name, or its architecture's, matches."""
    for plugin in discover():
        if plugin.spec is None:
            continue
        for preset in plugin.spec.presets:
            model = Model(plugin, plugin.spec, preset)
            names = (plugin.name, model.name, model.qualified)
            if any(fnmatchcase(name, pattern) for name in names):
                yield model


def match(patterns: list[str]) -> list[Model]:
    """The models that names and globs mean, each once, in the order asked.

    A bare architecture is its first preset; a glob is every preset that it matches.

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

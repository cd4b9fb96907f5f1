"""Which models exist: plugins found through entry points, read without importing torch."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from ganzoo.errors import PluginError, UnknownNameError
from ganzoo.spec import API, ModelSpec, Preset, Recipe

GROUP = "ganzoo.models"
OWN_DISTRIBUTION = "ganzoo-core"


@dataclass(frozen=True)
class Plugin:
    """One entry point: a spec, or the reason why there is none."""

    name: str
    distribution: str
    version: str
    spec: ModelSpec | None
    error: str = ""

    @property
    def qualified(self) -> str:
        """``distribution/name``, which no other plugin can claim."""
        return f"{self.distribution}/{self.name}"


@dataclass(frozen=True)
class Model:
    """One preset of one plugin: what a name such as ``arch.preset`` means."""

    plugin: Plugin
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


def discover() -> list[Plugin]:
    """Every installed plugin, sorted by name; broken ones carry their reason.

    ``GANZOO_PLUGINS`` restricts them: empty for none, or names separated by commas.
    """
    wanted = os.environ.get("GANZOO_PLUGINS")
    names = None if wanted is None else {name.strip() for name in wanted.split(",")}
    found = [
        _read(entry)
        for entry in entry_points(group=GROUP)
        if names is None or names & {entry.name, f"{_distribution(entry)}/{entry.name}"}
    ]
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "unknown"


def _read(entry: EntryPoint) -> Plugin:
    """Nothing that a third party's module does at import may stop the others from being listed."""
    distribution = _distribution(entry)
    version = entry.dist.version if entry.dist else "unknown"
    try:
        with redirect_stdout(sys.stderr):
            spec = entry.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Plugin(entry.name, distribution, version, None, _reason(error))
    problem = _problem(entry.name, spec)
    return Plugin(entry.name, distribution, version, None if problem else spec, problem)


def _reason(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        lines = []
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{text} (is the package that provides {error.name!r} installed?)"
    return text


def _problem(name: str, spec: object) -> str:
    """Why a loaded object is no usable spec; empty if it is one."""
    if not isinstance(spec, ModelSpec):
        return f"its entry point is {type(spec).__name__}, not a ModelSpec"
    if not isinstance(spec.api, int):
        return f"its api is {spec.api!r}, not a whole number"
    if spec.api != API:
        older = "ganzoo" if spec.api > API else "the plugin"
        return f"it speaks api {spec.api}, this ganzoo speaks api {API}: upgrade {older}"
    if not isinstance(spec.model, str) or spec.model.count(":") != 1:
        return "its model is not written 'package.module:Class'"
    if not isinstance(spec.presets, Mapping) or not spec.presets:
        return "its spec has no preset by name"
    for preset in spec.presets.values():
        if not isinstance(preset, Preset) or not isinstance(preset.recipe, Recipe):
            return "a preset of its spec is no Preset with a config and a recipe"
    if "." in name or "/" in name:
        return "its name contains '.' or '/', which ganzoo keeps for presets and distributions"
    return ""


def resolve(name: str) -> Model:
    """The model that ``arch``, ``arch.preset`` or ``distribution/arch.preset`` means.

    A bare architecture means its first preset. A bare name that ganzoo's own distribution
    provides stays ganzoo's, so that installing a plugin never changes what a name means.

    Raises:
        UnknownNameError: no such model or preset.
        PluginError: the plugin is broken, or two third parties provide the name.
    """
    distribution, _, rest = name.rpartition("/")
    architecture, _, preset = rest.partition(".")
    plugins = discover()
    claims = [
        plugin
        for plugin in plugins
        if plugin.name == architecture and distribution in ("", plugin.distribution)
    ]
    if not claims:
        known = {p.qualified if distribution else p.name for p in plugins if p.spec}
        asked = f"{distribution}/{architecture}" if distribution else architecture
        raise UnknownNameError("model", asked, known, "see `ganzoo list`")
    plugin = _choose(architecture, claims)
    if plugin.spec is None:
        raise PluginError(
            f"plugin {plugin.qualified} {plugin.version} is broken: {plugin.error}"
            f" (repair it, or `pip uninstall {plugin.distribution}`)"
        )
    if preset and preset not in plugin.spec.presets:
        known = {f"{architecture}.{preset_name}" for preset_name in plugin.spec.presets}
        raise UnknownNameError("model", rest, known, "see `ganzoo list`")
    return Model(plugin, plugin.spec, preset or next(iter(plugin.spec.presets)))


def _choose(name: str, claims: list[Plugin]) -> Plugin:
    own = [plugin for plugin in claims if plugin.distribution == OWN_DISTRIBUTION]
    if len(claims) == 1 or own:
        return (own or claims)[0]
    both = " and ".join(plugin.qualified for plugin in claims)
    raise PluginError(f"the name {name!r} is provided by {both}: write one of these in full")


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

"""Plugins: specs behind entry points, read without importing torch."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any, Generic, TypeVar

from ganzoo.errors import PluginError, UnknownNameError
from ganzoo.registry.distributions import UNKNOWN, Origin, entries
from ganzoo.spec import API, DatasetSpec, ExtractorSpec, ModelConfig, ModelSpec, Preset, Recipe

S = TypeVar("S", ModelSpec, DatasetSpec, ExtractorSpec)

OWN_DISTRIBUTION = "ganzoo-core"
SLOW_SECONDS = 2.0
"""Longest time that the import of a spec should take; one that takes longer imports torch."""


@dataclass(frozen=True)
class Kind(Generic[S]):
    """Kind of thing that plugins provide: its entry-point group and its names in messages."""

    group: str
    spec: type[S]
    noun: str
    shown_by: str
    """Command that lists all of them."""


MODELS = Kind("ganzoo.models", ModelSpec, "model", "ganzoo list")
DATASETS = Kind("ganzoo.datasets", DatasetSpec, "data set", "ganzoo data list")
EXTRACTORS = Kind("ganzoo.extractors", ExtractorSpec, "extractor", "ganzoo protocols")


@dataclass(frozen=True)
class Plugin(Generic[S]):
    """One entry point: its spec, or the reason why there is none."""

    name: str
    distribution: str
    version: str
    spec: S | None
    error: str = ""
    editable: bool = False
    """Installed in place (``pip install -e``), where the version does not identify the code."""
    seconds: float = 0.0
    """Time that the import of its spec took."""

    @property
    def qualified(self) -> str:
        """``distribution/name``, which is unique."""
        return f"{self.distribution}/{self.name}"

    @property
    def provider(self) -> str:
        """Distribution and version, as they are shown."""
        return provider(self.distribution, self.version, self.editable)

    @property
    def complaint(self) -> str:
        """One line on what is wrong and what to do; empty if nothing is wrong."""
        if self.error:
            remedy = f"repair it, or `pip uninstall {self.distribution}`"
            if self.version == UNKNOWN:
                remedy = "reinstall it, or delete the folder of its metadata"
            return f"plugin {self.qualified} {self.version} is broken: {self.error} ({remedy})"
        if self.seconds > SLOW_SECONDS:
            return (
                f"plugin {self.qualified} {self.version} took {self.seconds:.1f} s to import:"
                " tell its author that a spec must import no torch"
            )
        return ""


def provider(distribution: str, version: str, editable: bool) -> str:
    """Distribution and version as they are shown."""
    return f"{distribution} {version}" + (" (editable)" if editable else "")


def installed(kind: Kind[S]) -> list[Plugin[S]]:
    """Every installed plugin of a kind, sorted by name; broken ones carry their reason.

    ``GANZOO_PLUGINS`` restricts them: empty for none, or names separated by commas, each that of
    an entry point, of a distribution, or ``distribution/name``.
    """
    wanted = os.environ.get("GANZOO_PLUGINS")
    names = None if wanted is None else {name.strip() for name in wanted.split(",")}
    found = [
        _read(kind, entry, origin)
        for entry, origin in entries(kind.group)
        if names is None or names & _names(entry.name, origin.distribution)
    ]
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))


def find_plugin(kind: Kind[S], name: str) -> tuple[Plugin[S], S]:
    """The plugin called ``name`` or ``distribution/name``, and its spec.

    A bare name that ganzoo's own distribution provides stays ganzoo's, so that installing a plugin
    never changes the meaning of a name.

    Raises:
        UnknownNameError: there is none.
        PluginError: it is broken, or two third parties provide the name.
    """
    distribution, _, bare = name.rpartition("/")
    plugins = installed(kind)
    claims = [
        plugin
        for plugin in plugins
        if plugin.name == bare and distribution in ("", plugin.distribution)
    ]
    if not claims:
        known = {p.qualified if distribution else p.name for p in plugins if p.spec}
        raise UnknownNameError(kind.noun, name, known, f"see `{kind.shown_by}`")
    plugin = _choose(bare, claims)
    if plugin.spec is None:
        raise PluginError(plugin.complaint)
    return plugin, plugin.spec


def plugin_warnings(plugins: list[Plugin[S]], taken: Iterable[str] = ()) -> list[str]:
    """Warnings about broken plugins, slow ones, and names that two plugins provide.

    Args:
        plugins: from `installed`.
        taken: names that ganzoo itself uses, without a plugin.
    """
    warnings = [plugin.complaint for plugin in plugins if plugin.complaint]
    for name in dict.fromkeys(plugin.name for plugin in plugins):
        claims = [plugin for plugin in plugins if plugin.name == name]
        strangers = [each for each in claims if each.distribution != OWN_DISTRIBUTION]
        if strangers and (len(strangers) < len(claims) or name in taken):
            others = " or ".join(each.qualified for each in strangers)
            own = f"the name {name!r} means ganzoo's own"
            warnings.append(f"{own}: write {others} for the other one")
        elif len(strangers) > 1:
            warnings.append(_ambiguous(name, strangers))
    return warnings


def import_object(plugin: Plugin[S], path: str) -> Any:
    """Import what a spec names by a string, ``"package.module:object"``.

    Raises:
        PluginError: it cannot be imported.
    """
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:
        raise PluginError(
            f"plugin {plugin.qualified} {plugin.version}: cannot import {path}: {_reason(error)}"
        ) from error


def _choose(name: str, claims: list[Plugin[S]]) -> Plugin[S]:
    own = [plugin for plugin in claims if plugin.distribution == OWN_DISTRIBUTION]
    if len(claims) == 1 or own:
        return (own or claims)[0]
    raise PluginError(_ambiguous(name, claims))


def _ambiguous(name: str, claims: list[Plugin[S]]) -> str:
    both = " and ".join(plugin.qualified for plugin in claims)
    return f"the name {name!r} is provided by {both}: write one of these in full"


def _names(name: str, distribution: str) -> set[str]:
    """All names by which ``GANZOO_PLUGINS`` may ask for an entry point."""
    return {name, distribution, f"{distribution}/{name}"}


def _read(kind: Kind[S], entry: EntryPoint, origin: Origin) -> Plugin[S]:
    """Import one spec; whatever a third party's module does then, the others are listed."""
    started = time.monotonic()
    spec, problem = None, origin.problem
    try:
        if not problem:
            with redirect_stdout(sys.stderr):
                spec = entry.load()
            problem = _problem(kind, entry.name, spec)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        problem = _reason(error)
    return Plugin(
        name=entry.name,
        distribution=origin.distribution,
        version=origin.version,
        spec=None if problem else spec,
        error=problem,
        editable=origin.editable,
        seconds=time.monotonic() - started,
    )


def _reason(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        lines = []
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "ganzoo":
        return f"{text}: it speaks another api, this ganzoo speaks api {API}: upgrade the plugin"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{text} (is the package that provides {error.name!r} installed?)"
    return text


def _problem(kind: Kind[S], name: str, spec: object) -> str:
    """The reason why a loaded object is no usable spec; empty if it is one."""
    if not isinstance(spec, kind.spec):
        return f"its entry point is {type(spec).__name__}, not a {kind.spec.__name__}"
    if not isinstance(spec.api, int):
        return f"its api is {spec.api!r}, not a whole number"
    if spec.api != API:
        older = "ganzoo" if spec.api > API else "the plugin"
        return f"it speaks api {spec.api}, this ganzoo speaks api {API}: upgrade {older}"
    if "." in name or "/" in name or ":" in name:
        return "its name contains '.', '/' or ':', which ganzoo keeps for presets and sources"
    if isinstance(spec, ModelSpec):
        return _problem_of_model(spec)
    path = spec.load if isinstance(spec, DatasetSpec) else spec.build
    if not isinstance(path, str) or path.count(":") != 1:
        return f"{path!r} is not written 'package.module:function'"
    return ""


def _problem_of_model(spec: ModelSpec) -> str:
    if not isinstance(spec.model, str) or spec.model.count(":") != 1:
        return "its model is not written 'package.module:Class'"
    if not isinstance(spec.presets, Mapping) or not spec.presets:
        return "its spec has no preset by name"
    for preset in spec.presets.values():
        if not isinstance(preset, Preset) or not isinstance(preset.recipe, Recipe):
            return "a preset of its spec is no Preset with a config and a recipe"
        if not isinstance(preset.config, ModelConfig):
            return f"the config of a preset is no ganzoo.ModelConfig, as api {API} asks"
    return ""

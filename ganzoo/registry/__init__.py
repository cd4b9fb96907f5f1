"""Installed plugins, and the models, data sets and extractors that they provide."""

from ganzoo.registry.listing import info, list_models
from ganzoo.registry.models import Model, closer_preset, discover, match, models, resolve
from ganzoo.registry.plugins import (
    DATASETS,
    EXTRACTORS,
    MODELS,
    OWN_DISTRIBUTION,
    SLOW_SECONDS,
    Kind,
    Plugin,
    find_plugin,
    import_object,
    installed,
    plugin_warnings,
    provider,
)

__all__ = [
    "DATASETS",
    "EXTRACTORS",
    "MODELS",
    "OWN_DISTRIBUTION",
    "SLOW_SECONDS",
    "Kind",
    "Model",
    "Plugin",
    "closer_preset",
    "discover",
    "find_plugin",
    "import_object",
    "info",
    "installed",
    "list_models",
    "match",
    "models",
    "plugin_warnings",
    "provider",
    "resolve",
]

"""Which plugins are installed and what they provide: models, data sets, extractors."""

from ganzoo.registry.model import Model, discover, match, models, resolve
from ganzoo.registry.plugin import (
    DATASETS,
    EXTRACTORS,
    MODELS,
    OWN_DISTRIBUTION,
    SLOW_SECONDS,
    Kind,
    Plugin,
    find,
    imported,
    notes,
    provided,
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
    "discover",
    "find",
    "imported",
    "match",
    "models",
    "notes",
    "provided",
    "provider",
    "resolve",
]

"""Completion of names on the command line, after ``ganzoo --install-completion``."""

from __future__ import annotations

from collections.abc import Iterable

from ganzoo.errors import GanzooError

DATA_FORMS = ("folder:", "pairs:", "unpaired:", "audio:", "text:", "hf:")
"""Beginnings of data sets that are files or repositories."""


def models(incomplete: str) -> list[str]:
    """Names of models; of architectures alone until a name contains a dot."""
    return _models(incomplete, trained=False)


def trained_models(incomplete: str) -> list[str]:
    """Names of models with weights."""
    return _models(incomplete, trained=True)


def protocols(incomplete: str) -> list[str]:
    """Names of protocols."""
    from ganzoo.evaluation.protocols import PROTOCOLS

    return _begin(PROTOCOLS, incomplete)


def data_sets(incomplete: str) -> list[str]:
    """Names of data sets, and beginnings of those that are files."""
    from ganzoo import registry
    from ganzoo.data.catalog import KNOWN

    plugins = [plugin.name for plugin in registry.installed(registry.DATASETS)]
    return _begin([*KNOWN, *plugins, *DATA_FORMS], incomplete)


def _models(incomplete: str, *, trained: bool) -> list[str]:
    from ganzoo.cli import list_index

    try:
        rows, _ = list_index.rows()
    except GanzooError:
        return []
    names = [row["model"] for row in rows if row["weights"] or not trained]
    if "." not in incomplete and not trained:
        names = list(dict.fromkeys(name.partition(".")[0] for name in names))
        found = _begin(names, incomplete)
        if len(found) != 1:
            return found
        names = [*found, *(row["model"] for row in rows)]
    return _begin(names, incomplete)


def _begin(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]

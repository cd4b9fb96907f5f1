"""Cached rows of ``ganzoo list``: importing every plugin takes longer than reading one file.

The rows depend on files alone: on the directories of ``sys.path``, on what was opened while the
plugins were found and imported, and on the modules that were loaded. They are used only while all
of these are as they were. They are stored only from a fresh process, where no plugin has a
warning, reads the environment, or was changed while it was read.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ganzoo.errors import UsageError
from ganzoo.runtime.paths import cache_dir

if TYPE_CHECKING:
    from ganzoo import registry

Row: TypeAlias = dict[str, Any]
"""One model as ``ganzoo list --json`` prints it."""

RECENT = 2_000_000_000
"""Nanoseconds: a file that changed so shortly before may change again with the same times."""

_opened: set[str] | None = None
"""Files that were opened while it is a set; audit hooks cannot be removed, only told to rest."""


def rows() -> tuple[list[Row], list[str]]:
    """Rows of all models, and warnings about plugins."""
    if "ganzoo.registry" in sys.modules or "GANZOO_PLUGINS" in os.environ:
        return _discover()
    file = _index_file()
    stored = _read(file)
    if stored and stored["state"] == _state(stored["files"]):
        return stored["rows"], []
    started, before = time.time_ns(), set(sys.modules)
    with _recording() as opened:
        found, warnings = _discover()
    files = opened | {
        str(module.__file__)
        for name, module in list(sys.modules.items())
        if (name not in before or name.partition(".")[0] == "ganzoo")
        and getattr(module, "__file__", None)
        and name.partition(".")[0] not in sys.stdlib_module_names
    }
    if file and not warnings and not _is_uncertain(files, started):
        _write(file, {"files": sorted(files), "state": _state(sorted(files)), "rows": found})
    return found, warnings


def _discover() -> tuple[list[Row], list[str]]:
    """Rows and warnings from the plugins themselves."""
    from ganzoo import registry
    from ganzoo.data.catalog import needs_of

    plugins = registry.discover()
    return [
        {
            "model": model.name,
            "weights": model.pretrained,
            "published": _published(model),
            "data": model.preset.recipe.data,
            "distribution": model.plugin.distribution,
            "version": model.plugin.version,
            "editable": model.plugin.editable,
            "summary": model.summary,
            "needs": needs_of(model),
            "architecture": model.spec.summary,
        }
        for model in registry.models(plugins=plugins)
    ], registry.plugin_warnings(plugins)


def _published(model: registry.Model) -> dict[str, object] | None:
    """Facts on weights that others published; None for weights of our own, or none at all."""
    weights = model.preset.weights
    if weights is None or not weights.converter:
        return None
    return {
        "license": weights.license,
        "terms": weights.terms,
        "size": weights.size,
        "sha256": weights.sha256,
        "download": bool(weights.sha256) and not weights.page,
        "source": weights.origin or weights.url or f"hf-hub:{weights.repo}",
        "scores": dict(weights.scores),
    }


@contextmanager
def _recording() -> Iterator[set[str]]:
    """A set that collects the files opened inside the block."""
    global _opened
    sys.addaudithook(_note)
    opened: set[str] = set()
    _opened = opened
    try:
        yield opened
    finally:
        _opened = None


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is not None and event == "open" and isinstance(arguments[0], str | os.PathLike):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if not path.endswith(".pyc"):
            _opened.add(path)


def _state(files: Iterable[str]) -> list[Any]:
    """Everything that the rows depend on, as JSON."""
    directories = [path or os.getcwd() for path in sys.path]
    return [sys.version, directories, [_stat(path) for path in (*directories, *files)]]


def _stat(path: str) -> list[int]:
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino]


def _is_uncertain(files: Iterable[str], started: int) -> bool:
    """True if a file was just changed, or if a plugin may depend on more than files."""
    directories = [path or os.getcwd() for path in sys.path]
    if any(max(_stat(path)[:2], default=0) > started - RECENT for path in (*files, *directories)):
        return True
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    foreign = [Path(path) for path in files if path.endswith(".py") and not path.startswith(own)]
    sources = [path.read_bytes() for path in foreign if path.is_file()]
    return any(word in source for source in sources for word in (b"environ", b"getenv"))


def _index_file() -> Path | None:
    """File of the index; None where there is no cache."""
    try:
        return cache_dir() / "list.json"
    except (UsageError, OSError):
        return None


def _read(file: Path | None) -> dict[str, Any] | None:
    try:
        stored = json.loads(file.read_bytes()) if file else None
    except (OSError, ValueError):
        return None
    known = isinstance(stored, dict) and stored.keys() == {"files", "state", "rows"}
    return stored if known else None


def _write(file: Path, content: dict[str, Any]) -> None:
    """Store the index; without a cache that can be written, the next list takes as long again."""
    from ganzoo.runtime.files import atomic_write

    try:
        with atomic_write(file) as temporary:
            temporary.write_text(json.dumps(content), encoding="utf-8")
    except OSError:
        pass

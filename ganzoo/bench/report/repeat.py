"""Command that repeats a run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from ganzoo.errors import GanzooError
from ganzoo.hub import RunConfig
from ganzoo.spec.config import to_json

OPTIONS = ("data", "kimg", "batch")
"""Fields of a recipe that are options of their own."""


def command(run: RunConfig) -> str:
    """The command that repeats a run, with every difference from its preset."""
    words = ["ganzoo", "train", run.model]
    theirs: Mapping[str, Any] = to_json(run.recipe)
    words += [part for key in OPTIONS for part in (f"--{key}", _text(theirs[key]))]
    words += ["--seed", str(run.seed)]
    if run.budget is not None:
        words += ["--budget", f"{run.budget:g}s"]
    if run.init:
        words += ["--init", run.init]
    words += [part for layers in run.freeze for part in ("--freeze", layers)]
    words += [part for change in _changes(run) for part in ("--set", change)]
    return shlex.join(words)


def _changes(run: RunConfig) -> Iterator[str]:
    """Settings that differ from the preset; none where its plugin is not installed."""
    try:
        preset = run.resolve().preset
    except GanzooError:
        return
    yield from _differences(to_json(preset.config), dict(run.config))
    for before, now in [(to_json(preset.recipe), to_json(run.recipe))]:
        for key in OPTIONS:
            before.pop(key), now.pop(key)
        yield from _differences(before, now)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], at: str = "") -> Iterator[str]:
    for key, value in now.items():
        old = before.get(key)
        if isinstance(value, Mapping):
            yield from _differences(old if isinstance(old, Mapping) else {}, value, f"{at}{key}.")
        elif value != old:
            yield f"{at}{key}={_text(value)}"


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(_text, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)

"""Models for programs: their names, and the facts of one as plain data."""

from __future__ import annotations

from ganzoo.errors import UnknownNameError
from ganzoo.registry.models import models, resolve
from ganzoo.runtime.arguments import check_given
from ganzoo.spec.config import to_json


def list_models(pattern: str = "*", *, pretrained: bool = False) -> list[str]:
    """Names of the installed models, ``arch.preset``.

    Args:
        pattern: part of a name, or a glob such as ``*.mnist``.
        pretrained: only those with trained weights.

    Raises:
        UnknownNameError: no model matches.
    """
    check_given("pattern", pattern, (str,), "a part of a name, or a glob such as *.mnist")
    glob = pattern if any(sign in pattern for sign in "*?[") else f"*{pattern}*"
    found = list(models(glob))
    if not found and pattern != "*":
        known = [model.name for model in models()]
        raise UnknownNameError("model that matches", pattern, known, "see `ganzoo list`")
    return [model.name for model in found if model.pretrained or not pretrained]


def info(name: str) -> dict[str, object]:
    """Facts of a model as ``ganzoo info --json`` prints them: provider, paper, license, presets.

    Args:
        name: ``arch`` or ``arch.preset``.

    Raises:
        UnknownNameError: no such model.
        PluginError: its plugin is broken.
    """
    model = resolve(name)
    return {
        "model": model.name,
        "distribution": model.plugin.distribution,
        "version": model.plugin.version,
        "editable": model.plugin.editable,
        "spec": to_json(model.spec),
    }

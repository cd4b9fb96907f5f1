"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganzoo.cli.typer_app import app as app

HOMES = {
    "list": "models",
    "info": "models",
    "train": "work",
    "sample": "work",
    "bench": "work",
    "eval": "scores",
    "protocols": "scores",
    "verify": "scores",
    "pull": "weights",
    "push": "weights",
    "export": "weights",
    "import": "weights",
    "data": "data",
    "plugin": "plugins",
}
"""Which module defines a command: one that is asked for does not wait for the others."""

__all__ = ["app", "main"]


def main() -> None:
    """The entry point of the command ``ganzoo``."""
    first = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    _define([HOMES[first]] if first in HOMES else HOMES.values())
    from ganzoo.cli.typer_app import app

    app(prog_name="ganzoo")


def _define(modules: Iterable[str]) -> None:
    for module in dict.fromkeys(modules):
        import_module(f"ganzoo.cli.{module}")


def __getattr__(name: str) -> object:
    """``app``, with every command."""
    if name == "app":
        _define(HOMES.values())
        return import_module("ganzoo.cli.typer_app").app
    raise AttributeError(f"module 'ganzoo.cli' has no attribute {name!r}")

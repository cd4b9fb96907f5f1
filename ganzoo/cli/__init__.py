"""Command line: one module a command, ``cmd_NAME.py``; each parses, calls and prints."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganzoo.cli.typer_app import app as app

COMMANDS = (
    *("list", "info", "train", "sample", "explore", "project", "bench", "compare", "report"),
    *(
        "eval",
        "protocols",
        "verify",
        "pull",
        "push",
        "export",
        "import",
        "data",
        "recommend",
        "plugin",
    ),
)
"""Names of all commands, in the order of ``ganzoo --help``."""

__all__ = ["app", "main"]


def main() -> None:
    """Run the command ``ganzoo``; only the module of the command that was typed is imported."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names of files may hold signs that it cannot show
            stream.reconfigure(errors="backslashreplace")
    first = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    _define([first] if first in COMMANDS else COMMANDS)
    from ganzoo.cli.typer_app import app

    app(prog_name="ganzoo")


def _define(commands: Iterable[str]) -> None:
    for command in commands:
        import_module(f"ganzoo.cli.cmd_{command}")


def __getattr__(name: str) -> object:
    """``app``, with every command."""
    if name == "app":
        _define(COMMANDS)
        return import_module("ganzoo.cli.typer_app").app
    raise AttributeError(f"module 'ganzoo.cli' has no attribute {name!r}")

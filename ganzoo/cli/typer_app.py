"""Typer application: global options, and errors in one line on stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ganzoo.errors import GanzooError
from ganzoo.runtime import progress

INVALID_USAGE = typer.BadParameter.__mro__[1]
"""Base class of what the parser raises; typer itself exports only its subclasses."""


class ErrorsInOneLine(TyperGroup):
    """Group whose commands report every error in one line, with its exit code."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        with _errors_in_one_line():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        with _errors_in_one_line():
            return super().invoke(ctx)


app = typer.Typer(
    cls=ErrorsInOneLine,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
_debug = False


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    try:
        yield
        return
    except (typer.Exit, typer.Abort):
        raise
    except (Exception, KeyboardInterrupt) as error:
        if _debug or _is_help(error):
            raise
        code = _report(error)
    raise typer.Exit(code)  # outside the handler, so that the error's frames are released


def _is_help(error: BaseException) -> bool:
    """True for the help that the parser raises when a group gets no arguments."""
    return type(error).__name__ == "NoArgsIsHelpError"


def _report(error: BaseException) -> int:
    """Print an error, and return the exit code."""
    if isinstance(error, GanzooError):
        error_line(str(error))
        return error.exit_code
    if isinstance(error, INVALID_USAGE):
        return _report_usage(error)
    if isinstance(error, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return 130
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return 1
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        error_line(f"{where}{error.strerror or error}")
        return 1
    if isinstance(error, MemoryError):
        error_line("out of memory: use a smaller batch or fewer samples")
        return 1
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    error_line(f"{text} (a bug of ganzoo or a plugin: `ganzoo --debug ...` shows where)")
    return 1


def _report_usage(error: Any) -> int:
    """Print what the parser refused, and where the options are listed."""
    command = error.ctx.command_path if error.ctx else "ganzoo"
    message = error.format_message().rstrip(".").replace(" Value error, ", " ")
    error_line(f"{message} (see `{command} --help`)")
    return int(error.exit_code)


def error_line(text: str) -> None:
    """Print one line on stderr, whatever the text."""
    print(f"error: {' '.join(text.split())}", file=sys.stderr)


def _version(wanted: bool) -> None:
    if wanted:
        from ganzoo.runtime.version import VERSION

        print(f"ganzoo {VERSION}")
        raise typer.Exit


@app.callback()
def start(
    debug: Annotated[bool, typer.Option(help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """GANs by name: list, train, sample, score and compare them.

    \b
    ganzoo list                              list the installed models
    ganzoo bench MODEL                       measure quality and speed here
    ganzoo train MODEL --data folder:PATH    train on images of your own
    ganzoo sample local-dir:runs/MODEL       generate samples
    """  # noqa: D301 # \b keeps the lines apart
    global _debug
    _debug = debug
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    progress.enable()

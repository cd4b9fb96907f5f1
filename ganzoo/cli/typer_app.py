"""The app itself: what all commands share, and how errors are told."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from ganzoo.errors import GanzooError
from ganzoo.runtime import progress
from ganzoo.runtime.version import VERSION

F = TypeVar("F", bound=Callable[..., Any])

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")]
Seed = Annotated[int, typer.Option(help="Of everything random.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_debug = False


def handle_errors(command: F) -> F:
    """Errors in one line on stderr, with the exit code that they deserve."""

    @functools.wraps(command)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except (Exception, KeyboardInterrupt) as error:
            if _debug:
                raise
            code = _say(error)
        raise typer.Exit(code)  # out here the error is gone, and the threads that its frames held

    return wrapper  # type: ignore[return-value] # wraps keeps the signature


def _say(error: BaseException) -> int:
    if isinstance(error, GanzooError):
        error_line(str(error))
        return error.exit_code
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
    error_line(f"{text} (a bug of ganzoo or a plugin: `ganzoo --debug ...` says where)")
    return 1


def error_line(text: str) -> None:
    """One line on stderr, whatever the text."""
    print(f"error: {' '.join(text.splitlines())}", file=sys.stderr)


def _version(wanted: bool) -> None:
    if wanted:
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
    ganzoo list                                 what there is
    ganzoo bench MODEL                          what it is worth on this machine
    ganzoo train MODEL --data folder:PATH       train it on images of your own
    ganzoo sample local-dir:runs/MODEL          draw what it has learned
    """  # noqa: D301 # \b keeps the lines apart
    global _debug
    _debug = debug
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    progress.enable()


def print_columns(header: list[str], rows: list[list[str]]) -> None:
    """A table in plain text on stdout."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in [header, *rows]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())

"""Progress bars on stderr, for people only: silent in a library, in a pipe, in a test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_shown: ContextVar[bool] = ContextVar("shown", default=False)


def enable() -> None:
    """Draw bars from now on; the command line does, where stderr is a terminal."""
    _shown.set(sys.stderr.isatty())


def is_enabled() -> bool:
    """Whether bars are drawn."""
    return _shown.get()


def _silent(done: float, note: str) -> None:
    """What `bar` yields where nobody looks."""


@contextmanager
def progress_bar(
    text: str, total: float, *, unit: str = ""
) -> Iterator[Callable[[float, str], None]]:
    """A bar with a rate and the time left; call what it yields with how far the work is.

    Args:
        text: what is being done.
        total: where it ends.
        unit: of the total, shown after the numbers.

    Yields:
        ``update(done, note)``; the note is shown at the end of the line.
    """
    if not is_enabled():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    done = "{task.completed:.0f}/{task.total:.0f}" + (f" {unit}" if unit else "")
    columns = (
        TextColumn("{task.description}", table_column=Column(no_wrap=True)),
        BarColumn(12, table_column=Column(min_width=12)),
        TextColumn(done, table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(min_width=7, no_wrap=True)),
        TextColumn(
            "{task.fields[note]}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")
        ),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, expand=True) as progress:
        task = progress.add_task(text, total=total, note="")

        def update(done: float, note: str = "") -> None:
            progress.update(task, completed=done, note=note)

        yield update

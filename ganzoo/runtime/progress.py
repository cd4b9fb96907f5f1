"""Progress bars on stderr, off unless the command line enables them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_shown: ContextVar[bool] = ContextVar("shown", default=False)


def enable() -> None:
    """Show progress bars from now on, if stderr is a terminal."""
    _shown.set(sys.stderr.isatty())


def is_enabled() -> bool:
    """True if progress bars are shown."""
    return _shown.get()


def _show_nothing(done: float, note: str) -> None:
    """Update of a progress bar that is not shown."""


@contextmanager
def progress_bar(
    text: str, total: float, *, unit: str = ""
) -> Iterator[Callable[[float, str], None]]:
    """Progress bar with the time left.

    Args:
        text: description of the work.
        total: amount of work.
        unit: of the amount.

    Yields:
        ``update(done, note)``, to be called with the amount done and a note for the line's end.
    """
    if not is_enabled():
        yield _show_nothing
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

"""Progress on stderr: a bar on a terminal, else a line from time to time; off in a library."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from ganzoo.runtime.durations import clock

_shown: ContextVar[bool] = ContextVar("shown", default=False)

LINE_SECONDS = 30.0
"""Time between lines, where there is no terminal."""


class Update(Protocol):
    """Update of a progress display."""

    def __call__(self, done: float, note: str = "", amount: str = "") -> None:
        """Show the amount done, a note for the line's end, and the amount in other words."""


def enable() -> None:
    """Show progress from now on."""
    _shown.set(True)


def is_enabled() -> bool:
    """True if progress is shown."""
    return _shown.get()


@contextmanager
def showing(wanted: bool) -> Iterator[None]:
    """Show progress inside the block, if wanted or enabled before."""
    token = _shown.set(wanted or _shown.get())
    try:
        yield
    finally:
        _shown.reset(token)


def say(text: str) -> None:
    """Print a line on stderr, if progress is shown."""
    if is_enabled():
        _write(text)


def _write(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _show_nothing(done: float, note: str = "", amount: str = "") -> None:
    """Update of a progress display that is not shown."""


@contextmanager
def progress_bar(
    text: str,
    total: float | None,
    *,
    unit: str = "",
    line_seconds: float = LINE_SECONDS,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[Update]:
    """Progress with the time left.

    Args:
        text: description of the work.
        total: amount of work; None if unknown.
        unit: of the amount.
        line_seconds: time between lines, without a terminal.
        now: clock of these lines, in seconds.

    Yields:
        ``update(done, note)``, to be called with the amount done and a note for the line's end.
    """
    if not is_enabled():
        yield _show_nothing
    elif sys.stderr.isatty():
        with _bar(text, total, unit) as update:
            yield update
    else:
        yield _lines(text, total, unit, line_seconds, now)


def _amount(done: float, total: float | None, unit: str) -> str:
    of_total = "" if total is None else f"/{total:.0f}"
    return f"{done:.0f}{of_total}" + (f" {unit}" if unit else "")


def _lines(
    text: str, total: float | None, unit: str, seconds: float, clock_now: Callable[[], float]
) -> Update:
    """Print a line each time so many seconds have passed."""
    started = printed = clock_now()
    first: float | None = None

    def update(done: float, note: str = "", amount: str = "") -> None:
        nonlocal first, printed
        now = clock_now()
        first = done if first is None else first
        if now - printed < seconds:
            return
        printed = now
        parts = [amount or _amount(done, total, unit)]
        if total is not None and done > first:
            parts.append(f"{clock((now - started) * (total - done) / (done - first))} left")
        _write(f"{text}: {', '.join([*parts, note] if note else parts)}")

    return update


@contextmanager
def _bar(text: str, total: float | None, unit: str) -> Iterator[Update]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    columns = (
        TextColumn("{task.description}", table_column=Column(no_wrap=True)),
        BarColumn(12, table_column=Column(min_width=12)),
        TextColumn("{task.fields[amount]}", table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(min_width=7, no_wrap=True)),
        TextColumn(
            "{task.fields[note]}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")
        ),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, expand=True) as progress:
        task = progress.add_task(text, total=total, note="", amount=_amount(0, total, unit))

        def update(done: float, note: str = "", amount: str = "") -> None:
            amount = amount or _amount(done, total, unit)
            progress.update(task, completed=done, note=note, amount=amount)

        yield update

"""Markdown tables and the figures in them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from ganzoo.runtime.text_table import format_table


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; pipes within cells are escaped."""
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return format_table(header, escaped, markdown=True)


def figure(value: float | None, form: str = ".4g") -> str:
    """A formatted number; empty for None."""
    return "" if value is None else format(value, form)


def mean(values: Sequence[float | None], form: str, *, spread: bool = False) -> str:
    """The mean of the known values, optionally with their standard deviation."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    middle = statistics.fmean(known)
    if spread and known[1:]:
        return value_with_deviation(middle, statistics.stdev(known), form)
    return figure(middle, form)


def value_with_deviation(value: float, deviation: float, form: str) -> str:
    """A value and its standard deviation; a deviation within rounding error is shown as 0."""
    shown = 0 if deviation < 1e-9 * abs(value) else deviation
    return f"{figure(value, form)} ± {shown:.2g}"

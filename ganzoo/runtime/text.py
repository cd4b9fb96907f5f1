"""Text for messages: printable names, first lines, lists that are cut."""

from __future__ import annotations

from collections.abc import Iterable


def printable(text: object) -> str:
    """Text in one line: control characters, which file names may contain, are escaped."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(text))


def first_line(error: BaseException) -> str:
    """The first line of an error's message; the name of its type if it has none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def counted(n: int, noun: str) -> str:
    """A number and its noun: ``1 image``, ``2,000 images``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def first_items(items: Iterable[object], most: int = 3, separator: str = "; ") -> str:
    """The first few items, joined; `` ...`` if there are more."""
    texts = [str(item) for item in items]
    more = [] if len(texts) <= most else ["..."]
    return separator.join([*texts[:most], *more])

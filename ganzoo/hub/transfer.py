"""Reports of downloads: a line at the start, progress with the time left, a line at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from ganzoo.runtime.durations import in_bytes, rounded
from ganzoo.runtime.progress import Update, is_enabled, progress_bar, say

SMALL = 100_000
"""Bytes below which nothing is said: a config is here before the line is read."""


class Transfer:
    """Report of one download on stderr, as a context.

    Args:
        source: the file, for the first line.
        folder: place of the file, for the first line.
        now: clock in seconds.
    """

    def __init__(
        self, source: str, folder: object, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._source, self._folder, self._now = source, folder, now
        self._file = source.rpartition("/")[2]
        self._bar = ExitStack()
        self._update: Update | None = None
        self._total: int | None = None
        self._done = 0
        self._started = now()

    def __enter__(self) -> Transfer:
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def begin(self, total: int | None, done: int = 0) -> None:
        """Start the progress; another attempt starts it again.

        Args:
            total: bytes of the file, if known.
            done: bytes that are here from an earlier attempt.
        """
        first, self._update = self._update is None, None
        self._bar.close()
        self._total, self._done = total, done
        if first and not self._is_small():
            size = "size unknown" if total is None else in_bytes(total)
            say(f"downloading {self._source} ({size}) to {self._folder}")
        bar = progress_bar(f"downloading {self._file}", total, now=self._now)
        self._update = self._bar.enter_context(bar)
        self.add(0)

    def add(self, count: int) -> None:
        """Count bytes that have come."""
        self._done += count
        if self._update is not None:
            done, total = self._done / 1e6, self._total
            of_total = "" if total is None else f" of {total / 1e6:.0f}"
            self._update(self._done, amount=f"{done:.0f}{of_total} MB")

    def end(self, place: object = "") -> None:
        """Say that the file is here, and where.

        Args:
            place: its path; left out if it is moved on.
        """
        self._bar.close()
        if self._update is not None and not self._is_small():
            stored = f", stored in {place}" if place else ""
            seconds = rounded(self._now() - self._started)
            say(f"downloaded {self._file}: {in_bytes(self._done)} in {seconds}{stored}")

    def hub_bar(self) -> Any:
        """A class that the Hub's client may use as its bar; None where the client shows its own.

        The client makes one bar for the file and, with Xet, a second for the network, which is
        silent here.
        """
        if not is_enabled():
            return None
        from huggingface_hub.utils.tqdm import tqdm

        transfer = self
        bars: list[object] = []

        class Bar(tqdm):
            def __init__(self, *arguments: Any, **options: Any) -> None:
                options["disable"] = True
                super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]  # theirs
                bars.append(self)
                if bars[0] is self:
                    transfer.begin(options.get("total"), options.get("initial") or 0)

            def update(self, n: float | None = 1) -> None:
                if bars[0] is self:
                    transfer.add(int(n or 0))

        return Bar

    def _is_small(self) -> bool:
        return self._total is not None and self._total < SMALL

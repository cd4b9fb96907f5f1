"""Work on many files in threads, with a progress bar."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TypeVar

from ganzoo.runtime import progress

T = TypeVar("T")
U = TypeVar("U")

MANY = 100
"""Files whose reading is worth a progress bar."""
_BLOCK = 16


def in_parallel(
    work: Callable[[T], U], items: Sequence[T], text: str, bar_from: int = MANY + 1
) -> list[U]:
    """Results of a function for each item, in their order.

    Args:
        work: the function.
        items: its arguments.
        text: shown beside the bar.
        bar_from: smallest number of items for which a bar is drawn.
    """
    blocks = [items[start : start + _BLOCK] for start in range(0, len(items), _BLOCK)]
    shown = len(items) >= bar_from
    done: list[U] = []
    with (
        progress.progress_bar(text, len(items), unit="files") if shown else nullcontext() as update,
        ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool,
    ):
        try:
            for results in pool.map(lambda block: [work(item) for item in block], blocks):
                done += results
                if update:
                    update(len(done), "")
        finally:
            pool.shutdown(cancel_futures=True)
    return done

"""Two processes in one: each metric meets the states of the other one."""

from __future__ import annotations

import threading
from collections.abc import Callable

import torch
from torchmetrics import Metric


def computed_together(make: Callable[..., Metric], *feeds: Callable[[Metric], None]) -> list:
    """Values that processes compute, each of which has fed a metric of its own.

    Args:
        make: builds a metric; its keywords are torchmetrics' ``dist_sync_fn`` and
            ``distributed_available_fn``.
        feeds: one for each process: updates of its metric.
    """
    barrier = threading.Barrier(len(feeds))
    shared: list[torch.Tensor | None] = [None] * len(feeds)
    values: list = [None] * len(feeds)

    def work(rank: int) -> None:
        def gather(tensor: torch.Tensor, group: object = None) -> list[torch.Tensor]:
            shared[rank] = tensor
            barrier.wait(10)
            found = [each.clone() for each in shared]
            barrier.wait(10)
            return found

        try:
            metric = make(dist_sync_fn=gather, distributed_available_fn=lambda: True)
            feeds[rank](metric)
            values[rank] = metric.compute()
        except BaseException:
            barrier.abort()
            raise

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(len(feeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return values

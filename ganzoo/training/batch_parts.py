"""Parts of a batch, whose gradients are added up."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ganzoo.gan import Batch


@dataclass
class BatchPart:
    """Part of a batch, and its fakes once a phase has needed them."""

    batch: Batch
    fake: Tensor | None = None


def split(batch: Batch, count: int) -> list[BatchPart]:
    """A batch in so many parts of equal length."""
    if count == 1:
        return [BatchPart(batch)]
    chunks = {key: rows.chunk(count) for key, rows in batch.items()}
    return [BatchPart({key: chunk[part] for key, chunk in chunks.items()}) for part in range(count)]

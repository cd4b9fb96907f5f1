"""Share of samples that are all but copies of each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from ganzoo.metrics import functional
from ganzoo.metrics.base import RowMetric
from ganzoo.metrics.feature_statistics import ROWS


class DuplicateShare(RowMetric):
    """Share of samples with a twin, at less than a hundredth of the real rows' nearest distance.

    Args:
        feature: network from a batch to (N, d); None: features are given to ``update``.
        rows: rows kept of each kind.
        chunk: rows whose distances are in memory at a time.
    """

    def __init__(
        self,
        feature: Callable[[Tensor], object] | None = None,
        *,
        rows: int = ROWS,
        chunk: int = functional.CHUNK,
        **kwargs: Any,
    ) -> None:
        super().__init__(feature, rows=rows, **kwargs)
        self.chunk = chunk

    def compute(self) -> Tensor:
        """The share; NaN where there are fewer than two rows of a kind."""
        return functional.duplicate_share(self.kept(real=True), self.kept(real=False), self.chunk)

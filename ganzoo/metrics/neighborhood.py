"""Precision, recall, density and coverage of features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from ganzoo.metrics import functional
from ganzoo.metrics.base import RowMetric
from ganzoo.metrics.feature_statistics import ROWS


class PrecisionRecallDensityCoverage(RowMetric):
    """Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).

    Args:
        feature: network from a batch to (N, d); None: features are given to ``update``.
        precision_neighbors: k of precision and recall.
        density_neighbors: k of density and coverage.
        rows: rows kept of each kind.
        chunk: rows whose distances are in memory at a time.
    """

    def __init__(
        self,
        feature: Callable[[Tensor], object] | None = None,
        *,
        precision_neighbors: int = 3,
        density_neighbors: int = 5,
        rows: int = ROWS,
        chunk: int = functional.CHUNK,
        **kwargs: Any,
    ) -> None:
        super().__init__(feature, rows=rows, **kwargs)
        self.precision_neighbors = precision_neighbors
        self.density_neighbors = density_neighbors
        self.chunk = chunk

    def compute(self) -> dict[str, Tensor]:
        """The four by name; empty where there are no more rows than neighbors."""
        return functional.precision_recall_density_coverage(
            self.kept(real=True),
            self.kept(real=False),
            self.precision_neighbors,
            self.density_neighbors,
            self.chunk,
        )

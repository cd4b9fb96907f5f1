"""Memorization-informed Fréchet distance (MiFID, Bai et al. 2021)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchmetrics.image.mifid import MemorizationInformedFrechetInceptionDistance

from ganzoo.metrics.base import RowKeeper, feature_network
from ganzoo.metrics.feature_statistics import ROWS


class MemorizationDistance(RowKeeper, MemorizationInformedFrechetInceptionDistance):
    """Fréchet distance, divided by how near the samples are to real rows.

    Args:
        feature: network from a batch to (N, d); None: features are given to ``update``.
        rows: rows kept of each kind; the distance is of these.
        reset_real_features: False keeps the real rows over `reset`.
    """

    row_dtype = torch.float64

    def __init__(
        self,
        feature: Callable[[Tensor], object] | None = None,
        *,
        rows: int = ROWS,
        reset_real_features: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            feature=feature_network(feature), reset_real_features=reset_real_features, **kwargs
        )
        self.rows = rows
        self.orig_dtype = torch.float32

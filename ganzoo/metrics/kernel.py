"""Kernel distance of features (KID, Binkowski et al. 2018)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchmetrics.image.kid import KernelInceptionDistance, poly_mmd

from ganzoo.metrics.base import RowKeeper, feature_network
from ganzoo.metrics.feature_statistics import ROWS


class KernelDistance(RowKeeper, KernelInceptionDistance):
    """Unbiased MMD with a cubic kernel, averaged over random subsets.

    The subsets are seeded, so that every process computes the same value. Fewer rows than
    ``subset_size`` make the subsets as large as they can be.

    Args:
        feature: network from a batch to (N, d); None: features are given to ``update``.
        subsets: number of subsets.
        subset_size: rows of each kind in a subset.
        rows: rows kept of each kind.
        seed: of the subsets.
        reset_real_features: False keeps the real rows over `reset`.
    """

    def __init__(
        self,
        feature: Callable[[Tensor], object] | None = None,
        *,
        subsets: int = 100,
        subset_size: int = 1000,
        rows: int = ROWS,
        seed: int = 0,
        reset_real_features: bool = True,
        **kwargs: Any,
    ) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*will save all extracted features in buffer")
            super().__init__(
                feature=feature_network(feature),
                subsets=subsets,
                subset_size=subset_size,
                reset_real_features=reset_real_features,
                **kwargs,
            )
        self.rows = rows
        self.seed = seed

    def compute(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation over the subsets.

        Raises:
            RuntimeError: fewer than two rows of a kind.
        """
        real, fake = self.kept(real=True), self.kept(real=False)
        size = min(self.subset_size, len(real), len(fake))
        if size < 2:
            raise RuntimeError("a kernel distance needs at least 2 rows of each kind")
        generator = torch.Generator().manual_seed(self.seed)
        values = []
        for _ in range(self.subsets):
            some_real, some_fake = (
                rows[torch.randperm(len(rows), generator=generator)[:size].to(rows.device)]
                for rows in (real, fake)
            )
            values.append(poly_mmd(some_real, some_fake, self.degree, self.gamma, self.coef))
        found = torch.stack(values)
        return found.mean(), found.std(unbiased=False)

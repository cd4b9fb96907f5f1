"""Fréchet distance of feature Gaussians (FID, Heusel et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.utilities.data import dim_zero_cat

from ganzoo.metrics import functional
from ganzoo.metrics.base import FeatureMetric, feature_network
from ganzoo.metrics.feature_statistics import FeatureStatistics


class FrechetDistance(FeatureMetric, FrechetInceptionDistance):
    """Fréchet distance between the features of real and of generated data.

    Sums are in float64, and so is the value. Faster than torchmetrics' own: it takes the
    eigenvalues of a symmetric matrix. The length of the features is learned from the first batch.

    Args:
        feature: network from a batch to (N, d); None: features are given to ``update``.
        reset_real_features: False keeps the real sums over `reset`.
    """

    real_features_rows: list[Tensor]
    fake_features_rows: list[Tensor]

    def __init__(
        self,
        feature: Callable[[Tensor], object] | None = None,
        *,
        reset_real_features: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            feature=feature_network(feature), reset_real_features=reset_real_features, **kwargs
        )
        for kind in ("real", "fake"):
            self.add_state(f"{kind}_features_rows", [], dist_reduce_fx="cat")

    def update(self, images: Tensor | FeatureStatistics, real: bool) -> None:
        """Add a batch, real or generated.

        Args:
            images: input of the feature network; without one, features or `FeatureStatistics`.
            real: True for real data.
        """
        kind = "real" if real else "fake"
        if isinstance(images, FeatureStatistics):
            total, outer, n = images.total, images.outer, images.n
            rows = images.rows if len(images.rows) == n else images.rows[:0]
        else:
            rows = self.extract(images)
            exact = rows.double()
            total, outer, n = exact.sum(0), exact.T @ exact, len(rows)
        self.shape_states((len(total),))
        for name, value in (("sum", total), ("cov_sum", outer), ("num_samples", n)):
            state: Tensor = getattr(self, f"{kind}_features_{name}")
            state += value.to(self.device) if isinstance(value, Tensor) else value
        self._keep_few(kind, rows, len(total))

    def _keep_few(self, kind: str, rows: Tensor, width: int) -> None:
        """Keep rows while they are fewer than the features: see `compute`."""
        kept: list[Tensor] = getattr(self, f"{kind}_features_rows")
        if sum(map(len, kept)) + len(rows) < width:
            kept.append(rows.to(self.device, torch.float32))
        else:
            kept.clear()

    def compute(self) -> Tensor:
        """The distance, float64, at least 0.

        Fewer rows than features are themselves the root of their covariance: no need to factor it.

        Raises:
            RuntimeError: fewer than two rows of a kind.
        """
        small, large = sorted(
            ("real", "fake"), key=lambda kind: int(getattr(self, f"{kind}_features_num_samples"))
        )
        n, mean, covariance = self._gaussian(small)
        kept = getattr(self, f"{small}_features_rows")
        rows = dim_zero_cat(kept) if len(kept) else mean.new_empty(0, len(mean))
        root = None
        if n == len(rows) < len(mean):
            root = (rows.double() - mean).T / (n - 1) ** 0.5
        return functional.frechet_distance(mean, covariance, *self._gaussian(large)[1:], root)

    def _gaussian(self, kind: str) -> tuple[int, Tensor, Tensor]:
        """Number of rows, mean and covariance of a kind."""
        n = int(getattr(self, f"{kind}_features_num_samples"))
        if n < 2:
            raise RuntimeError(f"a Fréchet distance needs at least 2 {kind} rows, there are {n}")
        total, outer = (getattr(self, f"{kind}_features_{name}") for name in ("sum", "cov_sum"))
        return n, *functional.mean_and_covariance(total, outer, n)

    def reset(self) -> None:
        """Forget what was seen; real data only if ``reset_real_features``."""
        rows = list(self.real_features_rows)
        super().reset()
        if not self.reset_real_features:
            self.real_features_rows = rows

    @property
    def row_shape(self) -> tuple[int, ...]:
        width = max(len(self.real_features_sum), len(self.fake_features_sum))
        return (width,) if width else ()

    def shape_states(self, shape: tuple[int, ...]) -> None:
        for kind in ("real", "fake") if shape else ():
            rows: list[Tensor] = getattr(self, f"{kind}_features_rows")
            if not rows:
                rows.append(torch.empty(0, *shape, device=self.device))
            if len(getattr(self, f"{kind}_features_sum")):
                continue
            for name, size in (("sum", shape), ("cov_sum", shape * 2)):
                zeros = torch.zeros(size, dtype=torch.float64, device=self.device)
                setattr(self, f"{kind}_features_{name}", zeros)

"""Metrics of class-conditional models: accuracy of the classes, distance within each class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor
from torchmetrics.utilities.data import dim_zero_cat

from ganzoo.metrics import functional
from ganzoo.metrics.base import FeatureMetric, Input, RowMetric, feature_network
from ganzoo.metrics.feature_statistics import ROWS, FeatureStatistics


class ClassAccuracy(FeatureMetric):
    """Share of samples that a classifier puts into the class that was asked for.

    Args:
        feature: classifier from a batch to logits, (N, C); None: logits are given to ``update``.
    """

    takes: ClassVar[Input] = "logits"
    predicted: Tensor
    """Samples that the classifier puts into each class, (C,), int64."""
    hits: Tensor
    labeled: Tensor
    """Samples whose label was given."""

    def __init__(self, feature: Callable[[Tensor], object] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inception = feature_network(feature, "logits")
        for name, shape in (("predicted", (0,)), ("hits", ()), ("labeled", ())):
            zeros = torch.zeros(shape, dtype=torch.int64)
            self.add_state(name, zeros, dist_reduce_fx="sum")

    def update(
        self, images: Tensor | FeatureStatistics, labels: Tensor | None = None, real: bool = False
    ) -> None:
        """Add a batch of samples; real data does not count.

        Args:
            images: input of the classifier; without one, logits or `FeatureStatistics`.
            labels: classes that were asked for, (N,); None: only predictions are counted.
            real: True for real data, which a collection of metrics hands to all of them.
        """
        if real:
            return
        if isinstance(images, FeatureStatistics):
            predicted, hits = images.named.to(self.device), images.hits
            labeled = images.n if len(images.labels) else 0
        else:
            logits = self.extract(images)
            named = logits.argmax(1)
            predicted = torch.bincount(named, minlength=logits.shape[1])
            hits = int((named == labels.to(self.device)).sum()) if labels is not None else 0
            labeled = 0 if labels is None else len(labels)
        self.shape_states((len(predicted),))
        self.predicted += predicted
        self.hits += hits
        self.labeled += labeled

    def compute(self) -> Tensor:
        """The share; NaN without a label."""
        return self.hits.double() / self.labeled

    @property
    def row_shape(self) -> tuple[int, ...]:
        return (len(self.predicted),) if len(self.predicted) else ()

    def shape_states(self, shape: tuple[int, ...]) -> None:
        if not len(self.predicted):
            self.predicted = self.hits.new_zeros(shape or 0)


class IntraFrechetDistance(RowMetric):
    """Mean over classes of the Fréchet distance within one (intra-FID, Miyato and Koyama 2018).

    Args:
        feature: network from a batch to (N, d); None: features are given to ``update``.
        rows: rows kept of each kind.
    """

    real_labels: list[Tensor]
    fake_labels: list[Tensor]

    def __init__(
        self,
        feature: Callable[[Tensor], object] | None = None,
        *,
        rows: int = ROWS,
        **kwargs: Any,
    ) -> None:
        super().__init__(feature, rows=rows, **kwargs)
        self.add_state("real_labels", [], dist_reduce_fx="cat")
        self.add_state("fake_labels", [], dist_reduce_fx="cat")

    def update(
        self,
        images: Tensor | FeatureStatistics,
        real: bool,
        place: int | None = None,
        labels: Tensor | None = None,
    ) -> None:
        """Add a batch, real or generated.

        Args:
            images: input of the feature network; without one, features or `FeatureStatistics`.
            real: True for real data.
            place: index of the first one in the whole set; left out, they follow those before.
            labels: their classes, (N,).
        """
        if isinstance(images, FeatureStatistics) and labels is None:
            labels = images.labels
        super().update(images, real, place)
        if labels is not None:
            kept = (self.real_features if real else self.fake_features)[-1]
            chosen = labels[: len(kept)].to(self.device, torch.int64)
            (self.real_labels if real else self.fake_labels).append(chosen)

    def kept_labels(self, real: bool) -> Tensor:
        """Labels of the rows kept of a kind, (N,); (0,) without labels."""
        labels = self.real_labels if real else self.fake_labels
        if isinstance(labels, list) and not labels:
            return torch.empty(0, dtype=torch.int64, device=self.device)
        return dim_zero_cat(labels)[: self.rows]

    def compute(self) -> Tensor:
        """The mean, float64; NaN without labels, or with a class of fewer than two rows."""
        undefined = torch.tensor(torch.nan, dtype=torch.float64, device=self.device)
        pair = [(self.kept(real), self.kept_labels(real)) for real in (True, False)]
        if not all(len(labels) for _, labels in pair):
            return undefined
        distances = []
        for label in torch.unique(pair[0][1]):
            chosen = [rows[: len(labels)][labels == label].double() for rows, labels in pair]
            if min(map(len, chosen)) < 2:
                return undefined
            one, other = (
                functional.mean_and_covariance(rows.sum(0), rows.T @ rows, len(rows))
                for rows in chosen
            )
            distances.append(functional.frechet_distance(*one, *other))
        return torch.stack(distances).mean()

    def shape_states(self, shape: tuple[int, ...]) -> None:
        super().shape_states(shape)
        for name in ("real_labels", "fake_labels"):
            labels = getattr(self, name)
            empty = torch.empty(0, dtype=torch.int64, device=self.device)
            setattr(self, name, [torch.cat(labels) if labels else empty])

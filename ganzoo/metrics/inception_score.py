"""Inception score (Salimans et al. 2016) from the logits of a classifier."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor
from torchmetrics.image.inception import InceptionScore as TorchmetricsInceptionScore

from ganzoo.metrics.base import FeatureMetric, Input, feature_network
from ganzoo.metrics.feature_statistics import FeatureStatistics


class InceptionScore(FeatureMetric, TorchmetricsInceptionScore):
    """exp E KL(p(y|x) || p(y)), averaged over splits of the samples.

    Sums over each split, float64, take the place of torchmetrics' list of all logits.

    Args:
        feature: classifier from a batch to logits, (N, C); None: logits are given to ``update``.
        splits: number of splits.
        total: number of samples of the whole set, which makes the splits consecutive as published;
            None: samples go to the splits in turn.
    """

    takes: ClassVar[Input] = "logits"
    beliefs: Tensor
    certainty: Tensor
    sizes: Tensor

    def __init__(
        self,
        feature: Callable[[Tensor], object] | None = None,
        *,
        splits: int = 10,
        total: int | None = None,
        **kwargs: Any,
    ) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*will save all extracted features in buffer")
            super().__init__(feature=feature_network(feature, "logits"), splits=splits, **kwargs)
        self.total = total
        exact = torch.zeros(splits, dtype=torch.float64)
        self.add_state("beliefs", exact.new_empty(splits, 0), dist_reduce_fx="sum")
        self.add_state("certainty", exact, dist_reduce_fx="sum")
        self.add_state("sizes", torch.zeros(splits, dtype=torch.int64), dist_reduce_fx="sum")

    def update(
        self, imgs: Tensor | FeatureStatistics, real: bool = False, place: int | None = None
    ) -> None:
        """Add a batch of samples; real data does not count.

        Args:
            imgs: input of the classifier; without one, logits or `FeatureStatistics`.
            real: True for real data, which a collection of metrics hands to all of them.
            place: index of the first one in the whole set; left out, they follow those before.
        """
        if real:
            return
        if isinstance(imgs, FeatureStatistics):
            self.shape_states((imgs.beliefs.shape[1],))
            self.beliefs += imgs.beliefs.to(self.device)
            self.certainty += imgs.certainty.to(self.device)
            self.sizes += imgs.sizes.to(self.device)
            return
        logits = self.extract(imgs).double()
        self.shape_states((logits.shape[1],))
        place = int(self.sizes.sum()) if place is None else place
        places = torch.arange(place, place + len(logits), device=self.device)
        split = places * self.splits // self.total if self.total else places % self.splits
        logs = logits.log_softmax(1)
        self.beliefs.index_add_(0, split, logs.exp())
        self.certainty.index_add_(0, split, (logs.exp() * logs).sum(1))
        self.sizes += torch.bincount(split, minlength=self.splits)

    def compute(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation over the splits that have samples; NaN without any."""
        used = self.sizes > 0
        if not used.any():
            return self.certainty.new_tensor(torch.nan), self.certainty.new_tensor(torch.nan)
        sizes = self.sizes[used].double()
        marginal = self.beliefs[used] / sizes[:, None]
        entropy = torch.special.entr(marginal).sum(1)
        scores = (self.certainty[used] / sizes + entropy).exp()
        return scores.mean(), scores.std(unbiased=False)

    @property
    def row_shape(self) -> tuple[int, ...]:
        classes = self.beliefs.shape[1]
        return (classes,) if classes else ()

    def shape_states(self, shape: tuple[int, ...]) -> None:
        if shape and not self.beliefs.shape[1]:
            self.beliefs = self.certainty.new_zeros(self.splits, *shape)

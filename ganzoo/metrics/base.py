"""Base classes of the metrics: how features come in and how processes share them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn
from torchmetrics import Metric
from torchmetrics.utilities.data import dim_zero_cat
from torchmetrics.utilities.distributed import gather_all_tensors

from ganzoo.metrics.feature_statistics import ROWS, FeatureStatistics

Input = Literal["features", "logits", "samples", "pairs"]
"""Argument of ``update`` in an evaluation: feature rows, logits of the classifier, the samples
themselves, or samples and their targets."""
DIMENSIONS = 4
"""Most dimensions of one row."""


class GivenFeatures(nn.Module):
    """Identity, where the features themselves are given to ``update``.

    Args:
        num_features: their length; 0 if it is not known yet.
    """

    def __init__(self, num_features: int = 0) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, rows: Tensor) -> Tensor:
        return rows


class FeatureNetwork(nn.Module):
    """A network that stays in evaluation mode and keeps no graph, whatever its owner does.

    Args:
        network: from a batch to (N, d), or to an object with the fields ``rows`` and ``logits``.
        output: the field that is wanted.
    """

    num_features = 0
    """Length of the features, which torchmetrics asks for; known after the first batch."""

    def __init__(self, network: Callable[[Tensor], object], output: str) -> None:
        super().__init__()
        self.network = network
        self.output = output
        self.eval()

    def train(self, mode: bool = True) -> FeatureNetwork:
        return super().train(False)

    def forward(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            found = self.network(images)
        rows = found if isinstance(found, Tensor) else getattr(found, self.output)
        if not isinstance(rows, Tensor) or rows.ndim != 2:
            kind = tuple(rows.shape) if isinstance(rows, Tensor) else type(rows).__name__
            raise ValueError(f"the feature network must return (N, d), not {kind}")
        return rows


def feature_network(
    feature: Callable[[Tensor], object] | None, output: str = "rows"
) -> GivenFeatures | FeatureNetwork:
    """The module that a metric asks for features; None: they are given to ``update``."""
    return GivenFeatures() if feature is None else FeatureNetwork(feature, output)


class FeatureMetric(Metric):
    """Metric of feature rows, (N, d), that works whichever processes have seen a sample.

    ``update(images, real)`` takes what the feature network takes; without a network, the features
    themselves, or the `FeatureStatistics` of a whole set.
    """

    takes: ClassVar[Input] = "features"
    inception: nn.Module
    """The feature network, by the name that torchmetrics gives it."""
    feature_network: str = "inception"
    is_differentiable = False
    full_state_update = False

    def extract(self, images: Tensor) -> Tensor:
        """Features of a batch on the metric's device."""
        rows: Tensor = self.inception(images)
        return rows.to(self.device)

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Shape of one row; empty before the first."""
        raise NotImplementedError

    def shape_states(self, shape: tuple[int, ...]) -> None:
        """Give every state that depends on the shape of a row its final shape."""
        raise NotImplementedError

    def sync(
        self,
        dist_sync_fn: Callable[..., Any] | None = None,
        process_group: Any | None = None,
        should_sync: bool = True,
        distributed_available: Callable[[], bool] | None = None,
    ) -> None:
        """Reduce the states over the processes, as torchmetrics does.

        torchmetrics needs states of one shape everywhere. A process that has seen no row first
        learns the shape of a row from the others, and takes part with zeros.
        """
        available = distributed_available or self.distributed_available_fn
        if should_sync and available is not None and available():
            gather = dist_sync_fn or gather_all_tensors
            own = [*self.row_shape, *[0] * DIMENSIONS][:DIMENSIONS]
            shapes = gather(
                torch.tensor(own, device=self.device), group=process_group or self.process_group
            )
            agreed = torch.stack(list(shapes)).amax(0).tolist()
            self.shape_states(tuple(size for size in agreed if size))
        super().sync(dist_sync_fn, process_group, should_sync, distributed_available)


class RowKeeper(FeatureMetric):
    """Metric that keeps the first rows of each kind; subclasses have the two states.

    Memory is bounded: whatever passes, at most ``rows`` of each kind are kept.
    """

    rows: int
    row_dtype: torch.dtype = torch.float32
    real_features: list[Tensor]
    fake_features: list[Tensor]

    def keep(self, rows: Tensor, real: bool, place: int | None = None) -> None:
        """Keep those of a batch that are among the first.

        Args:
            rows: the batch, in order.
            real: real rows, or rows of samples.
            place: index of the first one in the whole set; left out, they follow those kept so
                far.
        """
        kept = self.real_features if real else self.fake_features
        place = sum(map(len, kept)) if place is None else place
        kept.append(rows[: max(self.rows - place, 0)].to(self.device, self.row_dtype))

    def update(
        self, images: Tensor | FeatureStatistics, real: bool, place: int | None = None
    ) -> None:
        """Add a batch, real or generated.

        Args:
            images: input of the feature network; without one, features or `FeatureStatistics`.
            real: True for real data.
            place: see `keep`.
        """
        rows = images.rows if isinstance(images, FeatureStatistics) else self.extract(images)
        self.keep(rows, real, place)

    def kept(self, real: bool) -> Tensor:
        """Rows kept of a kind, (N, ...)."""
        rows = self.real_features if real else self.fake_features
        if isinstance(rows, list) and not rows:
            return torch.empty(0, 0, device=self.device)
        return dim_zero_cat(rows)[: self.rows]

    @property
    def row_shape(self) -> tuple[int, ...]:
        rows = [*self.real_features, *self.fake_features]
        return tuple(rows[0].shape[1:]) if rows else ()

    def shape_states(self, shape: tuple[int, ...]) -> None:
        """One tensor for each kind: where their number differs, torchmetrics' exchange hangs."""
        for name in ("real_features", "fake_features"):
            rows = getattr(self, name)
            empty = torch.empty(0, *shape, dtype=self.row_dtype, device=self.device)
            setattr(self, name, [torch.cat(rows) if rows else empty])


class RowMetric(RowKeeper):
    """Base of metrics that compare rows one by one; `compute` reads ``self.kept(real=...)``.

    Args:
        feature: network from a batch to (N, d); None: features are given to ``update``.
        rows: rows kept of each kind.
    """

    def __init__(
        self,
        feature: Callable[[Tensor], object] | None = None,
        *,
        rows: int = ROWS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.inception = feature_network(feature)
        self.rows = rows
        self.add_state("real_features", [], dist_reduce_fx="cat")
        self.add_state("fake_features", [], dist_reduce_fx="cat")


class SampleMetric(RowMetric):
    """Base of metrics that are given the samples themselves, real and generated.

    A subclass for samples that are no floats sets ``row_dtype``.
    """

    takes: ClassVar[Input] = "samples"

"""Statistics of the features of a set: what the cache of a reference holds."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

ROWS = 10_000
"""Rows kept for metrics that compare samples one by one."""


@dataclass(frozen=True)
class FeatureStatistics:
    """Statistics of n feature vectors of length d, and of a classifier's answers in C classes.

    Every metric of this package takes them in place of features: ``update(statistics, real=True)``.
    Memory is bounded: whatever n is, at most `ROWS` vectors are kept.
    """

    n: int
    total: Tensor
    """Sum of the vectors, (d,), float64."""
    outer: Tensor
    """Sum of their outer products, (d, d), float64."""
    rows: Tensor
    """First vectors in seeded order, float32."""
    labels: Tensor
    """Their classes, int64; (0,) without labels."""
    named: Tensor
    """Vectors that the classifier puts into each class, (C,), int64; (0,) without a classifier."""
    hits: int
    """Vectors that it puts into the class of their label."""
    beliefs: Tensor
    """Sum of p(y|x) over each split of the Inception score, (splits, C), float64."""
    certainty: Tensor
    """Sum of p log p over each split, (splits,), float64."""
    sizes: Tensor
    """Vectors in each split, (splits,), int64."""

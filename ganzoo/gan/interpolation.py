"""Curves through points of a latent space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from ganzoo.errors import ConfigError, UnknownNameError

Curve: TypeAlias = Literal["linear", "slerp", "spline"]
"""Straight lines; arcs whose length changes linearly; a natural cubic spline."""
PARALLEL = 1e-4
"""Sine of the angle below which an arc is a straight line."""


def interpolate(points: Tensor, steps: int, how: Curve) -> Tensor:
    """Points on a curve, ``steps`` from each of K given points to the next.

    Args:
        points: (K, ..., d).
        steps: intervals between two neighbors.
        how: the curve.

    Returns:
        ((K - 1) * steps + 1, ..., d); every ``steps``-th row is a given point.

    Raises:
        ConfigError: fewer than two points, or no step.
        UnknownNameError: an unknown curve.
    """
    if how not in CURVES:
        raise UnknownNameError("interpolation", how, CURVES)
    if len(points) < 2:
        raise ConfigError(f"an interpolation needs two points or more, not {len(points)}")
    if steps < 1:
        raise ConfigError(f"the number of steps must be 1 or more, not {steps}")
    count = len(points) - 1
    place = torch.arange(count * steps + 1)
    first = (place // steps).clamp(max=count - 1)
    share = ((place - first * steps) / steps).view(-1, *[1] * (points.ndim - 1))
    return CURVES[how](points.double(), first, share.double()).to(points.dtype)


def _linear(points: Tensor, first: Tensor, share: Tensor) -> Tensor:
    return points[first].lerp(points[first + 1], share)


def _slerp(points: Tensor, first: Tensor, share: Tensor) -> Tensor:
    """Spherical interpolation of the directions (Shoemake 1985), linear of the lengths."""
    lengths = points.norm(dim=-1, keepdim=True)
    units = points / lengths.clamp(min=torch.finfo(points.dtype).tiny)
    one, other = units[first], units[first + 1]
    angle = (one * other).sum(-1, keepdim=True).clamp(-1, 1).acos()
    sine = angle.sin()
    arc = (((1 - share) * angle).sin() * one + (share * angle).sin() * other) / sine
    arc = arc * lengths[first].lerp(lengths[first + 1], share)
    return torch.where(sine < PARALLEL, _linear(points, first, share), arc)


def _spline(points: Tensor, first: Tensor, share: Tensor) -> Tensor:
    """Natural cubic spline: continuous second derivatives, which are 0 at both ends."""
    count = len(points)
    matrix = torch.eye(count, dtype=points.dtype)
    right = torch.zeros_like(points)
    for row in range(1, count - 1):
        matrix[row, row - 1 : row + 2] = torch.tensor([1.0, 4.0, 1.0])
        right[row] = 6 * (points[row - 1] - 2 * points[row] + points[row + 1])
    bend = torch.linalg.solve(matrix, right.flatten(1)).view_as(points) / 6
    rest = 1 - share
    one, other = bend[first], bend[first + 1]
    cubic = one * (rest**3 - rest) + other * (share**3 - share)
    curve: Tensor = _linear(points, first, share) + cubic
    return curve


CURVES: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "linear": _linear,
    "slerp": _slerp,
    "spline": _spline,
}
"""Curves by name."""

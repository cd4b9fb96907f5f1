"""Adversarial losses and gradient penalties."""

from ganzoo.losses.adversarial import (
    hinge_d,
    least_squares_d,
    least_squares_g,
    minimax_d,
    nonsaturating_g,
    relativistic_d,
    relativistic_g,
    wasserstein_d,
    wasserstein_g,
)
from ganzoo.losses.penalties import gradient_penalty, row_gradient, zero_centered_penalty

__all__ = [
    "gradient_penalty",
    "hinge_d",
    "least_squares_d",
    "least_squares_g",
    "minimax_d",
    "nonsaturating_g",
    "relativistic_d",
    "relativistic_g",
    "row_gradient",
    "wasserstein_d",
    "wasserstein_g",
    "zero_centered_penalty",
]

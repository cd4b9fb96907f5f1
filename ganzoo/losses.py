"""Adversarial losses and penalties: pure functions of tensors, on logits, averaged over the batch.

``real`` and ``fake`` are the discriminator's outputs, of any shape; every function returns a
scalar in single precision, whatever autocast does around it. A discriminator's loss ends in
``_d``, a generator's in ``_g``.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo.gradients import row_gradient


def minimax_d(real: Tensor, fake: Tensor) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))) (Goodfellow et al. 2014, equation 1)."""
    return F.softplus(-real.float()).mean() + F.softplus(fake.float()).mean()


def nonsaturating_g(fake: Tensor) -> Tensor:
    """-E log D(G(z)) (Goodfellow et al. 2014, section 3)."""
    return F.softplus(-fake.float()).mean()


def least_squares_d(real: Tensor, fake: Tensor) -> Tensor:
    """1/2 E (D(x) - 1)^2 + 1/2 E D(G(z))^2 (Mao et al. 2017, equation 9)."""
    return 0.5 * ((real.float() - 1).square().mean() + fake.float().square().mean())


def least_squares_g(fake: Tensor) -> Tensor:
    """1/2 E (D(G(z)) - 1)^2 (Mao et al. 2017, equation 9)."""
    return 0.5 * (fake.float() - 1).square().mean()


def hinge_d(real: Tensor, fake: Tensor) -> Tensor:
    """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))) (Miyato et al. 2018, equation 16)."""
    return F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()


def wasserstein_d(real: Tensor, fake: Tensor) -> Tensor:
    """E f(G(z)) - E f(x) (Arjovsky et al. 2017, equation 2, negated)."""
    return fake.float().mean() - real.float().mean()


def wasserstein_g(fake: Tensor) -> Tensor:
    """-E f(G(z)) (Arjovsky et al. 2017); also the generator of the hinge loss."""
    return -fake.float().mean()


def relativistic_d(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(D(G(z)) - D(x)), pairs by row (Jolicoeur-Martineau 2019; Huang et al. 2024)."""
    return F.softplus(fake.float() - real.float()).mean()


def relativistic_g(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(D(x) - D(G(z))), pairs by row."""
    return F.softplus(real.float() - fake.float()).mean()


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor
) -> Tensor:
    """E (|| grad f(x') ||_2 - 1)^2 at x' = x + mix (G(z) - x) (Gulrajani et al. 2017, equation 3).

    Args:
        real, fake: data of the same shape, (N, ...).
        mix: one weight in [0, 1] a row, (N,); draw it in the model's `prior`.
    """
    weight = mix.view(-1, *[1] * (real.ndim - 1))
    between = torch.lerp(real.float(), fake.float(), weight)
    norms = torch.linalg.vector_norm(row_gradient(critic, between), dim=1)
    penalty: Tensor = (norms - 1).square().mean()
    return penalty


def zero_centred_penalty(discriminator: Callable[[Tensor], Tensor], data: Tensor) -> Tensor:
    """1/2 E || grad D(x) ||^2: R1 on real data, R2 on fakes (Mescheder et al. 2018, equation 9)."""
    return 0.5 * row_gradient(discriminator, data.float()).square().sum(1).mean()

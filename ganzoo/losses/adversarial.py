"""Adversarial losses: pure functions of logits, averaged over the batch.

``real`` and ``fake`` are the discriminator's outputs, of any shape. Every function returns a scalar
in float32, also under autocast. Names of discriminator losses end in ``_d``, of generator losses in
``_g``.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


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
    """-E f(G(z)) (Arjovsky et al. 2017); also the generator's part of the hinge loss."""
    return -fake.float().mean()


def relativistic_d(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(D(G(z)) - D(x)), paired by row (Jolicoeur-Martineau 2019; Huang et al. 2024)."""
    return F.softplus(fake.float() - real.float()).mean()


def relativistic_g(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(D(x) - D(G(z))), paired by row (Jolicoeur-Martineau 2019; Huang et al. 2024)."""
    return F.softplus(real.float() - fake.float()).mean()

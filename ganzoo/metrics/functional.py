"""Scores as plain functions of tensors; the metric classes and the health log call them.

This module does not import torchmetrics at the top: that takes seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import torch
from torch import Tensor

CHUNK = 1000
"""Rows whose distances to all others are in memory at a time."""
KNOWN = 4
"""Sets of real rows whose distances are kept."""
EQUAL = 2e-6
"""Distance of two rows that are equal but for rounding, as a share of their length."""
SMALL_DISTANCE = 0.1
"""Distance to the nearest row, as a share of the rows' length, below which float32 is too coarse to
find a hundredth of it."""
RANGE = 2.0
"""Width of the value range of images in [-1, 1]."""
MAX_DECIBELS = 100.0
"""PSNR of two equal images, which would be infinite."""


def mean_and_covariance(total: Tensor, outer: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """Mean, (d,), and unbiased covariance, (d, d), of n rows from their float64 sums.

    Args:
        total: sum of the rows, (d,).
        outer: sum of their outer products, (d, d).
        n: number of rows, at least 2.
    """
    mean = total / n
    return mean, (outer - n * torch.outer(mean, mean)) / (n - 1)


def frechet_distance(
    mean: Tensor,
    covariance: Tensor,
    mean2: Tensor,
    covariance2: Tensor,
    root: Tensor | None = None,
) -> Tensor:
    """Fréchet distance of two Gaussians: |m - m'|^2 + tr(C + C' - 2 (C C')^1/2), at least 0.

    Heusel et al. (2017), equation 6. The trace of the root is the sum of the square roots of the
    eigenvalues of L' C' L, where C = L L': a symmetric matrix, three times as fast as C C'.

    Args:
        mean, mean2: (d,), float64.
        covariance, covariance2: (d, d), float64.
        root: L, (d, k), if it is known.
    """
    root = matrix_root(covariance) if root is None else root
    product = root.T @ covariance2 @ root
    eigenvalues = torch.linalg.eigvalsh((product + product.T) / 2)
    crossed = eigenvalues.clamp_min(0).sqrt().sum()
    spread = covariance.trace() + covariance2.trace() - 2 * crossed
    distance: Tensor = (mean - mean2).square().sum() + spread
    return distance.clamp_min(0)


def matrix_root(covariance: Tensor) -> Tensor:
    """L with L L' = C: by Cholesky, or by eigenvectors where C is singular."""
    root: Tensor
    root, failed = torch.linalg.cholesky_ex(covariance)
    if not failed:
        return root
    values, vectors = torch.linalg.eigh(covariance)
    present = values > values[-1].clamp_min(0) * len(values) * torch.finfo(values.dtype).eps
    kept: Tensor = vectors[:, present] * values[present].sqrt()
    return kept


def precision_recall_density_coverage(
    real: Tensor,
    fake: Tensor,
    precision_neighbors: int = 3,
    density_neighbors: int = 5,
    chunk: int = CHUNK,
) -> dict[str, Tensor]:
    """Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).

    One pass over the distances between all samples and all real rows gives the four of them.

    Args:
        real, fake: feature rows, (N, d) and (M, d).
        precision_neighbors: k of precision and recall.
        density_neighbors: k of density and coverage.
        chunk: rows whose distances are in memory at a time.

    Returns:
        The four by name; empty where there are no more rows than neighbors.
    """
    if min(len(real), len(fake)) <= max(precision_neighbors, density_neighbors):
        return {}
    # cdist multiplies matrices, which loses digits where rows lie far from zero.
    real, fake = real - real.mean(0), fake - real.mean(0)
    nearest_real = distances_of_reference(real, max(precision_neighbors, density_neighbors), chunk)
    precision_radii = nearest_real[:, precision_neighbors].contiguous()
    density_radii = nearest_real[:, density_neighbors].contiguous()
    recall_radii = neighbor_distances(fake, precision_neighbors, chunk)
    precise = real.new_zeros((), dtype=torch.int64)
    inside = real.new_zeros((), dtype=torch.int64)
    recalled = torch.zeros(len(real), dtype=torch.bool, device=real.device)
    nearest = torch.full((len(real),), torch.inf, device=real.device)
    for first, distances in _distances(fake, real, chunk):
        precise += (distances <= precision_radii).any(1).sum()
        inside += (distances <= density_radii).sum()
        recalled |= (distances <= recall_radii[first : first + len(distances), None]).any(0)
        nearest = torch.minimum(nearest, distances.amin(0))
    return {
        "precision": precise.double() / len(fake),
        "recall": recalled.float().mean(),
        "density": inside.double() / (density_neighbors * len(fake)),
        "coverage": (nearest <= density_radii).float().mean(),
    }


def duplicate_share(real: Tensor, fake: Tensor, chunk: int = CHUNK) -> Tensor:
    """Share of samples that have a twin among the other samples.

    A twin is another sample at less than a hundredth of the mean distance between a real row and
    its nearest other, or equal but for rounding. NaN where there are fewer than two rows of a kind.
    """
    if min(len(real), len(fake)) < 2:
        return torch.tensor(torch.nan)
    usual = distances_of_reference(real - real.mean(0), 1, chunk)[:, 1].mean()
    size = fake.norm(dim=1).amax()
    fake = fake - real.mean(0)
    if usual < SMALL_DISTANCE * fake.norm(dim=1).amax():
        # matrix products in float32 do not tell such distances from zero
        fake = fake.double()
    twin = neighbor_distances(fake, 1, chunk)
    return (twin <= torch.maximum(usual / 100, EQUAL * size)).float().mean()


def neighbor_distances(rows: Tensor, k: int, chunk: int = CHUNK) -> Tensor:
    """Distance of each row to its k-th nearest other, (N,)."""
    return nearest_distances(rows, k, chunk)[:, k]


def nearest_distances(rows: Tensor, k: int, chunk: int = CHUNK) -> Tensor:
    """Distances of each row to itself and its k nearest others, in ascending order, (N, k + 1)."""
    nearest = [d.topk(k + 1, 1, largest=False).values for _, d in _distances(rows, rows, chunk)]
    return torch.cat(nearest)


def distances_of_reference(rows: Tensor, k: int, chunk: int = CHUNK) -> Tensor:
    """`nearest_distances` of real rows; the last ones are known again.

    Every score against a reference needs them, and on a CPU they take longer than all the rest.
    """
    if rows.device.type != "cpu":
        return nearest_distances(rows, k, chunk)
    content = hashlib.sha256(rows.detach().contiguous().view(torch.uint8).numpy().data).hexdigest()
    key = (content, tuple(rows.shape), rows.dtype, k, chunk)
    found = _known.pop(key, None)
    _known[key] = nearest_distances(rows, k, chunk) if found is None else found
    while len(_known) > KNOWN:
        _known.pop(next(iter(_known)))
    return _known[key]


_known: dict[object, Tensor] = {}


def _distances(rows: Tensor, others: Tensor, chunk: int) -> Iterator[tuple[int, Tensor]]:
    """Euclidean distances of ``chunk`` rows at a time to all others, after the chunk's index."""
    for first in range(0, len(rows), chunk):
        yield first, torch.cdist(rows[first : first + chunk], others)


def absolute_error(samples: Tensor, targets: Tensor) -> Tensor:
    """Mean |x - y| of each row as a share of the value range, (N,)."""
    return (samples - targets).abs().flatten(1).mean(1) / RANGE


def peak_signal_to_noise(samples: Tensor, targets: Tensor) -> Tensor:
    """PSNR of each row in decibels: 10 log10 of the squared range over the squared error."""
    from torchmetrics.functional.image import peak_signal_noise_ratio

    dims = tuple(range(1, samples.ndim))
    value: Tensor = peak_signal_noise_ratio(
        samples, targets, data_range=RANGE, reduction="none", dim=dims
    )
    return value.clamp_max(MAX_DECIBELS)


def structural_similarity(samples: Tensor, targets: Tensor) -> Tensor:
    """SSIM of each row (Wang et al. 2004), 1 for equal images: a Gaussian window of 11 pixels."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    value = structural_similarity_index_measure(
        samples, targets, data_range=RANGE, reduction="none"
    )
    assert isinstance(value, Tensor)
    return value.flatten()

"""Metrics of two sets of statistics: what the reference is, and what was generated."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn

from ganzoo.errors import ConfigError, DataError, UnknownNameError
from ganzoo.evaluation.comparison import COMPARISONS
from ganzoo.evaluation.statistics import Statistics
from ganzoo.runtime import seeds
from ganzoo.spec.protocol import Protocol

Metric = Callable[[Protocol, Statistics, Statistics], Mapping[str, float]]
"""Of a protocol, the reference and the samples: values by name; none where it does not apply."""

CHUNK = 1000
"""Rows whose distances to all others are in memory at a time."""


def compute(rules: Protocol, real: Statistics, fake: Statistics, seed: int = 0) -> dict[str, float]:
    """Every metric of a protocol that compares two sets, by label.

    Raises:
        DataError: features of different length.
        UnknownNameError, ConfigError: a metric that does not exist.
    """
    if real.total.shape != fake.total.shape:
        raise DataError("reference and samples have features of different length")
    values: dict[str, float] = {}
    with seeds.fork_rng(torch.device("cpu"), seeds.mix(seed, "metrics")), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*will save all extracted features in buffer")
        for name in rules.metrics:
            if name in COMPARISONS:
                continue
            for part, value in find(name)(rules, real, fake).items():
                values[rules.label(part)] = value
    return values


def find(name: str) -> Metric:
    """A metric of ganzoo's by name, or a plugin's own as ``package.module:function``.

    Raises:
        UnknownNameError: there is none.
        ConfigError: a plugin's function that cannot be imported.
    """
    module, colon, function = name.partition(":")
    if not colon:
        if name not in METRICS:
            raise UnknownNameError("metric", name, (*METRICS, *COMPARISONS))
        return METRICS[name]
    try:
        found: Metric = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"metric {name} cannot be imported: {error}") from error
    return found


def gaussian(statistics: Statistics) -> tuple[Tensor, Tensor]:
    """Mean, (d,), and unbiased covariance, (d, d), in float64."""
    return _gaussian(statistics.total, statistics.outer, statistics.n)


def _gaussian(total: Tensor, outer: Tensor, n: int) -> tuple[Tensor, Tensor]:
    mean = total / n
    return mean, (outer - n * torch.outer(mean, mean)) / (n - 1)


def frechet(
    mean: Tensor,
    covariance: Tensor,
    mean2: Tensor,
    covariance2: Tensor,
    root: Tensor | None = None,
) -> float:
    """Fréchet distance of two Gaussians: |m - m'|^2 + tr(C + C' - 2 (C C')^1/2), at least 0.

    Heusel et al. (2017), equation 6. The trace of the root is the sum of the roots of the
    eigenvalues of L' C' L, where C = L L': symmetric, so three times as fast as those of C C'.

    Args:
        mean, mean2: (d,), float64.
        covariance, covariance2: (d, d), float64.
        root: L, (d, k), if it is known.
    """
    root = _root(covariance) if root is None else root
    product = root.T @ covariance2 @ root
    eigenvalues = torch.linalg.eigvalsh((product + product.T) / 2)
    crossed = eigenvalues.clamp_min(0).sqrt().sum()
    spread = covariance.trace() + covariance2.trace() - 2 * crossed
    distance: float = ((mean - mean2).square().sum() + spread).item()
    return max(0.0, distance)


def _root(covariance: Tensor) -> Tensor:
    """L with L L' = C: by Cholesky, or by eigenvectors where C is singular."""
    root: Tensor
    root, failed = torch.linalg.cholesky_ex(covariance)
    if not failed:
        return root
    values, vectors = torch.linalg.eigh(covariance)
    present = values > values[-1].clamp_min(0) * len(values) * torch.finfo(values.dtype).eps
    kept: Tensor = vectors[:, present] * values[present].sqrt()
    return kept


def _frechet(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """Fewer rows than features are themselves the root of their covariance."""
    one, other = sorted((real, fake), key=lambda statistics: statistics.n)
    mean, covariance = gaussian(one)
    root = None
    if one.n == len(one.rows) < len(mean):
        root = (one.rows.double() - mean).T / (one.n - 1) ** 0.5
    return {"fd": frechet(mean, covariance, *gaussian(other), root)}


def _intra(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """Mean over classes of the distance within one (intra-FID, Miyato and Koyama 2018)."""
    distances = []
    for label in torch.unique(real.labels).tolist() if len(fake.labels) else []:
        pair = [s.rows[: len(s.labels)][s.labels == label].double() for s in (real, fake)]
        if min(map(len, pair)) < 2:
            return {}
        one, other = (_gaussian(rows.sum(0), rows.T @ rows, len(rows)) for rows in pair)
        distances.append(frechet(*one, *other))
    return {"intra": sum(distances) / len(distances)} if distances else {}


def _accuracy(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """Share of samples that the extractor puts into the class that was asked for."""
    judged = len(fake.labels) and len(fake.named) == len(torch.unique(real.labels))
    return {"accuracy": fake.hits / fake.n} if judged else {}


class _Identity(nn.Module):
    """Hands torchmetrics the features that are already there, those of all processes: it is not to
    gather them again."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.num_features = dims

    def forward(self, rows: Tensor) -> Tensor:
        return rows


def _kernel(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """Kernel distance (Binkowski et al. 2018): unbiased MMD with a cubic kernel, over subsets."""
    from torchmetrics.image.kid import KernelInceptionDistance

    size = min(rules.kid_subset_size, len(real.rows), len(fake.rows))
    metric = KernelInceptionDistance(
        _Identity(len(real.total)),
        subsets=rules.kid_subsets,
        subset_size=size,
        normalize=True,
        sync_on_compute=False,
    )
    metric.update(real.rows, real=True)
    metric.update(fake.rows, real=False)
    mean, _ = metric.compute()
    return {"kid": mean.item()}


def _memorisation(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """MiFID (Bai et al. 2021): the distance, divided by how near samples are to real rows."""
    from torchmetrics.image.mifid import MemorizationInformedFrechetInceptionDistance

    metric = MemorizationInformedFrechetInceptionDistance(
        _Identity(len(real.total)), normalize=True, sync_on_compute=False
    )
    metric.update(real.rows, real=True)
    metric.update(fake.rows, real=False)
    return {"mifid": metric.compute().item()}


def _inception(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """exp E KL(p(y|x) || p(y)) (Salimans et al. 2016), mean over splits in the samples' order."""
    if not len(fake.named):
        return {}
    used = fake.sizes > 0
    sizes = fake.sizes[used].double()
    marginal = fake.beliefs[used] / sizes[:, None]
    entropy = torch.special.entr(marginal).sum(1)
    return {"is": (fake.certainty[used] / sizes + entropy).exp().mean().item()}


def _neighbourhoods(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).

    Of the rows that are kept, at most 10,000 of each kind.
    """
    near, far = rules.precision_neighbours, rules.density_neighbours
    if min(len(real.rows), len(fake.rows)) <= max(near, far):
        return {}
    reals, fakes = (s.rows - real.rows.mean(0) for s in (real, fake))
    precise, dense, recalling = _radii(reals, near), _radii(reals, far), _radii(fakes, near)
    precise_fakes = pairs = 0
    recalled = torch.zeros(len(reals), dtype=torch.bool)
    nearest = torch.full((len(reals),), torch.inf)
    for first, distances in _distances(fakes, reals):
        precise_fakes += int((distances <= precise).any(1).sum())
        pairs += int((distances <= dense).sum())
        recalled |= (distances <= recalling[first : first + len(distances), None]).any(0)
        nearest = torch.minimum(nearest, distances.amin(0))
    return {
        "precision": precise_fakes / len(fakes),
        "recall": recalled.float().mean().item(),
        "density": pairs / (far * len(fakes)),
        "coverage": (nearest <= dense).float().mean().item(),
    }


def _duplicates(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """Share of samples with a twin: another at less than a hundredth of the distance that real
    rows have to their nearest on average."""
    if min(len(real.rows), len(fake.rows)) < 2:
        return {}
    usual = _radii(real.rows - real.rows.mean(0), 1).mean()
    twin = _radii(fake.rows - real.rows.mean(0), 1)
    return {"duplicates": (twin < usual / 100).float().mean().item()}


def _radii(rows: Tensor, k: int) -> Tensor:
    """Each row's distance to its k-th nearest other, (N,)."""
    nearest = [d.topk(k + 1, 1, largest=False).values for _, d in _distances(rows, rows)]
    return torch.cat(nearest)[:, -1]


def _distances(rows: Tensor, others: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Euclidean distances of some rows to all others at a time, and which row is the first."""
    for first in range(0, len(rows), CHUNK):
        yield first, torch.cdist(rows[first : first + CHUNK], others)


METRICS: Mapping[str, Metric] = {
    "fd": _frechet,
    "kid": _kernel,
    "is": _inception,
    "mifid": _memorisation,
    "prdc": _neighbourhoods,
    "intra": _intra,
    "accuracy": _accuracy,
    "duplicates": _duplicates,
}
"""By the name that a protocol gives them."""

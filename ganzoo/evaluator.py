"""The one evaluator: one pass of generation, one of features, every metric from both."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from statistics import mean, stdev
from typing import Any

import torch
from torch import Tensor, nn

from ganzoo import seeds
from ganzoo.data import Dataset, load_data
from ganzoo.errors import ConfigError, DataError
from ganzoo.features import Extractor
from ganzoo.features import extractor as find_extractor
from ganzoo.gan import GAN
from ganzoo.protocol import Protocol, find
from ganzoo.statistics import Statistics, collect, of_dataset, require


@dataclass(frozen=True)
class Scores:
    """What samples of a model scored, and under which protocol."""

    protocol: Protocol
    """As it was used: another reference or another n make another protocol."""
    n: int
    """Samples in a set."""
    sets: int
    """Independent sets, made from seed, seed + 1, ..."""
    seed: int
    values: Mapping[str, float]
    """Means over the sets by label, e.g. ``FD-lenet``; lower is better but for IS."""
    spread: Mapping[str, float]
    """Standard deviations over the sets; empty for one set."""
    each: tuple[Mapping[str, float], ...]
    """The values of each set."""
    floor: Mapping[str, float]
    """The same for real data that the model never saw; empty where there is none."""
    classes: tuple[float, ...] = ()
    """Share of the samples in each class, as the extractor names them; empty if it names none."""
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As rows and metrics.json hold it, the protocol's hash included."""
        return {**asdict(self), "protocol_hash": self.protocol.hash}


def evaluate(
    gan: GAN,
    *,
    protocol: str | Protocol,
    data: str | Dataset | None = None,
    n: int | None = None,
    sets: int = 1,
    seed: int = 0,
    floor: bool = True,
    fallback: str | None = None,
) -> Scores:
    """Score a model's samples.

    Samples are conditioned on rows of the reference data (its labels, sources and masks, in
    seeded order), so that a conditional model meets the classes as often as the data does.

    Args:
        gan: the model, on the device where it is to work.
        protocol: a name, or one of your own.
        data: reference data; left out, the protocol's.
        n: samples; left out, the protocol's.
        sets: independent sets of n samples each, for the spread.
        seed: of the samples.
        floor: also score the test split of named data, as what a perfect model would get.
        fallback: reference data for a protocol that names none.

    Raises:
        ConfigError: no reference data, or n below 2, or no set.
        DataError: data or samples that cannot be scored.
    """
    rules = find(protocol) if isinstance(protocol, str) else protocol
    standard = rules.n
    n = standard if n is None else n
    if n < 2 or sets < 1:
        raise ConfigError(f"a score needs at least 2 samples and 1 set, not {n} and {sets}")
    data = data or rules.data or fallback
    if not data:
        raise ConfigError(f"protocol {rules.name} names no data: say against which, e.g. mnist")
    network = find_extractor(rules.extractor).to(gan.device)
    reference = load_data(data, gan.sample_shape(), rules.split) if isinstance(data, str) else data
    rules = replace(rules, data=reference.name, data_sha256=reference.sha256, n=n)
    real = require(of_dataset(reference, rules.split, network, rules, gan.device), "reference")
    fakes = [_sampled(gan, reference, network, rules, seed + index) for index in range(sets)]
    each = [compute(rules, real, fake, seed + index) for index, fake in enumerate(fakes)]
    lowest: Mapping[str, float] = {}
    if floor and isinstance(data, str) and ":" not in data and rules.split == "train":
        unseen = load_data(data, gan.sample_shape(), "test")
        held_out = of_dataset(unseen, "test", network, rules, gan.device)
        lowest = compute(rules, real, held_out, seed)
    return Scores(
        protocol=rules,
        n=n,
        sets=sets,
        seed=seed,
        values={label: mean(values[label] for values in each) for label in each[0]},
        spread={label: stdev(v[label] for v in each) for label in each[0]} if sets > 1 else {},
        each=tuple(each),
        floor=lowest,
        classes=_classes(fakes),
        warnings=tuple(_warnings(rules, standard, real, fakes[0])),
    )


def _sampled(
    gan: GAN, reference: Dataset, network: Extractor, rules: Protocol, seed: int
) -> Statistics:
    """Statistics of one set of samples."""
    samples = gan.samples(rules.n, seed=seed, given=reference.conditions(rules.n, seed))
    return require(collect(samples, rules.n, network, rules.quantise, "samples"), "samples")


def compute(rules: Protocol, real: Statistics, fake: Statistics, seed: int = 0) -> dict[str, float]:
    """Every metric of a protocol from two sets of statistics."""
    if real.total.shape != fake.total.shape:
        raise DataError("reference and samples have features of different length")
    values: dict[str, float] = {}
    with seeds.forked(torch.device("cpu"), seeds.mix(seed, "metrics")), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*will save all extracted features in buffer")
        for metric in rules.metrics:
            for name, value in METRICS[metric](rules, real, fake).items():
                values[rules.label(name)] = value
    return values


class _Identity(nn.Module):
    """Hands torchmetrics the features that are already there."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.num_features = dims

    def forward(self, rows: Tensor) -> Tensor:
        return rows


def _frechet(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """Fréchet distance of two Gaussians (Heusel et al. 2017, equation 6), from float64 sums."""
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(_Identity(len(real.total)))
    metric.set_dtype(torch.float64)
    metric.update(fake.rows[:2].double(), real=False)
    metric.real_features_sum, metric.fake_features_sum = real.total, fake.total
    metric.real_features_cov_sum, metric.fake_features_cov_sum = real.outer, fake.outer
    metric.real_features_num_samples = torch.tensor(real.n)
    metric.fake_features_num_samples = torch.tensor(fake.n)
    return {"fd": max(0.0, metric.compute().item())}


def _kernel(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """Kernel distance (Binkowski et al. 2018): unbiased MMD with a cubic kernel, over subsets."""
    from torchmetrics.image.kid import KernelInceptionDistance

    size = min(rules.kid_subset_size, len(real.rows), len(fake.rows))
    metric = KernelInceptionDistance(
        _Identity(len(real.total)), subsets=rules.kid_subsets, subset_size=size, normalize=True
    )
    metric.update(real.rows, real=True)
    metric.update(fake.rows, real=False)
    mean, _ = metric.compute()
    return {"kid": mean.item()}


def _inception(rules: Protocol, real: Statistics, fake: Statistics) -> dict[str, float]:
    """exp E KL(p(y|x) || p(y)) (Salimans et al. 2016), by the extractor's own classes."""
    from torchmetrics.image.inception import InceptionScore

    if not fake.logits.shape[1]:
        return {}
    metric = InceptionScore(_Identity(fake.logits.shape[1]), splits=min(rules.is_splits, fake.n))
    metric.update(fake.logits)
    mean, _ = metric.compute()
    return {"is": mean.item()}


Metric = Callable[[Protocol, Statistics, Statistics], dict[str, float]]

METRICS: Mapping[str, Metric] = {"fd": _frechet, "kid": _kernel, "is": _inception}
"""By the name that a protocol gives them."""


def _classes(fakes: list[Statistics]) -> tuple[float, ...]:
    """The share of each class in all sets together."""
    classes = fakes[0].logits.shape[1]
    if not classes:
        return ()
    named = torch.cat([fake.logits.argmax(1) for fake in fakes])
    return tuple((torch.bincount(named, minlength=classes) / len(named)).tolist())


def _warnings(rules: Protocol, standard: int, real: Statistics, fake: Statistics) -> list[str]:
    said = []
    dims = len(real.total)
    if fake.n < 2 * dims:
        said.append(f"{fake.n} samples for {dims} features: the distance is mostly bias")
    elif fake.n < standard:
        said.append(f"{fake.n} samples, the protocol says {standard}: biased upward")
    if rules.kid_subset_size > min(len(real.rows), len(fake.rows)):
        said.append(f"KID on subsets smaller than {rules.kid_subset_size}")
    if "is" in rules.metrics and fake.n < 10 * rules.is_splits:
        said.append(f"IS on fewer than 10 samples in each of {rules.is_splits} splits")
    if not rules.extractor_sha256:
        said.append(f"{rules.extractor} is not trained: the score says nothing of perception")
    return said

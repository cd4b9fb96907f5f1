"""The one evaluator: one pass of generation, one of features, every metric from both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from statistics import mean, stdev
from typing import Any

import torch
from torch import Tensor

from ganzoo.data import Dataset, load_data
from ganzoo.data.dataset import as_float, as_uint8
from ganzoo.errors import ConfigError, UsageError
from ganzoo.evaluation.comparison import COMPARISONS, Comparison, has_targets
from ganzoo.evaluation.extractors import load_extractor
from ganzoo.evaluation.protocols import find_protocol
from ganzoo.evaluation.statistic_metrics import compute
from ganzoo.evaluation.statistics import (
    Statistics,
    collect,
    in_order,
    of_dataset,
    quantised,
    require,
)
from ganzoo.gan import GAN
from ganzoo.runtime import distributed, seeds
from ganzoo.spec import SampleSpec
from ganzoo.spec.protocol import Protocol


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
    sets: int | None = None,
    seed: int = 0,
    floor: bool = True,
    fallback: str | None = None,
) -> Scores:
    """Score a model's samples; under torchrun, every process makes its share of them.

    Samples are conditioned on rows of the reference data (its labels, sources and masks, in
    seeded order), so that a conditional model meets the classes as often as the data does.

    Args:
        gan: the model, on the device where it is to work.
        protocol: a name, or one of your own.
        data: reference data; left out, the protocol's.
        n: samples; left out, the protocol's.
        sets: independent sets of n samples each, for the spread; left out, the protocol's.
        seed: of the samples.
        floor: also score the test split of named data, as what a perfect model would get.
        fallback: reference data for a protocol that names none.

    Raises:
        ConfigError: no reference data, or n below 2, or no set.
        DataError: data or samples that cannot be scored.
        WeightsError: an extractor whose weights are not here.
    """
    rules = find_protocol(protocol)
    n = rules.n if n is None else n
    sets = rules.sets if sets is None else sets
    if n < 2 or sets < 1:
        raise ConfigError(f"a score needs at least 2 samples and 1 set, not {n} and {sets}")
    data = data or rules.data or fallback
    if not data:
        raise ConfigError(f"protocol {rules.name} names no data: say against which, e.g. mnist")
    judge = _Judge(rules, data, gan.sample_spec, gan.device, gan.prepare_data)
    with seeds.fork_rng(torch.device("cpu")):
        conditional = "label" in gan.prior(1)

    def batches(index: int, comparison: Comparison) -> Iterator[Tensor]:
        """This process's part, with the conditions of a few hundred samples in memory at a time."""
        first, last = distributed.local_range(n)
        for start in range(first, last, BATCH):
            span = start, min(start + BATCH, last)
            given = gan.sample_conditions(judge.reference, n, seed + index, span)
            place = start
            for samples in gan.samples(n, seed=seed + index, given=given, span=span):
                comparison.add(samples, place)
                place += len(samples)
                yield samples

    def sampled(index: int) -> tuple[Statistics, Mapping[str, float]]:
        drawn = judge.reference.condition_rows(n, seed + index)
        labels = judge.reference.columns.get("label") if conditional else None
        comparison = Comparison(rules, judge.reference, drawn)
        chosen = None if labels is None else labels[drawn]
        made = judge.passed(batches(index, comparison), n, chosen)
        return made, comparison.values()

    return judge.scores(sampled, n, sets, seed, floor)


def evaluate_data(
    samples: Dataset,
    *,
    protocol: str | Protocol,
    data: str | Dataset,
    floor: bool = True,
    device: torch.device | str = "cpu",
) -> Scores:
    """Score a set of images, whoever made them.

    Args:
        samples: the images.
        protocol: a name, or one of your own.
        data: reference data.
        floor: also score the test split of named data, as what a perfect model would get.
        device: where features are computed.

    Raises:
        ConfigError, DataError, WeightsError: as `evaluate`.
    """
    n = len(samples)
    if n < 2:
        raise ConfigError(f"a score needs at least 2 samples, {samples.name} has {n}")
    height, width, channels = samples.columns["real"].shape[1:]
    form = SampleSpec((channels, height, width))
    judge = _Judge(find_protocol(protocol), data, form, torch.device(device))

    def passed(index: int) -> tuple[Statistics, Mapping[str, float]]:
        first, last = distributed.local_range(n)
        places = range(first, last, BATCH)
        real = samples.columns["real"]
        batches = (as_float(real[i : min(i + BATCH, last)]).to(device) for i in places)
        return judge.passed(batches, n, None), {}

    return judge.scores(passed, n, 1, 0, floor)


BATCH = 256
"""Samples, or rows of a data set, on their way to the extractor at a time."""


class _Judge:
    """A protocol at work: its network, its reference, and how sets of samples become scores."""

    def __init__(
        self,
        rules: Protocol,
        data: str | Dataset,
        form: SampleSpec,
        device: torch.device,
        prepare: Callable[[Dataset], Dataset] = lambda data: data,
    ) -> None:
        self.standard = rules.n
        self.sample_spec = form
        self.prepare = prepare
        self.device = device
        self.named = data if isinstance(data, str) and ":" not in data else ""
        self.network = load_extractor(rules.extractor, rules.resize).to(device)
        if isinstance(data, str):
            data = load_data(data, form, rules.split)
        self.reference = prepare(data)
        self.rules = replace(
            rules,
            data=self.reference.name,
            data_sha256=self.reference.sha256,
            extractor_sha256=self.network.sha256,
        )
        self.real = self._of(self.reference, rules.split)

    def _of(self, dataset: Dataset, split: str) -> Statistics:
        return require(of_dataset(dataset, split, self.network, self.rules, self.device), split)

    def passed(self, samples: Iterable[Tensor], n: int, labels: Tensor | None) -> Statistics:
        """Statistics of a set of n samples, of which this process's part is given."""
        first, _ = distributed.local_range(n)
        made = collect(samples, n, self.network, self.rules, labels=labels, first=first)
        return require(made, "samples")

    def scores(
        self,
        passed: Callable[[int], tuple[Statistics, Mapping[str, float]]],
        n: int,
        sets: int,
        seed: int,
        floor: bool,
    ) -> Scores:
        """Scores of so many sets, one in memory at a time."""
        rules = replace(self.rules, n=n)
        each, named, warnings = [], [], []
        for index in range(sets):
            made, compared = passed(index)
            errors = {rules.label(name): value for name, value in compared.items()}
            each.append({**compute(rules, self.real, made, seed + index), **errors})
            named.append(made.named)
            warnings = self._warnings(made)
        together = torch.stack(named).sum(0)
        return Scores(
            protocol=rules,
            n=n,
            sets=sets,
            seed=seed,
            values={label: mean(values[label] for values in each) for label in each[0]},
            spread={label: stdev(v[label] for v in each) for label in each[0]} if sets > 1 else {},
            each=tuple(each),
            floor=self._floor(rules, seed) if floor else {},
            classes=tuple((together / together.sum().clamp_min(1)).tolist()),
            warnings=tuple(warnings),
        )

    def _floor(self, rules: Protocol, seed: int) -> dict[str, float]:
        """What the test split of the reference scores; nothing where there is none."""
        if not self.named or rules.split != "train":
            return {}
        unseen = self.prepare(load_data(self.named, self.sample_spec, "test"))
        return compute(rules, self.real, self._of(unseen, "test"), seed)

    def _warnings(self, fake: Statistics) -> list[str]:
        rules, dims, rows = self.rules, len(self.real.total), self.real.rows
        said = []
        if fake.n < 2 * dims:
            said.append(f"{fake.n} samples for {dims} features: the distance is mostly bias")
        elif fake.n < self.standard:
            said.append(f"{fake.n} samples, the protocol says {self.standard}: biased upward")
        if "kid" in rules.metrics and rules.kid_subset_size > min(len(rows), len(fake.rows)):
            said.append(f"KID on subsets smaller than {rules.kid_subset_size}")
        if "is" in rules.metrics and fake.n < 10 * rules.is_splits:
            said.append(f"IS on fewer than 10 samples in each of {rules.is_splits} splits")
        if {*rules.metrics} & {*COMPARISONS} and not has_targets(self.reference):
            said.append(f"{self.reference.name} has no pairs: no sample has a target to be like")
        if not self.network.sha256 and self.sample_spec.is_image:
            said.append(f"{rules.extractor} is not trained: the score says nothing of perception")
        if self.reference.lossy:
            said.append(
                f"{self.reference.name} is coded as JPEG, whose traces a model must imitate"
            )
        if rules.split == "test":
            said.append("the reference is the test split: published scores use train")
        return said


def nearest_neighbors(
    gan: GAN,
    *,
    protocol: str | Protocol,
    data: str | Dataset,
    n: int = 8,
    k: int = 5,
    seed: int = 0,
) -> Tensor:
    """Samples and the training rows nearest to them in the protocol's features.

    Returns:
        uint8 images, (n, 1 + k, C, H, W): each sample, then its neighbours, the nearest first.
    """
    if not gan.sample_spec.is_image:
        raise UsageError(
            f"neighbours are shown as pictures, and these samples are {gan.sample_spec.kind}"
        )
    rules = find_protocol(protocol)
    network = load_extractor(rules.extractor, rules.resize).to(gan.device)
    reference = load_data(data, gan.sample_spec, rules.split) if isinstance(data, str) else data
    reference = gan.prepare_data(reference)
    samples = gan.sample(n, seed=seed, **gan.sample_conditions(reference, n, seed))
    wanted = network(quantised(samples, rules.quantise)).rows
    real, order = reference.columns["real"], in_order(reference, rules)
    distances = torch.empty(n, 0)
    for chosen in torch.split(order, BATCH):
        rows = network(as_float(real[chosen]).to(gan.device)).rows
        distances = torch.cat([distances, torch.cdist(wanted, rows).cpu()], 1)
    nearest = order[distances.topk(k, largest=False).indices]
    found = real[nearest.flatten()].permute(0, 3, 1, 2)
    pairs = found.reshape(n, k, *found.shape[1:])
    return torch.cat([as_uint8(samples).cpu()[:, None], pairs], 1)

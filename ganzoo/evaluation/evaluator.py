"""The evaluator: one pass of generation and one of features for all metrics of a protocol."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from ganzoo import metrics
from ganzoo.data import Dataset, load_data
from ganzoo.errors import ConfigError
from ganzoo.evaluation.metric_table import (
    build_metric,
    gather,
    metric_input,
    read_metrics,
    update_metric,
    update_with_statistics,
)
from ganzoo.evaluation.protocols import find_protocol
from ganzoo.evaluation.reference import (
    Reference,
    load_reference,
    metric_device,
    with_statistics,
)
from ganzoo.evaluation.results import ScoredSet, Scores, list_warnings, summarize
from ganzoo.evaluation.samples import (
    SampleBatch,
    generated_batches,
    has_targets,
    split_sets,
    stored_batches,
)
from ganzoo.gan import GAN
from ganzoo.runtime import distributed
from ganzoo.runtime.arguments import check_given, check_number, check_type
from ganzoo.runtime.durations import rounded
from ganzoo.runtime.progress import progress_bar, say
from ganzoo.spec import SampleSpec
from ganzoo.spec.protocol import PIXELS, Protocol, is_meaningful

if TYPE_CHECKING:
    from torchmetrics import Metric


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
    check_given("gan", gan, (GAN,), "a model, e.g. ganzoo.load(SOURCE)")
    check_type(
        "data", data, (str, Dataset), "the name of a data set, e.g. folder:PATH, or a Dataset"
    )
    for name, value in (("n", n), ("sets", sets), ("seed", seed)):
        check_number(name, value, whole=True)
    protocol = find_protocol(protocol)
    n = protocol.n if n is None else n
    sets = protocol.sets if sets is None else sets
    if n < 2 or sets < 1:
        raise ConfigError(f"a score needs at least 2 samples and 1 set, not {n} and {sets}")
    data = data or protocol.data or fallback
    if not data:
        raise ConfigError(f"protocol {protocol.name} names no data: say against which, e.g. mnist")
    reference = load_reference(protocol, data, gan.sample_spec, gan.device, gan.prepare_data)
    against = reference.dataset.name
    say(f"scoring {sets} x {n:,} samples under {protocol.name}, against {against}")
    scored = []
    for index in range(sets):
        batches = generated_batches(gan, reference.dataset, n, seed + index, protocol.quantise)
        batches = batches if index else _timed(batches, sets * n / distributed.world_size())
        scored.append(score_set(batches, reference, n, seed + index))
    unseen = load_unseen(data, protocol, gan.sample_spec) if floor else None
    if unseen is not None:
        unseen = gan.prepare_data(unseen)
    return _scores(scored, reference, n, seed, protocol.n, unseen, gan.sample_spec)


def evaluate_data(
    samples: Dataset,
    *,
    protocol: str | Protocol,
    data: str | Dataset,
    n: int | None = None,
    sets: int | None = None,
    seed: int = 0,
    floor: bool = True,
    device: torch.device | str = "cpu",
) -> Scores:
    """Score a set of images, whoever made them.

    Args:
        samples: the images.
        protocol: a name, or one of your own.
        data: reference data.
        n: images of a set; left out, all (a share of them for several sets).
        sets: disjoint sets of n images each, for the spread; left out, one.
        seed: of the choice of images.
        floor: also score the test split of named data, as what a perfect model would get.
        device: where features are computed.

    Raises:
        ConfigError, DataError, WeightsError: as `evaluate`.
    """
    orders = split_sets(samples, n, sets, seed)
    protocol, device = find_protocol(protocol), torch.device(device)
    height, width, channels = samples.columns["real"].shape[1:]
    spec = SampleSpec((channels, height, width))
    reference = load_reference(protocol, data, spec, device)
    scored = []
    for index, order in enumerate(orders):
        batches = stored_batches(samples, order, device, protocol.quantise, with_labels=False)
        scored.append(score_set(batches, reference, len(order), seed + index))
    unseen = load_unseen(data, protocol, spec) if floor else None
    return _scores(scored, reference, len(orders[0]), seed, protocol.n, unseen, spec)


def _scores(
    scored: Sequence[ScoredSet],
    reference: Reference,
    n: int,
    seed: int,
    standard: int,
    unseen: Dataset | None,
    spec: SampleSpec,
) -> Scores:
    """Scores of all sets, beside those of as many rows of real data that no model saw."""
    warnings = list_warnings(reference, n, standard, spec)
    floor: dict[str, float] = {}
    if unseen is not None and len(unseen) < n:
        few = f"{unseen.name} test has {len(unseen):,} rows, fewer than the {n:,} samples"
        warnings.append(f"no scores of real test data: {few}")
    elif unseen is not None:
        floor = score_floor(unseen, reference, n, seed)
    return summarize(scored, reference.protocol, n, seed, floor, warnings)


def score_set(batches: Iterable[SampleBatch], reference: Reference, n: int, seed: int) -> ScoredSet:
    """Scores of a set of n samples, of which this process's part is given."""
    named = prepare_metrics(reference, n, seed)
    classes = metrics.ClassAccuracy().to(metric_device(reference.device))
    with progress_bar("samples", n) as update:
        for batch in batches:
            features = reference.extractor(batch.samples) if reference.statistics else None
            for metric in (*named.values(), classes):
                update_metric(metric, batch, features)
            update(batch.place + len(batch.samples), "")
    values = read_metrics(named, reference.protocol, seed)
    with classes.sync_context(dist_sync_fn=gather):
        counts = classes.predicted.cpu().clone()
    return ScoredSet(values, counts)


def _timed(batches: Iterable[SampleBatch], n: float) -> Iterator[SampleBatch]:
    """The same batches; after the first one, say how long n samples take."""
    started, rows = time.monotonic(), 0
    for index, batch in enumerate(batches):
        if index == 1:
            say(f"about {rounded((time.monotonic() - started) * n / rows)} for the samples")
        rows += len(batch.samples)
        yield batch


def score_floor(unseen: Dataset, reference: Reference, n: int, seed: int) -> dict[str, float]:
    """Scores of n rows of real data that the model never saw, in seeded order."""
    named = prepare_metrics(reference, n, seed)
    rows = n if n < len(unseen) else reference.protocol.reference_n
    protocol = replace(reference.protocol, reference_n=rows)
    other = replace(reference, protocol=protocol, dataset=unseen, statistics=None)
    other = with_statistics(other, "test")
    if other.statistics and distributed.rank() == 0:
        for metric in named.values():
            update_with_statistics(metric, other.statistics, real=False)
    feed_samples(named, other, real=False)
    return read_metrics(named, reference.protocol, seed)


def load_unseen(data: str | Dataset, protocol: Protocol, spec: SampleSpec) -> Dataset | None:
    """Test split of named data; None if the reference is no train split of such."""
    if not isinstance(data, str) or ":" in data or protocol.split != "train":
        return None
    return load_data(data, spec, "test")


def prepare_metrics(reference: Reference, n: int, seed: int) -> dict[str, Metric]:
    """The metrics of a protocol by name, those that apply, with the reference in them.

    The statistics of the reference are whole, so one process alone adds them; of its samples,
    every process adds a part.
    """
    statistics = reference.statistics
    width = len(statistics.total) if statistics else 0
    device = metric_device(reference.device)
    named = {
        name: build_metric(name, reference.protocol, n, seed, width).to(device)
        for name in reference.protocol.metrics
        if applies(name, reference)
    }
    for metric in named.values():
        metric.dist_sync_fn = gather
        if statistics and distributed.rank() == 0:
            update_with_statistics(metric, statistics, real=True)
    feed_samples(named, reference, real=True)
    return named


def applies(name: str, reference: Reference) -> bool:
    """False for what has no meaning here.

    That is a metric of targets without targets, of classes that the extractor lacks, or of
    neighborhoods of untrained features.
    """
    if name in PIXELS:
        return has_targets(reference.dataset)
    if name == "prdc":
        return is_meaningful(reference.protocol.label("precision"))
    if name == "accuracy" and reference.statistics:
        classes = len(torch.unique(reference.statistics.labels))
        return len(reference.statistics.named) == classes
    return True


def feed_samples(named: Mapping[str, Metric], reference: Reference, real: bool) -> None:
    """Give the rows of a data set to those metrics that take samples."""
    taking = [m for m in named.values() if metric_input(type(m)) == "samples"]
    if not taking:
        return
    quantise = reference.protocol.quantise
    for batch in stored_batches(reference.dataset, reference.order, reference.device, quantise):
        for metric in taking:
            update_metric(metric, batch, None, real=real)

"""Metrics that compare rows one by one, against their definitions written out."""

from __future__ import annotations

import math
import pickle

import pytest
import torch
from ranks import computed_together

from ganzoo.metrics import (
    DuplicateShare,
    FrechetDistance,
    IntraFrechetDistance,
    KernelDistance,
    MemorizationDistance,
    PrecisionRecallDensityCoverage,
    functional,
)


def normal(n: int, dims: int, seed: int) -> torch.Tensor:
    return torch.randn(n, dims, generator=torch.Generator().manual_seed(seed))


def value(metric, real, fake):
    metric.update(real, real=True)
    metric.update(fake, real=False)
    return plain(metric.compute())


def plain(found):
    """Numbers for tensors; of a mean and a deviation, the mean."""
    if isinstance(found, dict):
        return {key: float(each) for key, each in found.items()}
    return float(found[0] if isinstance(found, tuple) else found)


def test_precision_recall_density_and_coverage_are_their_definitions():
    real, fake = normal(60, 4, 0), normal(50, 4, 1) * 0.8 + 0.3
    found = value(PrecisionRecallDensityCoverage(), real, fake)

    def radius(rows, k):
        return torch.cdist(rows, rows).sort(1).values[:, k]

    across = torch.cdist(fake, real)
    assert found["precision"] == pytest.approx(
        (across <= radius(real, 3)).any(1).float().mean().item()
    )
    assert found["recall"] == pytest.approx(
        (across <= radius(fake, 3)[:, None]).any(0).float().mean().item()
    )
    inside = across <= radius(real, 5)
    assert found["density"] == pytest.approx(inside.sum().item() / (5 * 50))
    assert found["coverage"] == pytest.approx(inside.any(0).float().mean().item())
    assert value(PrecisionRecallDensityCoverage(), real[:5], fake) == {}


@pytest.mark.parametrize("kind", [PrecisionRecallDensityCoverage, DuplicateShare])
def test_chunks_change_nothing(kind):
    real, fake = normal(60, 4, 0), normal(50, 4, 1)
    assert value(kind(chunk=7), real, fake) == pytest.approx(value(kind(), real, fake))


@pytest.mark.parametrize("spread", [1.0, 1e-3, 0.0])
@pytest.mark.parametrize("place", [0.0, 3.0, 500.0])
def test_equal_samples_are_duplicates_whatever_the_reference(spread, place):
    real = normal(60, 64, 0) * spread + 1
    equal = normal(1, 64, 1).expand(40, -1) + place
    assert value(DuplicateShare(), real, equal) == 1
    half = torch.cat([equal[:20], normal(20, 64, 2) + place])
    assert value(DuplicateShare(), real, half) == 0.5


def test_a_set_of_copies_is_all_duplicates():
    real = normal(100, 8, 0)
    assert value(DuplicateShare(), real, normal(5, 8, 1).repeat(20, 1)) == 1
    assert value(DuplicateShare(), real, real) == 0


def test_memory_is_bounded_whatever_the_number():
    rows = normal(100, 4, 0)
    metric = DuplicateShare(rows=30)
    for part in rows.split(16):
        metric.update(part, real=True)
    assert torch.equal(metric.kept(real=True), rows[:30])
    metric.update(rows[60:], real=False, place=20)
    assert torch.equal(metric.kept(real=False), rows[60:70])


@pytest.mark.filterwarnings("ignore:.*will save all extracted")
def test_the_kernel_distance_of_whole_sets_is_that_of_torchmetrics():
    from torchmetrics.image.kid import KernelInceptionDistance

    real, fake = normal(80, 6, 0), normal(80, 6, 1) + 0.5
    theirs = KernelInceptionDistance(torch.nn.Identity(), subsets=1, subset_size=80)
    expected = value(theirs, real, fake)
    ours = value(KernelDistance(subsets=1, subset_size=80), real, fake)
    assert ours == pytest.approx(expected, rel=1e-4)


def test_the_subsets_of_the_kernel_distance_are_seeded_and_shrink():
    real, fake = normal(80, 6, 0), normal(60, 6, 1) + 0.5
    torch.manual_seed(1)
    one, again, other = (
        value(KernelDistance(subsets=2, subset_size=50, seed=seed), real, fake)
        for seed in (0, 0, 1)
    )
    assert one == again != other
    assert math.isfinite(value(KernelDistance(), real, fake))


def test_memorized_samples_score_zero_and_far_ones_the_distance():
    rows, far = normal(300, 8, 0), normal(300, 8, 1)
    assert value(MemorizationDistance(), rows, rows) < 1e-3
    found = value(MemorizationDistance(), rows, far)
    assert found >= 0.99 * value(FrechetDistance(), rows, far)


def test_the_distance_within_classes_sees_swapped_labels():
    labels = torch.arange(2).repeat(100)
    real = normal(200, 4, 0) + 5.0 * labels[:, None]
    right = normal(200, 4, 1) + 5.0 * labels[:, None]
    wrong = normal(200, 4, 1) + 5.0 * (1 - labels)[:, None]

    def within(fake, fake_labels=labels):
        metric = IntraFrechetDistance()
        metric.update(real, real=True, labels=labels)
        metric.update(fake, real=False, labels=fake_labels)
        return float(metric.compute())

    assert within(wrong) > 20 * within(right)
    assert torch.tensor(within(right, None)).isnan()
    assert torch.tensor(within(right, torch.zeros(200))).isnan()


@pytest.mark.parametrize(
    "make",
    [
        lambda **k: KernelDistance(subsets=3, subset_size=40, **k),
        PrecisionRecallDensityCoverage,
        DuplicateShare,
        MemorizationDistance,
    ],
    ids=["kid", "prdc", "duplicates", "mifid"],
)
@pytest.mark.filterwarnings("ignore:.*was called before the")
def test_processes_compute_what_one_would(make):
    real, fake = normal(90, 4, 0), normal(80, 4, 1) + 0.2
    alone = value(make(), real, fake)

    def first(metric):
        for part in fake[:50].split(20):
            metric.update(part, real=False)

    def second(metric):
        metric.update(real, real=True)
        metric.update(fake[50:], real=False)

    for found in computed_together(make, first, second, lambda metric: None):
        assert plain(found) == pytest.approx(alone, rel=1e-5)


@pytest.mark.filterwarnings("ignore:.*was called before the")
def test_labels_go_with_their_rows_over_processes():
    labels = torch.arange(2).repeat(40)
    rows = normal(80, 4, 0) + 5.0 * labels[:, None]

    def first(metric):
        metric.update(rows, real=True, labels=labels)
        metric.update(rows[:30], real=False, labels=labels[:30])

    def second(metric):
        metric.update(rows[30:], real=False, labels=labels[30:])

    found = computed_together(IntraFrechetDistance, first, second, lambda metric: None)
    assert all(float(each) < 1e-6 for each in found)


def test_a_metric_of_rows_survives_pickling_and_is_reset():
    real, fake = normal(60, 4, 0), normal(50, 4, 1)
    metric = PrecisionRecallDensityCoverage()
    metric.update(real, real=True)
    again = pickle.loads(pickle.dumps(metric))
    again.update(fake, real=False)
    expected = value(PrecisionRecallDensityCoverage(), real, fake)
    assert {k: float(v) for k, v in again.compute().items()} == expected
    again.reset()
    assert value(again, real, fake) == expected


def test_distances_of_a_reference_are_kept_until_its_rows_change():
    rows = torch.randn(20, 3)
    first = functional.distances_of_reference(rows, 2)
    assert torch.equal(first, functional.nearest_distances(rows, 2))
    assert functional.distances_of_reference(rows.clone(), 2) is first
    rows[0] += 1
    changed = functional.distances_of_reference(rows, 2)
    assert torch.equal(changed, functional.nearest_distances(rows, 2))
    assert not torch.equal(changed, first)

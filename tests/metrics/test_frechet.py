"""Fréchet distance: known answers, other programs' values, and torchmetrics' manners."""

from __future__ import annotations

import pickle

import pytest
import torch
from ranks import computed_together
from torch import nn

from ganzoo.metrics import FeatureStatistics, FrechetDistance, KernelDistance


def normal(n: int, dims: int, seed: int) -> torch.Tensor:
    return torch.randn(n, dims, generator=torch.Generator().manual_seed(seed))


def distance(real: torch.Tensor, fake: torch.Tensor) -> float:
    metric = FrechetDistance()
    metric.update(real, real=True)
    metric.update(fake, real=False)
    return float(metric.compute())


def test_two_gaussians_have_their_closed_form():
    one = normal(4000, 8, 0).double()
    one = (one - one.mean(0)) @ torch.linalg.inv(torch.linalg.cholesky(one.T.cov())).T
    scale = torch.arange(1.0, 9.0, dtype=torch.float64)
    expected = 8 * 9.0 + float((scale - 1).square().sum())
    assert distance(one, one * scale + 3.0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("n", "dims"), [(1000, 64), (100, 192), (300, 768)])
def test_it_is_that_of_torchmetrics(n, dims):
    from torchmetrics.image.fid import FrechetInceptionDistance

    identity = nn.Identity()
    identity.num_features = dims
    theirs = FrechetInceptionDistance(identity)
    real, fake = normal(n, dims, 0), normal(n, dims, 1) * 1.3 + 0.5
    theirs.update(real, real=True)
    theirs.update(fake, real=False)
    expected = theirs.compute().item()
    assert abs(distance(real, fake) - expected) <= 1e-4 + 1e-5 * expected


def test_it_is_that_of_torch_fidelity():
    fid = pytest.importorskip("torch_fidelity.metric_fid")
    real, fake = normal(1000, 64, 1), normal(1000, 64, 2) * 1.5 + 1
    theirs = fid.fid_statistics_to_metric(
        *(fid.fid_features_to_statistics(rows) for rows in (real, fake)), verbose=False
    )["frechet_inception_distance"]
    assert abs(distance(real, fake) - theirs) <= 1e-4 + 1e-6 * theirs


def test_identical_sets_have_distance_zero_in_any_order():
    rows = normal(500, 16, 1)
    assert distance(rows, rows) == pytest.approx(0, abs=1e-4)
    assert distance(rows, rows + 1) == pytest.approx(distance(rows.flip(0), rows + 1), rel=1e-6)


def test_a_large_offset_costs_no_digits():
    rows = normal(1000, 16, 1).double()
    near = distance(rows[:500], rows[500:])
    assert distance(rows[:500] + 1e4, rows[500:] + 1e4) == pytest.approx(near, rel=1e-6)


def test_dead_features_are_taken():
    rows = normal(200, 16, 0)
    rows[:, 3] = 0
    assert distance(rows, rows) < 1e-4
    assert distance(rows, rows.flip(1)) > 0.5


def test_a_network_turns_images_into_features():
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.BatchNorm1d(5), nn.Dropout())
    metric = FrechetDistance(feature=network)
    owner = nn.ModuleList([metric])
    owner.train()
    real, fake = torch.rand(40, 3, 2, 2), torch.rand(40, 3, 2, 2) + 1
    metric.update(real, real=True)
    metric.update(fake[:20], real=False)
    metric.update(fake[20:], real=False)
    network.eval()
    with torch.no_grad():
        expected = distance(network(real), network(fake))
    assert float(metric.compute()) == pytest.approx(expected, rel=1e-6)


def test_a_network_without_rows_is_named():
    with pytest.raises(ValueError, match=r"must return \(N, d\), not \(2, 3, 4, 4\)"):
        FrechetDistance(feature=nn.Identity()).update(torch.zeros(2, 3, 4, 4), real=True)


def test_a_collection_of_metrics_takes_it():
    from torchmetrics import MetricCollection

    metrics = MetricCollection(
        {"fd": FrechetDistance(), "kid": KernelDistance(subsets=2, subset_size=20)}
    )
    real, fake = normal(50, 4, 0), normal(50, 4, 1) + 2
    metrics.update(real, real=True)
    metrics.update(fake, real=False)
    found = metrics.compute()
    assert float(found["fd"]) == pytest.approx(distance(real, fake))
    metrics.reset()
    metrics.update(real, real=True)
    metrics.update(real, real=False)
    assert float(metrics.compute()["fd"]) < 1e-6


def test_reset_keeps_the_real_sums_if_asked():
    real, fake = normal(50, 4, 0), normal(60, 4, 1) + 2
    for n in (60, 3):  # fewer rows than features too
        metric = FrechetDistance(reset_real_features=False)
        metric.update(real[:n], real=True)
        metric.update(fake + 5, real=False)
        metric.compute()
        metric.reset()
        metric.update(fake, real=False)
        assert float(metric.compute()) == pytest.approx(distance(real[:n], fake))


@pytest.mark.filterwarnings("ignore:.*was called before the")
def test_it_survives_pickling_and_a_state_dict():
    real, fake = normal(50, 4, 0), normal(50, 4, 1) + 2
    metric = FrechetDistance()
    metric.update(real, real=True)
    again = pickle.loads(pickle.dumps(metric))
    again.update(fake, real=False)
    assert float(again.compute()) == pytest.approx(distance(real, fake))
    again.persistent(True)
    fresh = FrechetDistance()
    fresh.persistent(True)
    fresh.load_state_dict(again.state_dict())
    assert float(fresh.compute()) == pytest.approx(distance(real, fake))


@pytest.mark.parametrize("dims", [4, 200])
def test_processes_compute_what_one_would(dims):
    real, fake = normal(100, dims, 0), normal(90, dims, 1) + 2

    def first(metric):
        metric.update(real[:70], real=True)
        metric.update(fake[:10], real=False)

    def second(metric):
        metric.update(real[70:], real=True)
        metric.update(fake[10:50], real=False)
        metric.update(fake[50:], real=False)

    one, other = computed_together(FrechetDistance, first, second)
    assert float(one) == float(other) == pytest.approx(distance(real, fake), rel=1e-9)


@pytest.mark.filterwarnings("ignore:.*was called before the")
def test_a_process_without_a_batch_adds_nothing():
    real, fake = normal(100, 8, 0), normal(90, 8, 1) + 2

    def first(metric):
        metric.update(real, real=True)
        metric.update(fake, real=False)

    one, other = computed_together(FrechetDistance, first, lambda metric: None)
    assert float(one) == float(other) == pytest.approx(distance(real, fake), rel=1e-9)


def test_statistics_take_the_place_of_features():
    real, fake = normal(100, 8, 0), normal(90, 8, 1) + 2
    exact, none = real.double(), torch.empty(0)
    statistics = FeatureStatistics(
        n=100,
        total=exact.sum(0),
        outer=exact.T @ exact,
        rows=real,
        labels=none.long(),
        named=none.long(),
        hits=0,
        beliefs=none,
        certainty=none,
        sizes=none.long(),
    )
    metric = FrechetDistance()
    metric.update(statistics, real=True)
    metric.update(fake, real=False)
    assert float(metric.compute()) == pytest.approx(distance(real, fake), rel=1e-9)


def test_one_row_is_too_few():
    with pytest.raises(RuntimeError, match="at least 2 real rows"):
        distance(normal(1, 4, 0), normal(9, 4, 0))

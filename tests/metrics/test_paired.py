"""Metrics of samples and targets."""

from __future__ import annotations

import math

import pytest
import torch
from ranks import computed_together

from ganzoo.metrics import AbsoluteError, PeakSignalToNoise, StructuralSimilarity


def images(seed: int) -> torch.Tensor:
    return torch.rand(6, 1, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize(
    ("kind", "same", "opposite"),
    [(AbsoluteError, 0, 1), (PeakSignalToNoise, 100, 0), (StructuralSimilarity, 1, None)],
)
def test_known_answers(kind, same, opposite):
    metric = kind()
    metric.update(images(0), images(0))
    assert float(metric.compute()) == pytest.approx(same, abs=1e-6)
    if opposite is not None:
        metric.reset()
        metric.update(-torch.ones(2, 1, 16, 16), torch.ones(2, 1, 16, 16))
        assert float(metric.compute()) == pytest.approx(opposite, abs=1e-6)
    assert math.isnan(float(kind().total / kind().count))


@pytest.mark.parametrize("kind", [AbsoluteError, PeakSignalToNoise, StructuralSimilarity])
@pytest.mark.filterwarnings("ignore:.*was called before the")
def test_the_mean_is_over_samples_wherever_they_are(kind):
    alone = kind()
    alone.update(images(0), images(1))
    found = computed_together(
        kind,
        lambda metric: metric.update(images(0)[:2], images(1)[:2]),
        lambda metric: metric.update(images(0)[2:], images(1)[2:]),
        lambda metric: None,
    )
    assert all(float(v) == pytest.approx(float(alone.compute())) for v in found)

"""Metrics of a classifier's answers."""

from __future__ import annotations

import pytest
import torch
from ranks import computed_together

from ganzoo.metrics import ClassAccuracy, InceptionScore


def logits(n: int, classes: int, seed: int) -> torch.Tensor:
    return 3 * torch.randn(n, classes, generator=torch.Generator().manual_seed(seed))


@pytest.mark.filterwarnings("ignore:.*save all extracted features", "ignore:std")
def test_the_inception_score_is_that_of_torchmetrics():
    from torchmetrics.image.inception import InceptionScore as Theirs

    rows = logits(200, 10, 2)
    theirs = Theirs(torch.nn.Identity(), splits=1)
    theirs.update(rows)
    ours = InceptionScore(splits=1)
    for part in rows.split(30):
        ours.update(part)
    ours.update(logits(50, 10, 3), real=True)
    assert float(ours.compute()[0]) == pytest.approx(theirs.compute()[0].item(), rel=1e-5)


def test_every_split_of_the_inception_score_counts_alike():
    rows = 20.0 * torch.eye(4).repeat_interleave(5, 0)
    split = InceptionScore(splits=4, total=20)
    split.update(rows)
    assert float(split.compute()[0]) == pytest.approx(1, abs=1e-3)
    whole = InceptionScore(splits=1)
    whole.update(rows)
    assert float(whole.compute()[0]) == pytest.approx(4, abs=1e-3)


def test_a_classifier_may_be_given():
    network = torch.nn.Linear(3, 10)
    images = torch.rand(50, 3)
    with_network, without = InceptionScore(feature=network, splits=2), InceptionScore(splits=2)
    with_network.update(images)
    without.update(network(images).detach())
    assert float(with_network.compute()[0]) == float(without.compute()[0])


@pytest.mark.filterwarnings("ignore:.*was called before the")
def test_processes_compute_the_score_that_one_would():
    rows = logits(100, 10, 0)
    alone = InceptionScore(splits=5, total=100)
    alone.update(rows)

    def make(**options):
        return InceptionScore(splits=5, total=100, **options)

    found = computed_together(
        make,
        lambda metric: metric.update(rows[:35], place=0),
        lambda metric: metric.update(rows[35:], place=35),
        lambda metric: None,
    )
    for mean, _ in found:
        assert float(mean) == pytest.approx(float(alone.compute()[0]), rel=1e-9)


@pytest.mark.filterwarnings("ignore:.*was called before the")
def test_accuracy_is_the_share_of_samples_in_the_class_that_was_asked():
    rows = torch.tensor([[2.0, 0], [0, 2.0], [0, 2.0], [0, 2.0]])
    labels = torch.tensor([0, 1, 0, 1])
    metric = ClassAccuracy()
    metric.update(rows, labels)
    assert float(metric.compute()) == 0.75
    assert metric.predicted.tolist() == [1, 3]
    found = computed_together(
        ClassAccuracy,
        lambda each: each.update(rows[:1], labels[:1]),
        lambda each: each.update(rows[1:], labels[1:]),
        lambda each: None,
    )
    assert [float(each) for each in found] == [0.75] * 3
    unlabeled = ClassAccuracy()
    unlabeled.update(rows)
    assert unlabeled.compute().isnan()

"""Metrics against their definitions, written out the slow way, and against torchmetrics."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.evaluation import statistic_metrics as metrics
from ganzoo.evaluation.extractors import Extractor, Features
from ganzoo.evaluation.statistics import Statistics, collect
from ganzoo.spec.protocol import Protocol

RULES = Protocol("rows", extractor="rows", n=2, metrics=(), quantise="none", is_splits=1)


class Rows(torch.nn.Module):
    """Its input is the features, and beside them logits that were given."""

    def __init__(self, logits: torch.Tensor | None = None) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, rows: torch.Tensor) -> Features:
        return Features(rows, self.logits)


def statistics(rows, logits=None, labels=None, rules=RULES) -> Statistics:
    extractor = Extractor("rows", Rows(logits), None)
    return collect([rows], len(rows), extractor, rules, labels=labels)


def normal(n: int, dims: int, seed: int) -> torch.Tensor:
    return torch.randn(n, dims, generator=torch.Generator().manual_seed(seed))


def values(*names: str, real: Statistics, fake: Statistics, **rules) -> dict[str, float]:
    found = metrics.compute(replace(RULES, metrics=names, **rules), real, fake)
    return {label.removesuffix("-rows"): value for label, value in found.items()}


@pytest.mark.parametrize(("n", "dims"), [(1000, 64), (100, 192), (300, 768)])
def test_frechet_distance_is_that_of_torchmetrics(n, dims):
    from torchmetrics.image.fid import FrechetInceptionDistance

    identity = torch.nn.Identity()
    identity.num_features = dims
    theirs = FrechetInceptionDistance(identity)
    real, fake = normal(n, dims, 0), normal(n, dims, 1) * 1.3 + 0.5
    theirs.update(real, real=True)
    theirs.update(fake, real=False)
    ours = values("fd", real=statistics(real), fake=statistics(fake))["FD"]
    expected = theirs.compute().item()
    assert abs(ours - expected) <= 1e-4 + 1e-5 * expected


def test_frechet_distance_takes_dead_features():
    rows = normal(200, 16, 0)
    rows[:, 3] = 0
    other = rows.flip(1)
    assert values("fd", real=statistics(rows), fake=statistics(rows))["FD"] < 1e-4
    assert values("fd", real=statistics(rows), fake=statistics(other))["FD"] > 0.5


def test_precision_recall_density_and_coverage_are_their_definitions():
    real, fake = normal(60, 4, 0), normal(50, 4, 1) * 0.8 + 0.3
    found = values("prdc", real=statistics(real), fake=statistics(fake))

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


def test_chunks_change_nothing(monkeypatch):
    real, fake = statistics(normal(60, 4, 0)), statistics(normal(50, 4, 1))
    whole = values("prdc", "duplicates", real=real, fake=fake)
    monkeypatch.setattr(metrics, "CHUNK", 7)
    assert values("prdc", "duplicates", real=real, fake=fake) == pytest.approx(whole)


def test_a_set_of_copies_is_all_duplicates():
    real = statistics(normal(100, 8, 0))
    copies = statistics(normal(5, 8, 1).repeat(20, 1))
    assert values("duplicates", real=real, fake=copies)["duplicates"] == 1
    assert values("duplicates", real=real, fake=real)["duplicates"] == 0


@pytest.mark.filterwarnings("ignore:.*save all extracted features", "ignore:std")
def test_the_inception_score_is_that_of_torchmetrics():
    from torchmetrics.image.inception import InceptionScore

    logits = normal(200, 10, 2) * 3
    identity = torch.nn.Identity()
    identity.num_features = 10
    theirs = InceptionScore(identity, splits=1)
    theirs.update(logits)
    ours = values("is", real=statistics(logits), fake=statistics(logits, logits))["IS"]
    assert ours == pytest.approx(theirs.compute()[0].item(), rel=1e-5)


def test_every_split_of_the_inception_score_counts_alike():
    logits = 20.0 * torch.eye(4).repeat_interleave(5, 0)
    rules = replace(RULES, is_splits=4)
    made = statistics(logits, logits, rules=rules)
    assert values("is", real=made, fake=made, is_splits=4)["IS"] == pytest.approx(1, abs=1e-3)
    whole = statistics(logits, logits)
    assert values("is", real=whole, fake=whole)["IS"] == pytest.approx(4, abs=1e-3)


def test_memorised_samples_score_zero_and_far_ones_the_distance():
    rows, far = normal(300, 8, 0), normal(300, 8, 1)
    assert values("mifid", real=statistics(rows), fake=statistics(rows))["MiFD"] < 1e-3
    found = values("fd", "mifid", real=statistics(rows), fake=statistics(far))
    assert found["MiFD"] >= found["FD"] * 0.99


def test_the_distance_within_classes_sees_swapped_labels():
    labels = torch.arange(2).repeat(100)
    rows = normal(200, 4, 0) + 5.0 * labels[:, None]
    real = statistics(rows, labels=labels)
    right = statistics(normal(200, 4, 1) + 5.0 * labels[:, None], labels=labels)
    wrong = statistics(normal(200, 4, 1) + 5.0 * (1 - labels)[:, None], labels=labels)
    near, far = (values("intra", "fd", real=real, fake=fake) for fake in (right, wrong))
    assert far["intra-FD"] > 20 * near["intra-FD"]
    assert far["FD"] == pytest.approx(near["FD"], abs=1)
    assert "intra-FD" not in values("intra", real=real, fake=statistics(rows))


def test_accuracy_is_the_share_of_samples_in_the_class_that_was_asked():
    labels = torch.tensor([0, 1, 0, 1])
    real = statistics(normal(4, 3, 0), labels=labels)
    logits = torch.tensor([[2.0, 0], [0, 2.0], [0, 2.0], [0, 2.0]])
    fake = statistics(normal(4, 3, 1), logits, labels)
    assert values("accuracy", real=real, fake=fake) == {"accuracy": 0.75}
    assert values("accuracy", real=real, fake=statistics(normal(4, 3, 1), logits)) == {}


def test_a_plugin_brings_a_metric_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "acme_scores.py").write_text(
        "def count(rules, real, fake):\n    return {'count': fake.n}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    real = statistics(normal(10, 3, 0))
    assert values("acme_scores:count", real=real, fake=real) == {"count": 10}
    with pytest.raises(ConfigError, match="cannot be imported"):
        values("no_such_package:metric", real=real, fake=real)
    with pytest.raises(UnknownNameError, match="did you mean kid"):
        values("kidd", real=real, fake=real)


def test_memory_is_bounded_whatever_the_number(monkeypatch):
    monkeypatch.setattr("ganzoo.evaluation.statistics.ROWS", 30)
    rows = normal(100, 4, 0)
    extractor = Extractor("rows", Rows(), None)
    made = collect(rows.split(16), 100, extractor, RULES, labels=torch.arange(100))
    assert torch.equal(made.rows, rows[:30])
    assert torch.equal(made.labels, torch.arange(30))
    assert made.n == 100
    torch.testing.assert_close(made.total, rows.double().sum(0))


def test_a_process_without_a_sample_adds_nothing(monkeypatch):
    rows = normal(2, 4, 0)
    answers = iter([[(4, 0), None], [rows, torch.empty(0, 4)]])
    monkeypatch.setattr("ganzoo.runtime.distributed.all_gather", lambda value: next(answers))
    made = collect([], 2, Extractor("rows", Rows(), None), RULES, first=2)
    assert (made.n, made.hits) == (0, 0)
    assert torch.equal(made.total, torch.zeros(4, dtype=torch.float64))
    assert made.outer.shape == (4, 4)
    assert torch.equal(made.rows, rows)

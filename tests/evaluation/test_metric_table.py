"""Metrics of a protocol by name: ganzoo's, torchmetrics', a plugin's."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

import ganzoo
from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.evaluation import evaluate, evaluate_data
from ganzoo.evaluation.protocols import find_protocol

QUICK = replace(find_protocol("quick"), n=24)

PLUGIN = """
import torch
from ganzoo.metrics import SampleMetric
from torchmetrics import Metric

class Brightness(SampleMetric):
    @classmethod
    def from_protocol(cls, protocol):
        made = cls()
        made.protocol = protocol
        return made

    def compute(self):
        assert self.protocol.data == "noise"
        assert self.kept(real=True).shape[1:] == (1, 28, 28)
        means = [self.kept(real).mean() for real in (True, False)]
        return {"brightness": means[0] - means[1], "unknown": torch.nan}

class Count(Metric):
    def __init__(self):
        super().__init__()
        self.add_state("count", torch.tensor(0), dist_reduce_fx="sum")

    def update(self, samples):
        self.count += len(samples)

    def compute(self):
        return self.count

class Text(Count):
    def compute(self):
        return "a text"

def function(protocol, real, fake):
    return {}
"""


def noise(n: int, seed: int) -> Dataset:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (n, 28, 28, 1), generator=generator, dtype=torch.uint8)
    return Dataset("noise", {"real": images})


def values(*metrics: str) -> dict[str, float]:
    protocol = replace(QUICK, metrics=metrics)
    return dict(evaluate_data(noise(60, 1), protocol=protocol, data=noise(80, 0)).values)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    (tmp_path / "acme_scores.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)


def test_a_metric_of_a_plugin_takes_samples(plugin):
    found = values("acme_scores:Brightness", "acme_scores:Count")
    assert found.keys() == {"brightness-projection", "Count-projection"}
    assert found["Count-projection"] == 60
    assert abs(found["brightness-projection"]) < 0.1


def test_a_metric_of_torchmetrics_gets_the_same_features_as_ours():
    theirs = "torchmetrics.image.fid:FrechetInceptionDistance"
    found = values("fd", theirs)
    assert found["FrechetInceptionDistance-projection"] == pytest.approx(
        found["FD-projection"], rel=1e-4
    )


def test_a_metric_of_ours_has_its_own_address_too():
    found = values("fd", "ganzoo.metrics:FrechetDistance")
    assert found["FrechetDistance-projection"] == found["FD-projection"]


def test_pairs_go_to_a_metric_of_torchmetrics():
    rows = noise(30, 0).columns["real"]
    protocol = replace(QUICK, metrics=("l1", "torchmetrics.regression:MeanAbsoluteError"))
    paired = Dataset("pairs", {"real": rows, "source": rows})
    found = evaluate(ganzoo.create("vanilla"), protocol=protocol, data=paired).values
    assert found["MeanAbsoluteError"] == pytest.approx(2 * found["L1"], rel=1e-5)


def test_what_is_no_metric_is_named(plugin):
    with pytest.raises(ConfigError, match="cannot be imported"):
        values("no_such_package:Metric")
    with pytest.raises(ConfigError, match=r"is not a torchmetrics\.Metric class"):
        values("acme_scores:function")
    with pytest.raises(ConfigError, match="computes no number"):
        values("acme_scores:Text")
    with pytest.raises(UnknownNameError, match="did you mean kid"):
        values("kidd")

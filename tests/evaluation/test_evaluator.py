"""Scores: known answers, honest labels, one cache, and the traps of the metrics' library."""

from __future__ import annotations

import math
import sys
from dataclasses import replace

import pytest
import torch

import ganzoo
from ganzoo.data import Dataset, load_data
from ganzoo.data.dataset import as_float
from ganzoo.errors import ConfigError, DataError, UnknownNameError, WeightsError
from ganzoo.evaluation import evaluate, evaluate_data, nearest_neighbors
from ganzoo.evaluation.evaluator import score_set
from ganzoo.evaluation.extractors import load_extractor, load_verified
from ganzoo.evaluation.extractors.lookup import LENET_FILE
from ganzoo.evaluation.protocols import LENET_SHA256, PROTOCOLS, find_protocol
from ganzoo.evaluation.reference import load_reference, reference_order
from ganzoo.evaluation.samples import stored_batches
from ganzoo.evaluation.self_test import self_test
from ganzoo.spec import SampleSpec

self_tests = sys.modules[self_test.__module__]
SPEC = SampleSpec((1, 28, 28))


def digits(count: int, split: str = "test") -> Dataset:
    whole = load_data("mnist", (1, 28, 28), split)
    return Dataset("digits", {key: rows[:count] for key, rows in whole.columns.items()})


def test_batches_of_any_size_give_the_same_scores():
    real, rows = digits(300, "train"), digits(200)
    reference = load_reference(find_protocol("mnist-lenet"), real, SPEC, torch.device("cpu"))
    order = torch.arange(200)
    one, many = (
        score_set(
            stored_batches(rows, order, torch.device("cpu"), "uint8", batch=batch),
            reference,
            n=200,
            seed=0,
        )
        for batch in (200, 64)
    )
    assert one.values == pytest.approx(many.values, rel=1e-4)
    assert torch.equal(one.class_counts, many.class_counts)


def test_the_classifier_names_99_of_100_digits():
    dataset = digits(10_000)
    images = as_float(dataset.columns["real"])
    named = load_extractor("lenet-mnist")(images).logits.argmax(1)
    assert (named == dataset.columns["label"]).float().mean() >= 0.99


def test_the_classifier_is_small_and_is_the_one_that_the_protocol_names():
    path = LENET_FILE
    assert path.stat().st_size <= 500_000
    assert find_protocol("mnist-lenet").extractor_sha256 == LENET_SHA256
    load_verified(path, LENET_SHA256)


def test_damaged_weights_are_refused(tmp_path):
    damaged = bytearray((LENET_FILE).read_bytes())
    damaged[-1] ^= 1
    (tmp_path / "weights").write_bytes(damaged)
    with pytest.raises(WeightsError, match="damaged"):
        load_verified(tmp_path / "weights", LENET_SHA256)


def test_a_missing_class_raises_the_distance_and_lowers_the_score():
    whole = digits(1200)
    real, fair = (
        Dataset("part", {key: rows[part] for key, rows in whole.columns.items()})
        for part in (slice(600), slice(600, 1200))
    )
    kept = fair.columns["label"] < 7
    dropped = Dataset("dropped", {key: rows[kept] for key, rows in fair.columns.items()})
    good, bad = (
        evaluate_data(rows, protocol="mnist-lenet", data=real).values for rows in (fair, dropped)
    )
    assert bad["FD-lenet"] > 3 * good["FD-lenet"]
    assert bad["KID-lenet"] > 3 * abs(good["KID-lenet"])
    assert bad["IS-lenet"] < good["IS-lenet"] - 1


def test_scores_are_the_same_again_and_leave_the_random_state_alone():
    gan = ganzoo.create("vanilla")
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one = evaluate(gan, protocol="mnist-lenet", data=digits(500), n=300)
    assert torch.equal(before, torch.get_rng_state())
    two = evaluate(gan, protocol="mnist-lenet", data=digits(500), n=300)
    assert one.values == two.values
    assert {"FD-lenet", "KID-lenet", "IS-lenet", "recall-lenet"} < set(one.values)
    assert sum(one.classes) == pytest.approx(1)


def test_named_data_brings_the_scores_of_as_many_unseen_rows():
    protocol = replace(find_protocol("mnist-lenet"), reference_n=600)
    scores = evaluate(ganzoo.create("vanilla"), protocol=protocol, n=200)
    assert 0 < scores.floor["FD-lenet"] < scores.values["FD-lenet"]
    test = load_data("mnist", (1, 28, 28), "test")
    rows = test.columns["real"][reference_order(test, replace(protocol, reference_n=200))]
    same = evaluate_data(Dataset("unseen", {"real": rows}), protocol=protocol, data="mnist")
    for label in ("FD-lenet", "KID-lenet", "recall-lenet"):
        assert same.values[label] == pytest.approx(scores.floor[label], rel=1e-4, abs=1e-6)


def test_fewer_unseen_rows_than_samples_are_not_scored(monkeypatch):
    real, unseen = digits(400, "train"), digits(100)
    monkeypatch.setattr("ganzoo.evaluation.evaluator.load_unseen", lambda *_: unseen)
    scores = evaluate_data(digits(200), protocol="quick", data=real)
    assert scores.floor == {}
    assert "digits test has 100 rows, fewer than the 200 samples" in " ".join(scores.warnings)


def test_a_small_reference_is_warned_of_as_small_samples_are():
    text = "; ".join(
        evaluate_data(digits(300), protocol="quick", data=digits(5, "train"), floor=False).warnings
    )
    assert "the reference digits has 5 rows for 64 features: the distance is mostly bias" in text
    assert "KID on subsets smaller than 1000: the reference digits has 5 rows" in text
    both = evaluate_data(digits(150), protocol="quick", data=digits(200, "train"), floor=False)
    text = "; ".join(both.warnings)
    assert "150 samples, the protocol says 2000" in text
    assert "the reference digits has 200 rows, fewer than 2,000: biased upward" in text


def test_a_set_of_images_is_scored_in_disjoint_sets():
    real, rows = digits(400, "train"), digits(300)
    options = {"protocol": "quick", "data": real, "floor": False}
    scores = evaluate_data(rows, sets=3, seed=1, **options)
    assert (scores.n, scores.sets, scores.seed) == (100, 3, 1)
    assert len({values["FD-projection"] for values in scores.each}) == 3
    assert set(scores.spread) == set(scores.values)
    assert evaluate_data(rows, sets=3, seed=1, **options) == scores
    few, others = (evaluate_data(rows, n=80, seed=seed, **options) for seed in (0, 1))
    assert few.n == few.protocol.n == others.n == 80
    assert few.values["FD-projection"] != others.values["FD-projection"]
    with pytest.raises(ConfigError, match="digits has 300 samples, 2 sets of 200 are more"):
        evaluate_data(rows, n=200, sets=2, **options)
    with pytest.raises(ConfigError, match="digits has 3 for 2 sets"):
        evaluate_data(digits(3), sets=2, **options)


def test_another_n_or_another_reference_is_another_protocol():
    gan, data = ganzoo.create("vanilla"), digits(300)
    hashes = {
        evaluate(gan, protocol="quick", data=data, n=100).protocol.hash,
        evaluate(gan, protocol="quick", data=data, n=120).protocol.hash,
        find_protocol("quick").hash,
    }
    assert len(hashes) == 3


def test_few_samples_and_untrained_features_are_warned_of():
    scores = evaluate(ganzoo.create("vanilla"), protocol="quick", data=digits(300), n=20)
    text = " ".join(scores.warnings)
    assert "mostly bias" in text
    assert "not trained" in text
    assert "KID on subsets smaller" in text


def test_only_inception_as_published_is_called_fid():
    called = {name for name, p in PROTOCOLS.items() if "fid" in p.label("fd").lower()}
    assert called == {"nv50k-full", "mimicry50k", "torch-fidelity"}


def test_bad_requests_are_named():
    gan = ganzoo.create("vanilla")
    with pytest.raises(UnknownNameError, match="mnist-lenet"):
        evaluate(gan, protocol="mnist-lenett")
    with pytest.raises(ConfigError, match="names no data"):
        evaluate(gan, protocol="quick")
    with pytest.raises(ConfigError, match="at least 2"):
        evaluate(gan, protocol="mnist-lenet", n=1)
    colour = ganzoo.create("vanilla", channels=3)
    with pytest.raises(DataError, match="lenet-mnist takes samples of shape"):
        evaluate(colour, protocol="mnist-lenet", n=10)


def test_samples_that_are_not_finite_are_named():
    gan = ganzoo.create("vanilla")
    with torch.no_grad():
        next(gan.generator.parameters()).fill_(math.nan)
    with pytest.raises(DataError, match="not finite"):
        evaluate(gan, protocol="quick", data=digits(50), n=10)


def test_images_of_anybody_are_scored_like_a_model_s():
    real, other = digits(400, "train"), digits(300)
    scores = evaluate_data(other, protocol="mnist-lenet", data=real, floor=False)
    assert scores.n == scores.protocol.n == 300
    assert scores.values["recall-lenet"] > 0.5
    assert "accuracy-lenet" not in scores.values
    same = evaluate_data(real, protocol="mnist-lenet", data=real, floor=False)
    assert same.values["FD-lenet"] < 1e-3 < scores.values["FD-lenet"]


def test_the_hash_is_of_what_matters():
    protocol = find_protocol("mnist-lenet")
    same = replace(protocol, name="mine", sets=3, summary="other words")
    assert same.hash == protocol.hash
    for change in ({"n": 9}, {"is_splits": 3}, {"resize": "pil-bicubic"}, {"reference_n": 10}):
        assert replace(protocol, **change).hash != protocol.hash


def test_a_protocol_says_how_many_sets_and_which_part_of_the_reference():
    protocol = replace(find_protocol("quick"), n=40, sets=3, reference_n=60)
    scores = evaluate(ganzoo.create("vanilla"), protocol=protocol, data=digits(300))
    assert scores.sets == len(scores.each) == 3
    assert set(scores.spread) == set(scores.values)


def test_jpeg_and_test_references_are_warned_of():
    dataset = replace(digits(100), lossy=True)
    protocol = replace(find_protocol("quick"), split="test")
    text = " ".join(
        evaluate_data(digits(50), protocol=protocol, data=dataset, floor=False).warnings
    )
    assert "JPEG" in text
    assert "test split" in text


def test_neighbours_are_found_in_the_whole_reference():
    gan, data = ganzoo.create("vanilla"), digits(600)
    found = nearest_neighbors(gan, protocol="mnist-lenet", data=data, n=3, k=2)
    assert found.shape == (3, 3, 1, 28, 28)
    assert found.dtype == torch.uint8
    known = Dataset("known", {"real": found[:, 1].permute(0, 2, 3, 1)})
    again = nearest_neighbors(gan, protocol="mnist-lenet", data=known, n=3, k=1)
    assert torch.equal(again[:, 1], found[:, 1])


@pytest.mark.parametrize("resize", ["", "torch-bilinear"])
def test_a_network_that_does_not_resize_says_so(resize):
    if not resize:
        assert load_extractor("lenet-mnist", resize).sha256 == LENET_SHA256
        return
    with pytest.raises(ConfigError, match="does not resize"):
        load_extractor("lenet-mnist", resize)


def test_the_self_test_does_every_check_that_it_can(monkeypatch):
    whole = self_tests._digits

    def few(split, first, last, *below):
        return whole(split, first // 20, last // 20, *below)

    monkeypatch.setattr(self_tests, "_digits", few)
    findings = {finding.name: finding.result for finding in self_test()}
    assert set(findings.values()) <= {"ok", "skipped", "FAILED"}
    assert [name for name, result in findings.items() if result == "FAILED"] == [
        "one half of MNIST against the other"  # whose distance is that of all the digits
    ]


@pytest.mark.slow
def test_the_self_test_finds_what_is_known():
    findings = {finding.name: finding for finding in self_test()}
    assert not [f for f in findings.values() if f.result == "FAILED"]
    assert findings["distance of two Gaussians"].result == "ok"
    assert len(findings) == 6

"""Statistics of a reference: computed once, cached, shared with older versions."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from ganzoo.data import Dataset, load_data
from ganzoo.errors import DataError
from ganzoo.evaluation.protocols import find_protocol
from ganzoo.evaluation.reference import load_reference
from ganzoo.spec import SampleSpec

SPEC = SampleSpec((1, 28, 28))


def digits(count: int) -> Dataset:
    whole = load_data("mnist", (1, 28, 28), "test")
    return Dataset("digits", {key: rows[:count] for key, rows in whole.columns.items()})


@pytest.fixture
def cached(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path))
    return tmp_path / "statistics"


def reference(count=300):
    return load_reference(find_protocol("mnist-lenet"), digits(count), SPEC, torch.device("cpu"))


def test_the_statistics_are_sums_and_the_first_rows(cached):
    made = reference()
    found = made.statistics
    samples = made.dataset.rows(made.order)
    features = made.extractor(samples["real"])
    exact = features.rows.double()
    torch.testing.assert_close(found.total, exact.sum(0), rtol=1e-5, atol=1e-3)
    torch.testing.assert_close(found.outer, exact.T @ exact, rtol=1e-5, atol=1e-2)
    torch.testing.assert_close(found.rows, features.rows, rtol=1e-4, atol=1e-4)
    assert torch.equal(found.labels, samples["label"])
    assert found.n == int(found.named.sum()) == int(found.sizes.sum()) == 300
    assert found.hits == int((features.logits.argmax(1) == samples["label"]).sum())


def test_a_cached_file_is_read_and_not_computed_again(cached):
    reference()
    (path,) = cached.iterdir()
    with np.load(path) as file:
        arrays = dict(file)
    assert set(json.loads(str(arrays["facts"]))) == {
        *("format", "data", "rows", "extractor", "sha256", "resize", "quantise", "splits")
    }
    arrays["total"] = arrays["total"] + 1
    np.savez(path, **arrays)
    assert np.array_equal(reference().statistics.total.numpy(), arrays["total"])


def test_a_damaged_file_is_computed_anew(cached, caplog):
    first = reference()
    (path,) = cached.iterdir()
    os.truncate(path, path.stat().st_size // 2)
    with caplog.at_level(logging.WARNING):
        again = reference()
    assert torch.equal(again.statistics.outer, first.statistics.outer)
    assert "computed anew" in caplog.text
    assert len(caplog.records) == 1


def test_the_name_of_the_file_is_that_of_earlier_versions(cached):
    """A change of this name makes every user compute every reference again."""
    quick = replace(find_protocol("quick"), metrics=("fd",))
    ones = Dataset("ones", {"real": torch.ones(4, 2, 2, 1, dtype=torch.uint8)})
    load_reference(quick, ones, SampleSpec((1, 2, 2)), torch.device("cpu"))
    assert [path.name for path in cached.iterdir()] == ["b116522f1290802c2a91cff101ba2c7a.npz"]


def test_a_protocol_without_features_needs_no_statistics(cached):
    pixels = replace(find_protocol("quick"), metrics=("l1",))
    made = load_reference(pixels, digits(10), SPEC, torch.device("cpu"))
    assert made.statistics is None
    assert not cached.exists()


def test_one_row_is_too_few(cached):
    with pytest.raises(DataError, match=r"the reference digits \(train\) has 1"):
        reference(count=1)

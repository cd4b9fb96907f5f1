"""Rows of several calls in one folder: each measurement once, and none lost."""

import pytest

from ganzoo.bench import Row, read_rows, summary_table
from ganzoo.bench.row_file import merge_row, row_file, write_rows
from ganzoo.errors import RunError


def row(seed=0, **changes):
    given = {"weights": "trained", "protocol_hash": "a", "values": {"FD-lenet": 3.0}, **changes}
    return Row(
        "vanilla.mnist", "core", "1", seed=seed, device="cpu", torch="2", ganzoo="1", **given
    )


def test_a_new_measurement_replaces_the_old_one_in_its_place():
    old, other = row(train_images_per_second=9.0, kimg=1.0), row(1)
    new = row(kimg=1.0, values={"FD-lenet": 2.0})
    first, second = merge_row([old, other], new)
    assert (first.values, first.train_images_per_second) == ({"FD-lenet": 2.0}, 9.0)
    assert second == other
    assert len(merge_row([old], row(protocol_hash="b"))) == 2


def test_a_failure_replaces_failures_only():
    failed = row(protocol_hash="", values={}, error="no memory")
    assert merge_row([row()], failed) == [row()]
    assert merge_row([failed], failed) == [failed]
    assert merge_row([failed], row()) == [row()]


def test_rows_are_read_as_they_were_written(tmp_path):
    assert read_rows(tmp_path) == []
    write_rows(row_file(tmp_path), [row(), row(1, warnings=("few",))])
    assert read_rows(tmp_path) == [row(), row(1, warnings=("few",))]
    write_rows(row_file(tmp_path, (2, 3)), [row(kimg=2.0), row(settings={"width": "8"})])
    assert [(each.kimg, each.settings) for each in read_rows(tmp_path)] == [
        *((2.0, {}), (None, {}), (None, {"width": "8"}))
    ]
    (tmp_path / "rows.jsonl").write_text("{}\n")
    with pytest.raises(RunError, match=r"rows.jsonl, line 1, is no row"):
        read_rows(tmp_path)


def test_at_most_five_columns_with_the_first_score_of_each_row():
    """A column without a value is left out."""
    other = row(1, kimg=6.0, values={"FD-lenet": 4.0}, floor={"FD-lenet": 0.5})
    header, first, floor = summary_table([row(kimg=5.0), other], wide=False).splitlines()
    assert header.split() == ["model", "weights", "kimg", "FD-lenet"]
    quick = summary_table([row(train_images_per_second=9.0)], wide=False).splitlines()[0]
    assert quick.split() == ["model", "weights", "FD-lenet", "train", "img/s"]
    assert first.split() == ["vanilla.mnist,", "2", "seeds", "trained", "5.5", "3.5", "±", "0.71"]
    assert floor.split() == ["real", "test", "data", "0.5"]
    mixed = [row(), row(protocol_hash="b", values={"FID": 7.0}), row(error="x", values={})]
    text = summary_table(mixed, wide=False)
    assert "score" in text.splitlines()[0]
    assert "FID 7" in text
    assert "failed" in text

"""Pairs and two kinds of images: every file is judged for itself, and any folder can be named."""

import numpy as np
import pytest
from PIL import Image

from ganzoo.data import load_data
from ganzoo.data.pairs import split_paths
from ganzoo.errors import DataError, UsageError

SHAPE = (1, 8, 8)


def paint(path, level=0, size=(8, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0]), level, np.uint8)).save(path)


def levels(rows):
    return rows[:, 0, 0, 0].tolist()


def test_files_without_a_partner_are_counted_and_named(tmp_path, caplog):
    for number in range(6):
        paint(tmp_path / "A" / f"{number}.png", number)
    for number in (0, 1, 9):
        paint(tmp_path / "B" / f"{number}.png", 100 + number)
    data = load_data(f"pairs:{tmp_path}", SHAPE)
    assert (levels(data.columns["source"]), levels(data.columns["real"])) == ([0, 1], [100, 101])
    (record,) = caplog.records
    message = record.getMessage()
    assert "4 in A have no partner, not used: 2.png, 3.png, 4.png, ..." in message
    assert "1 in B have no partner, not used: 9.png" in message


def test_each_file_of_two_halves_is_judged_for_itself(tmp_path, caplog):
    for number in range(4):
        paint(tmp_path / f"{number}.png", number, (8, 8) if number == 0 else (16, 8))
    (tmp_path / "x.png").write_bytes(b"no image")
    data = load_data(f"pairs:{tmp_path}", SHAPE)
    assert levels(data.columns["real"]) == [1, 2, 3]
    (record,) = caplog.records
    message = record.getMessage()
    assert "1 left out, no two of 8 x 8 side by side: 0.png is 8 x 8" in message
    assert "x.png: not an image" in message


def test_where_no_file_is_two_halves_the_first_are_named(tmp_path):
    paint(tmp_path / "a.png", size=(9, 8))
    with pytest.raises(DataError, match=r"no two of 8 x 8 side by side; a\.png is 9 x 8"):
        load_data(f"pairs:{tmp_path}", SHAPE)


@pytest.mark.parametrize("layout", ["{split}/A", "A/{split}", "{split}A"])
def test_splits_lie_around_or_within_the_sides(tmp_path, layout):
    for split, level in (("train", 10), ("test", 20)):
        for side, more in (("A", 0), ("B", 5)):
            place = layout.replace("{split}", split).replace("A", side)
            paint(tmp_path / place / "1.png", level + more)
    for split, level in (("train", 10), ("test", 20)):
        data = load_data(f"pairs:{tmp_path}", SHAPE, split)
        assert levels(data.columns["source"]) == [level]
        assert levels(data.columns["real"]) == [level + 5]


def test_sides_that_share_no_name_are_shown(tmp_path):
    paint(tmp_path / "A" / "1_sketch.png"), paint(tmp_path / "B" / "1_photo.png")
    with pytest.raises(DataError, match="1 and 1 images such as 1_sketch, 1_photo"):
        load_data(f"pairs:{tmp_path}", SHAPE)


def test_an_empty_side_is_named(tmp_path):
    paint(tmp_path / "A" / "1.png"), (tmp_path / "B").mkdir()
    with pytest.raises(DataError, match=r"no image in .*B \("):
        load_data(f"pairs:{tmp_path}", SHAPE)


# folders with a comma


@pytest.fixture
def comma(tmp_path, monkeypatch):
    """Folders whose names have commas, and the working directory."""
    paint(tmp_path / "cats, dogs" / "1.png", 1), paint(tmp_path / "birds" / "1.png", 2)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "text",
    ["cats, dogs,birds", '"cats, dogs",birds', '"cats, dogs", "birds"', '"cats, dogs","birds"'],
)
def test_a_folder_with_a_comma_can_be_written(comma, text):
    data = load_data(f"unpaired:{text}", SHAPE)
    assert (levels(data.columns["source"]), levels(data.columns["real"])) == ([1], [2])


def test_a_name_that_could_be_parted_in_two_ways_needs_quotes(comma):
    paint(comma / "cats" / "1.png"), paint(comma / " dogs,birds" / "1.png")
    with pytest.raises(UsageError, match="is written in quotes"):
        load_data("unpaired:cats, dogs,birds", SHAPE)
    assert len(load_data('unpaired:"cats, dogs","birds"', SHAPE)) == 1


def test_a_quote_within_quotes_is_doubled():
    assert split_paths('"a ""b"", c",d') == ['a "b", c', "d"]


def test_one_folder_of_two_kinds_will_do(tmp_path):
    paint(tmp_path / "A" / "1.png", 1), paint(tmp_path / "B" / "1.png", 2)
    data = load_data(f"unpaired:{tmp_path}", SHAPE)
    assert (levels(data.columns["source"]), levels(data.columns["real"])) == ([1], [2])

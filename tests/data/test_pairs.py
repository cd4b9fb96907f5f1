"""Pairs of images, two domains, and data of another kind."""

import numpy as np
import pytest
import torch
from PIL import Image
from toys import IMAGE, TOYS

from ganzoo import Dataset
from ganzoo.data import Batches, load_data
from ganzoo.data.dataset import as_float
from ganzoo.errors import DataError, UsageError

CPU = torch.device("cpu")
TOY = {toy.name: toy for toy in TOYS}


def paint(path, level, size=(8, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0]), level, np.uint8)).save(path)


@pytest.mark.parametrize("sides", [("source", "real"), ("A", "B")])
def test_pairs_are_files_of_one_name_in_two_folders(tmp_path, sides):
    for number in range(3):
        paint(tmp_path / sides[0] / f"{number}.png", number)
        paint(tmp_path / sides[1] / f"{number}.bmp", 100 + number)
    paint(tmp_path / sides[0] / "alone.png", 9)
    data = load_data(f"pairs:{tmp_path}", IMAGE)
    assert len(data) == 3
    assert data.unpaired == ()
    assert torch.equal(data.columns["real"], data.columns["source"] + 100)


def test_pairs_may_lie_side_by_side_in_one_image(tmp_path):
    both = np.concatenate([np.full((8, 8), 10, np.uint8), np.full((8, 8), 200, np.uint8)], 1)
    Image.fromarray(both).save(tmp_path / "one.png")
    data = load_data(f"pairs:{tmp_path}", IMAGE)
    assert data.columns["source"].unique().tolist() == [10]
    assert data.columns["real"].unique().tolist() == [200]


def test_a_broken_half_takes_its_partner_along(tmp_path, caplog):
    for number in range(3):
        paint(tmp_path / "source" / f"{number}.png", number)
        paint(tmp_path / "real" / f"{number}.png", 100 + number)
    (tmp_path / "source" / "1.png").write_bytes(b"no image")
    data = load_data(f"pairs:{tmp_path}", IMAGE)
    assert data.columns["real"].flatten(1)[:, 0].tolist() == [100, 102]
    assert torch.equal(data.columns["real"], data.columns["source"] + 100)
    assert "1 of 3 files left out" in caplog.text


def test_a_folder_of_pairs_may_have_a_test_split(tmp_path):
    for split, level in (("train", 1), ("test", 2)):
        for side in ("source", "real"):
            paint(tmp_path / split / side / "0.png", level)
    found = {s: load_data(f"pairs:{tmp_path}", IMAGE, s) for s in ("train", "test")}
    assert {s: d.columns["real"].max().item() for s, d in found.items()} == {"train": 1, "test": 2}


def test_what_are_no_pairs_is_said_in_one_line(tmp_path):
    paint(tmp_path / "square" / "0.png", 1)
    paint(tmp_path / "strangers" / "A" / "a.png", 1)
    paint(tmp_path / "strangers" / "B" / "b.png", 1)
    for place, text in (
        ("nowhere", "no such folder"),
        ("square", "no two of 8 x 8 side by side"),
        ("strangers", "no file in A is called as one in B"),
    ):
        with pytest.raises(DataError, match=text) as caught:
            load_data(f"pairs:{tmp_path / place}", IMAGE)
        assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="no such split"):
        load_data(f"pairs:{tmp_path / 'strangers'}", IMAGE, "test")


def test_two_folders_are_two_domains_of_their_own_lengths(tmp_path):
    for number in range(5):
        paint(tmp_path / "horses" / f"{number}.png", number)
    for number in range(3):
        paint(tmp_path / "zebras" / f"{number}.png", 100 + number)
    data = load_data(f"unpaired:{tmp_path / 'horses'},{tmp_path / 'zebras'}", IMAGE)
    assert (len(data), len(data.columns["source"]), data.unpaired) == (3, 5, ("source",))


@pytest.mark.parametrize("text", ["one", "one,two,three", ","])
def test_two_domains_are_two_folders(text):
    with pytest.raises(UsageError, match="unpaired:A,B"):
        load_data(f"unpaired:{text}", IMAGE)


def of_two_domains(real=5, source=7):
    columns = {"real": torch.arange(real), "source": torch.arange(source)}
    return Dataset("two", columns, unpaired=("source",))


def test_each_domain_has_epochs_of_its_own():
    batches = Batches(of_two_domains(), 35, seed=0, device=CPU)
    rows = batches.next()
    assert torch.bincount(rows["real"]).tolist() == [7] * 5
    assert torch.bincount(rows["source"]).tolist() == [5] * 7
    met = set(zip(rows["real"].tolist(), rows["source"].tolist(), strict=True))
    assert len(met) > 7, "rows of two domains are no pairs"


def test_batches_of_two_domains_go_on_where_they_are_told_to():
    whole = Batches(of_two_domains(), 4, seed=1, device=CPU)
    expected = [whole.next() for _ in range(6)]
    later = Batches(of_two_domains(), 4, seed=1, device=CPU)
    later.drawn = 12
    for batch in expected[3:]:
        for key, rows in later.next().items():
            assert torch.equal(rows, batch[key])


def test_conditions_come_from_all_of_an_unpaired_column():
    given_rows = of_two_domains().sample_conditions(7, seed=0)
    assert sorted(given_rows["source"].tolist()) == list(range(7))


def test_an_unpaired_column_may_not_be_empty():
    with pytest.raises(DataError, match="nothing in it"):
        of_two_domains(source=0)


def test_data_of_another_kind_is_refused_with_both_kinds(tmp_path):
    gan = TOY["audio"].make()
    with pytest.raises(UsageError, match="mnist is images, the model makes waveforms"):
        load_data("mnist", gan.sample_spec)
    with pytest.raises(UsageError, match="is texts, the model makes images"):
        load_data(f"text:{tmp_path}", IMAGE)


def test_waveforms_of_integers_arrive_between_minus_one_and_one():
    rows = torch.tensor([[-32768, 0, 16384]], dtype=torch.int16)
    assert as_float(rows).tolist() == [[-1.0, 0.0, 0.5]]

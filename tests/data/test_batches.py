"""Batches are a function of (seed, how many were drawn)."""

import pytest
import torch

from ganzoo.data import Batches, Dataset
from ganzoo.data.dataset import as_float

CPU = torch.device("cpu")


def numbered(length):
    """Rows that differ, each labelled with its own number."""
    pixels = torch.arange(length * 2, dtype=torch.int64).remainder(256).to(torch.uint8)
    return Dataset("numbered", {"real": pixels.view(-1, 1, 2, 1), "label": torch.arange(length)})


def batches(length=10, size=4, **options):
    return Batches(numbered(length), size, device=CPU, **{"seed": 0, **options})


def labels(source, times):
    return torch.cat([source.next()["label"] for _ in range(times)])


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for key, rows in one.items():
        assert torch.equal(rows, other[key])


def test_the_order_is_a_function_of_the_seed():
    one, other = batches(), batches()
    for _ in range(8):
        assert_equal(one.next(), other.next())
    assert not torch.equal(labels(batches(100, 50), 1), labels(batches(100, 50, seed=1), 1))


@pytest.mark.parametrize("mirror", [False, True])
def test_batches_go_on_where_they_are_told_to(mirror):
    whole = batches(mirror=mirror)
    drawn = [(whole.drawn, whole.next()) for _ in range(9)]
    for start, batch in reversed(drawn):
        resumed = batches(mirror=mirror)
        resumed.drawn = start
        assert_equal(resumed.next(), batch)
        assert resumed.drawn == start + 4


def test_each_epoch_is_another_permutation():
    order = labels(batches(10, 4), 10).view(4, 10)
    for epoch in order:
        assert sorted(epoch.tolist()) == list(range(10))
    assert len(set(map(tuple, order.tolist()))) == 4


def test_a_batch_may_be_larger_than_the_set():
    order = labels(batches(3, 8), 3)
    assert len(order) == 24
    for epoch in order.view(8, 3):
        assert sorted(epoch.tolist()) == [0, 1, 2]


@pytest.mark.parametrize(("size", "processes"), [(4, 2), (5, 2), (7, 3)])
def test_the_parts_of_all_processes_are_the_whole_batch(size, processes):
    whole = batches(10, size, mirror=True)
    parts = [batches(10, size, mirror=True, part=(rank, processes)) for rank in range(processes)]
    for _ in range(6):
        shares = [part.next() for part in parts]
        together = {key: torch.cat([share[key] for share in shares]) for key in shares[0]}
        assert_equal(together, whole.next())
        assert {part.drawn for part in parts} == {whole.drawn}


def test_columns_stay_together():
    source = batches(mirror=False)
    pixels = as_float(source.dataset.columns["real"])
    batch = source.next()
    assert torch.equal(batch["real"], pixels[batch["label"]])


def test_mirror_flips_about_half():
    plain, flipped = batches(1000, 1000), batches(1000, 1000, mirror=True)
    before, after = plain.next(), flipped.next()
    assert torch.equal(before["label"], after["label"])
    same = (before["real"] == after["real"]).flatten(1).all(1)
    turned = (before["real"].flip(-1) == after["real"]).flatten(1).all(1)
    assert torch.equal(turned, ~same)
    assert 400 < turned.sum() < 600
    again = flipped.next()["real"], plain.next()["real"]
    assert not torch.equal((again[0] == again[1]).flatten(1).all(1), same)


def test_images_of_a_row_are_flipped_together():
    """What the source shows on the left is on the left of the real image, too."""
    pixels = numbered(50).columns["real"]
    data = Dataset("pairs", {"real": pixels, "source": 255 - pixels})
    batch = Batches(data, 50, seed=0, device=CPU, mirror=True).next()
    torch.testing.assert_close(batch["source"], -batch["real"])


def test_images_arrive_as_floats_and_labels_as_they_are():
    batch = batches().next()
    assert (batch["real"].dtype, batch["real"].shape) == (torch.float32, (4, 1, 1, 2))
    assert batch["label"].dtype == torch.int64

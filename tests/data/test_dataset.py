"""Data sets in memory: columns, hashes, conditions, pixels as floats."""

import pytest
import torch

from ganzoo.data import Dataset
from ganzoo.data.dataset import as_float, as_uint8
from ganzoo.errors import DataError


def numbered(length):
    """Rows that differ, each labelled with its own number."""
    pixels = torch.arange(length * 2, dtype=torch.int64).remainder(256).to(torch.uint8)
    return Dataset("numbered", {"real": pixels.view(-1, 1, 2, 1), "label": torch.arange(length)})


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"real": torch.zeros(0, 2, 2, 1)},
        {"label": torch.zeros(3)},
        {"real": torch.zeros(3, 2, 2, 1), "label": torch.zeros(2)},
    ],
    ids=["no column", "no rows", "no real", "unequal"],
)
def test_a_data_set_that_cannot_be_is_refused(columns):
    with pytest.raises(DataError, match="data mine"):
        Dataset("mine", columns)


def test_the_hash_depends_on_every_byte_and_name():
    def sha256(**columns):
        return Dataset("any", columns).sha256

    real = torch.zeros(3, 2, 2, 1, dtype=torch.uint8)
    other = real.clone()
    other[2, 1, 1, 0] = 1
    hashes = [
        sha256(real=real),
        sha256(real=other),
        sha256(real=real.view(3, 4, 1, 1)),
        sha256(real=real, label=torch.zeros(3)),
        sha256(real=real, source=torch.zeros(3)),
    ]
    assert len(set(hashes)) == len(hashes)
    assert sha256(real=real.clone()) == hashes[0]


def test_conditions_are_what_the_data_has_beside_images():
    data = numbered(10)
    given = data.sample_conditions(25, seed=0)
    assert set(given) == {"label"}
    counts = torch.bincount(given["label"], minlength=10)
    assert counts.min() == 2
    assert counts.max() == 3
    assert torch.equal(given["label"], data.sample_conditions(25, seed=0)["label"])
    assert not torch.equal(given["label"], data.sample_conditions(25, seed=1)["label"])
    assert torch.equal(data.sample_conditions(25, 0, (7, 19))["label"], given["label"][7:19])
    assert Dataset("plain", {"real": torch.zeros(3, 2)}).sample_conditions(5, seed=0) == {}


def test_pixels_go_to_floats_and_back_exactly():
    pixels = torch.arange(256).to(torch.uint8).view(-1, 1, 1, 1)
    floats = as_float(pixels)
    assert floats.min() == -1
    assert floats.max() == 1
    assert torch.equal(as_uint8(floats), pixels)
    colours = torch.randint(256, (5, 4, 6, 3), dtype=torch.uint8)
    assert torch.equal(as_uint8(as_float(colours)).permute(0, 2, 3, 1), colours)
    assert as_uint8(torch.tensor([-7.0, 7.0])).tolist() == [0, 255]


def test_what_is_no_image_stays_as_it_is():
    wave = torch.randn(3, 8)
    assert as_float(wave) is wave

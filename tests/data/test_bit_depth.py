"""Images of 16 bits: a set shares the range that its values use."""

import numpy as np
import pytest
import torch
from image_files import png
from PIL import Image

from ganzoo.data import load_data
from ganzoo.data.images.bit_depth import used_bits
from ganzoo.data.images.folder_report import check


def deep(levels, channels=1):
    """A PNG of 16 bits, four pixels a level."""
    row = np.repeat(np.array(levels, ">u2")[:, None], channels, 1)
    lines = np.zeros((4, 1 + row.nbytes), np.uint8)
    lines[:, 1:] = row.view(np.uint8).reshape(-1)
    return png(len(levels), 4, 16, 2 if channels == 3 else 0, lines.tobytes())


def load(folder, shape):
    return load_data(f"folder:{folder}", shape).columns["real"]


def test_twelve_bits_in_sixteen_become_black_to_white(tmp_path, caplog):
    (tmp_path / "a.png").write_bytes(deep([0, 1365, 2730, 4095]))
    (tmp_path / "b.png").write_bytes(deep([0, 0, 0, 1365]))
    rows = load(tmp_path, (1, 4, 4))[:, 0, :, 0]
    assert rows.tolist() == [[0, 85, 170, 255], [0, 0, 0, 85]]
    (record,) = caplog.records
    assert "values of 16-bit images use 12 bits: 4095 is taken for white" in record.getMessage()
    assert "use 12 bits" in " ".join(check(tmp_path).notes)


def test_the_whole_range_is_kept_and_not_remarked_upon(tmp_path, caplog):
    (tmp_path / "a.png").write_bytes(deep([0, 257, 25_700, 65_535]))
    assert load(tmp_path, (1, 4, 4))[0, 0, :, 0].tolist() == [0, 1, 100, 255]
    assert not caplog.records


def test_colors_follow_with_the_eight_bits_that_are_left(tmp_path, caplog):
    (tmp_path / "a.png").write_bytes(deep([0, 1365, 2730, 4095], channels=3))
    row = load(tmp_path, (3, 4, 4))[0, 0].float()
    assert (row - torch.tensor([[0.0], [85], [170], [255]])).abs().max() < 20
    assert "12 bits" in caplog.text


def test_files_of_eight_bits_beside_them_are_not_changed(tmp_path):
    (tmp_path / "a.png").write_bytes(deep([0, 0, 0, 1023]))
    Image.new("L", (4, 4), 100).save(tmp_path / "b.png")
    rows = load(tmp_path, (1, 4, 4))
    assert (rows[0].max(), rows[1].unique().tolist()) == (255, [100])


def test_tiffs_follow_and_a_pgm_states_its_range_itself(tmp_path, caplog):
    Image.fromarray(np.full((4, 4), 500, np.uint16)).save(tmp_path / "a.tif")
    (tmp_path / "b.pgm").write_bytes(b"P5 4 4 4095\n" + np.full((4, 4), 2048, ">u2").tobytes())
    rows = load(tmp_path, (1, 4, 4))
    assert rows[0].unique().tolist() == [500 * 255 // 511]
    assert rows[1].unique().tolist() == [127]


@pytest.mark.parametrize(
    ("values", "bits"),
    [([], 16), ([0], 16), ([1], 8), ([256], 9), ([1023, 5], 10), ([4095], 12), ([65535], 16)],
)
def test_bits_are_those_of_the_largest_value(values, bits):
    assert used_bits(values) == bits

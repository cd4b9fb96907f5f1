"""Images of 16 bits: a set shares the range that its values use; or the user states one."""

import json

import invoke
import numpy as np
import pytest
import torch
from image_files import png
from PIL import Image

from ganzoo.data import load_data
from ganzoo.data.images.bit_depth import used_range
from ganzoo.data.images.folder_report import check
from ganzoo.errors import UsageError


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
    assert used_range(values) == (0, (1 << bits) - 1, False)


def test_a_stated_range_holds_for_every_depth(tmp_path, caplog):
    (tmp_path / "a.png").write_bytes(deep([0, 1365, 2730, 4095]))
    Image.fromarray(np.full((4, 4), 1365, np.int32)).save(tmp_path / "b.tif")
    Image.fromarray(np.array([[-1, 0, 4095, np.nan]] * 4, np.float32)).save(tmp_path / "c.tif")
    Image.new("RGB", (4, 4), (0, 128, 255)).save(tmp_path / "d.png")
    rows = load(f"{tmp_path}#range=0,4095", (3, 4, 4))
    assert rows[:, 0, :, 0].tolist() == [[0, 85, 170, 255], [85] * 4, [0, 0, 255, 0], [0] * 4]
    assert "0 is taken for black, 4095 for white" in caplog.text
    rows = load(f"{tmp_path}#range=128,255", (3, 4, 4))
    assert rows[3, 0, 0].tolist() == [0, 0, 255]


def test_dark_files_of_eight_bits_are_named_with_the_range_to_type(tmp_path, caplog):
    Image.fromarray(np.arange(16, dtype=np.uint8).reshape(4, 4)).save(tmp_path / "a.png")
    assert load(tmp_path, (1, 4, 4)).max() == 15
    note = "nearly black: no value is above 15 of 255; if 15 is white, say --range 0,15"
    assert note in caplog.text
    assert note in check(tmp_path).notes
    assert load(f"{tmp_path}#range=0,15", (1, 4, 4)).max() == 255
    status, out, _ = invoke.run("data", "check", tmp_path, "--range", "0,15")
    assert (status, "nearly black" in out, "--range 0,15" in out) == (0, False, True)


@pytest.mark.parametrize("text", ["", "1", "5,1", "a,b", "0,1,2", "nan,1", "0,inf"])
def test_what_is_no_range_is_one_line(tmp_path, text):
    with pytest.raises(UsageError, match="must be BLACK,WHITE"):
        load(f"{tmp_path}#range={text}", (1, 4, 4))


def test_a_range_needs_files_of_images():
    with pytest.raises(UsageError, match="a range is for files of images"):
        load_data("mnist#range=0,100", (1, 28, 28))
    line = invoke.refused("train", "dcgan.mnist", "--range", "0,15", code=2)
    assert "say --data folder:PATH" in line
    line = invoke.refused("eval", "dcgan.mnist", "--range", "0,15", code=2)
    assert "say --against folder:PATH" in line


def test_a_run_and_its_scores_take_the_range(tmp_path):
    for place in range(8):
        Image.new("L", (28, 28), place).save(tmp_path / f"{place}.png")
    data = ["--data", f"folder:{tmp_path}", "--range", "0,7", "--batch", "4", "--kimg", "0.004"]
    out = tmp_path / "run"
    assert invoke.run("train", "vanilla.mnist", *data, "--out", out)[0] == 0
    stated = json.loads((out / "config.json").read_text())["recipe"]["data"]
    assert stated == f"folder:{tmp_path}#range=0,7"
    assert load_data(stated, (1, 28, 28)).columns["real"].max() == 255

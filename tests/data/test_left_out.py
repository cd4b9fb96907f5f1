"""What `check` calls bad is what the loader leaves out, and says so in one line."""

import shlex
import struct

import numpy as np
import pytest
import torch
from image_files import (
    ALONE,
    FILES,
    SIDE,
    chunk,
    encoded,
    found,
    left_out,
    noise,
    png,
    write,
    write_everything,
)
from PIL import Image, ImageFile

from ganzoo.data import load_data
from ganzoo.data.images import image_folder as folder
from ganzoo.data.images.decode import LARGEST
from ganzoo.data.images.folder_report import KEPT, LEFT_OUT, check


@pytest.fixture
def everything(tmp_path):
    return write_everything(tmp_path / "all")


def test_there_is_a_file_of_every_kind(everything):
    assert set(found(check(everything))) == {*LEFT_OUT, *KEPT}


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 5, 9)])
def test_what_check_calls_bad_is_what_load_leaves_out(everything, shape, caplog):
    report = check(everything)
    files = folder.list_images(everything, "folder:all").files
    rows, good, notes, _ = folder.read_all(files, shape, "folder:all")
    bad = sorted(set(files) - {files[index] for index in good})
    assert left_out(report) == [str(file.relative_to(everything)) for file in bad]
    assert len(rows) == report.readable == len(files) - len(bad)
    assert rows.shape[1:] == (*shape[1:], shape[0])
    assert f"{len(bad)} of {len(files)} files left out" in notes[0]


def test_rows_of_good_files_do_not_depend_on_bad_ones_between_them(everything, caplog):
    files = folder.list_images(everything, "folder:all").files
    rows, good, *_ = folder.read_all(files, (3, 16, 16), "folder:all")
    alone, *_ = folder.read_all([files[index] for index in good], (3, 16, 16), "folder:all")
    assert torch.equal(rows, alone)


def test_a_bomb_is_refused_by_its_header_alone(tmp_path, monkeypatch):
    decoded = []
    decode = ImageFile.ImageFile.load
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: decoded.append(1) or decode(self))
    write(tmp_path, FILES["huge"])
    for limit in (Image.MAX_IMAGE_PIXELS, 1000, None):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        assert found(check(tmp_path))["huge"].files == ("bomb.gif", "bomb.png", "suspected.png")
    assert decoded == []
    assert LARGEST < 12_000 * 12_000


def test_a_large_photograph_is_no_bomb(tmp_path):
    Image.new("1", (9000, 9000)).save(tmp_path / "large.png")
    assert load_data(f"folder:{tmp_path}", (1, 4, 4)).columns["real"].max() == 0


def test_a_lenient_pillow_is_strict_here_and_lenient_again(tmp_path, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    write(tmp_path, {**FILES["truncated"], **ALONE})
    assert check(tmp_path).readable == len(ALONE)
    assert ImageFile.LOAD_TRUNCATED_IMAGES


def test_the_clear_value_of_16_bit_grey_is_white(tmp_path):
    clear, gray, white = (b"\0" + struct.pack(">H", v) * 4 for v in (1000, 20_000, 65_535))
    rows = clear * 2 + gray + white
    content = png(4, 4, 16, 0, rows, chunk(b"tRNS", struct.pack(">H", 1000)))
    write(tmp_path, {"a.png": content})
    (pixels,) = load_data(f"folder:{tmp_path}", (1, 4, 4)).columns["real"]
    assert pixels[:, 0, 0].tolist() == [255, 255, 77, 255]


def test_a_file_that_is_called_otherwise_is_what_it_is(tmp_path):
    write(tmp_path, {"a.jpg": encoded(noise(), "PNG"), "b.png": encoded(noise(), "BMP")})
    rows = load_data(f"folder:{tmp_path}", (3, SIDE, SIDE)).columns["real"]
    assert torch.equal(rows, torch.from_numpy(np.stack([np.asarray(noise())] * 2)))


def test_no_file_runs_a_program(tmp_path):
    """Pillow would hand it to Ghostscript."""
    page = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\nshowpage\n"
    write(tmp_path, {"page.png": page, **ALONE})
    assert found(check(tmp_path))["not an image"].files == ("page.png",)


def test_the_warning_names_three_and_the_command_that_names_the_rest(tmp_path, caplog):
    place = write(tmp_path / "my photos", {**FILES["truncated"], **ALONE})
    load_data(f"folder:{place}", (3, 8, 8))
    (record,) = caplog.records
    message = record.getMessage()
    assert "7 of 9 files left out; half.bmp: truncated; half.gif: truncated; half.jpeg" in message
    assert f"`ganzoo data check {shlex.quote(str(place))}` names the rest" in message
    assert "half.webp" not in message


def test_three_that_are_left_out_are_all_there_is_to_say(tmp_path, caplog):
    write(tmp_path, {**FILES["corrupt"], **ALONE})
    load_data(f"folder:{tmp_path}", (3, 8, 8))
    assert "data check" not in caplog.text


def test_names_that_are_no_text_are_shown_in_one_line(tmp_path, caplog):
    write(tmp_path, {"a\nb\x1b.png": b"", **ALONE})
    load_data(f"folder:{tmp_path}", (3, 8, 8))
    assert r"a\nb\x1b.png: not an image" in caplog.records[0].getMessage()

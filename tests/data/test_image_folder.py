"""Folders of images: classes, files that are left out, folders that are none."""

import logging

import numpy as np
import pytest
import torch
from PIL import Image

from ganzoo.data import load_data
from ganzoo.errors import DataError

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def plain(mode, color, size=(4, 4)):
    return Image.new(mode, size, color)


def is_all(pixels, color, within=0):
    return (pixels.int() - torch.tensor(color)).abs().max() <= within


@pytest.fixture
def classes(tmp_path):
    """Two folders, three red images and two blue ones, one of them deeper."""
    for place, colour in [("b/1", RED), ("b/2", RED), ("b/3", RED), ("a/1", BLUE), ("a/x/2", BLUE)]:
        path = tmp_path / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        plain("RGB", colour).save(path)
    return tmp_path


def test_folders_directly_below_are_classes(classes):
    data = load_data(f"folder:{classes}", (3, 4, 4))
    assert data.classes == ("a", "b")
    assert data.columns["label"].dtype == torch.int64
    assert data.columns["label"].tolist() == [0, 0, 1, 1, 1]
    assert is_all(data.columns["real"][:2], BLUE)
    assert is_all(data.columns["real"][2:], RED)


def test_labels_follow_when_a_file_is_left_out(classes, caplog):
    (classes / "a" / "0.png").write_bytes(b"no image")
    (classes / "b" / "2.png").write_bytes(b"")
    data = load_data(f"folder:{classes}", (3, 4, 4))
    assert data.columns["label"].tolist() == [0, 0, 1, 1]
    assert is_all(data.columns["real"][:2], BLUE)
    assert is_all(data.columns["real"][2:], RED)
    assert "2 of 6" in caplog.text


def test_one_image_beside_the_folders_makes_them_no_classes(classes):
    plain("RGB", WHITE).save(classes / "loose.png")
    data = load_data(f"folder:{classes}", (3, 4, 4))
    assert (len(data), set(data.columns), data.classes) == (6, {"real"}, ())


def test_what_is_no_image_is_counted_by_suffix_in_one_line(classes, caplog):
    for name in ("a/notes.txt", "a/1.heic", "b/2.heic", "b/LICENSE", ".DS_Store", "b/Thumbs.db"):
        (classes / name).write_text("not an image")
    assert len(load_data(f"folder:{classes}", (3, 4, 4))) == 5
    (record,) = caplog.records
    assert record.getMessage().endswith("not used: 2 .heic, 1 without suffix, 1 .txt")


def test_broken_files_are_left_out_with_one_warning(tmp_path, caplog):
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    suffixes = ("png", "jpg", "webp", "bmp", "tif", "gif", "ppm")
    for suffix in suffixes:
        whole = tmp_path / f"whole.{suffix}"
        Image.fromarray(noise).save(whole)
        content = whole.read_bytes()
        (tmp_path / f"truncated.{suffix}").write_bytes(content[: len(content) // 2])
        (tmp_path / f"corrupt.{suffix}").write_bytes(b"\x00" * 100)
        (tmp_path / f"empty.{suffix}").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        data = load_data(f"folder:{tmp_path}", (3, 32, 32))
    (record,) = caplog.records
    message = record.getMessage()
    assert len(message.splitlines()) == 1
    assert str(tmp_path) in message
    assert f"{4 * len(suffixes) - len(data)} of {4 * len(suffixes)} files left out" in message
    assert "corrupt.bmp" in message
    assert len(data) == len(suffixes)


def test_a_folder_of_nothing_but_broken_files_is_an_error(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"none of 1 files is readable; a\.png: "):
        load_data(f"folder:{tmp_path}", (3, 4, 4))


def test_folders_that_are_none(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        load_data(f"folder:{tmp_path / 'missing'}", (3, 4, 4))
    with pytest.raises(DataError, match="no image in it"):
        load_data(f"folder:{tmp_path}", (3, 4, 4))
    file = tmp_path / "file.png"
    plain("RGB", RED).save(file)
    with pytest.raises(DataError, match="it is a file"):
        load_data(f"folder:{file}", (3, 4, 4))
    with pytest.raises(DataError, match="no folders train and test, and so no such split"):
        load_data(f"folder:{tmp_path}", (3, 4, 4), "test")

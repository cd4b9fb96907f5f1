"""The shape in which a folder is scored is that of most of its images."""

import pytest
from image_files import turned
from PIL import Image

from ganzoo.data.images.image_folder import folder_shape, scored_shape
from ganzoo.errors import DataError


def save(folder, name, mode="RGB", size=(6, 4), **options):
    folder.mkdir(exist_ok=True)
    Image.new(mode, size).save(folder / name, **options)


@pytest.mark.parametrize("odd", ["0-first.png", "z-last.png"])
def test_one_gray_image_does_not_make_a_folder_gray(tmp_path, caplog, odd):
    for number in range(5):
        save(tmp_path, f"{number}.png")
    assert folder_shape(tmp_path) == (3, 4, 6)
    assert not caplog.records
    save(tmp_path, odd, "L", (9, 9))
    assert folder_shape(tmp_path) == (3, 4, 6)
    assert f"taken as 3 x 4 x 6; 1 of 6 deviate: {odd} 1 x 9 x 9" in caplog.text


def test_most_sizes_and_most_channels_count_apart(tmp_path, caplog):
    for number in range(4):
        save(tmp_path, f"{number}.png", "L", (number + 1, 9))
    save(tmp_path, "a.png"), save(tmp_path, "b.png")
    assert folder_shape(tmp_path) == (1, 4, 6)


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("I;16", 1), ("P", 3), ("LA", 3)]
)
def test_channels_are_those_that_reading_gives(tmp_path, mode, channels):
    save(tmp_path, "a.png", mode)
    assert folder_shape(tmp_path) == (channels, 4, 6)


def test_a_photo_is_as_it_is_held(tmp_path):
    save(tmp_path, "a.jpg", exif=turned(6))
    assert folder_shape(tmp_path) == (3, 6, 4)


def test_a_folder_that_is_compared_with_another_says_if_that_is_scaled(tmp_path, caplog):
    save(tmp_path / "one", "a.png"), save(tmp_path / "two", "a.png", "L", (8, 8))
    assert scored_shape(tmp_path / "one", f"folder:{tmp_path / 'two'}") == (3, 4, 6)
    assert "scored as 3 x 4 x 6, not as 1 x 8 x 8" in caplog.text


def test_a_folder_without_readable_images_has_no_shape(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(DataError, match="no image in it can be read"):
        folder_shape(tmp_path)

"""Pictures as files: what a translation keeps of its source."""

import numpy as np
import pytest
import torch
from image_files import encoded, noise, png
from PIL import Image

from ganzoo.data.images.deep_png import decode_deep_png
from ganzoo.data.images.faults import UnreadableError
from ganzoo.sampling.pictures import read_picture, read_text, write_picture


def deep_file(path, channels, size=(6, 5)):
    """A PNG of 16 bits a value, and its values."""
    width, height = size
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    values = np.random.default_rng(channels).integers(0, 65536, (height, width, channels))
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    path.write_bytes(png(width, height, 16, kind, lines))
    return values


@pytest.mark.parametrize("mode", ["L", "RGB", "LA", "RGBA"])
def test_gray_color_and_opacity_come_back(tmp_path, mode):
    image = noise(channels=len(mode), size=(7, 5)) if len(mode) != 2 else None
    if image is None:
        image = Image.merge("LA", [noise(1, (7, 5), 1), noise(2, (7, 5), 1)])
    image.save(tmp_path / "in.png")
    picture = read_picture(tmp_path / "in.png", 3)
    assert picture.color.shape == (3, 5, 7)
    write_picture(picture.color, picture, tmp_path / "out.png", "made by a test")
    with Image.open(tmp_path / "out.png") as found:
        assert found.mode == mode
        assert np.abs(np.asarray(found, int) - np.asarray(image, int)).max() == 0
    assert read_text(tmp_path / "out.png") == "made by a test"


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_come_back(tmp_path, channels):
    values = deep_file(tmp_path / "in.png", channels)
    picture = read_picture(tmp_path / "in.png", 3)
    assert picture.deep
    write_picture(picture.color, picture, tmp_path / "out.png", "deep")
    again = read_picture(tmp_path / "out.png", 3)
    assert again.deep
    shown = values[..., : 3 if channels > 2 else 1].transpose(2, 0, 1) / 65535 * 2 - 1
    assert np.abs(again.color.numpy() - shown).max() < 2.5 / 65535
    if channels in (2, 4):
        assert np.abs(again.alpha - values[..., -1] / 65535).max() < 1e-4
    assert read_text(tmp_path / "out.png") == "deep"


def test_every_filter_of_png_is_understood():
    """Torchvision and OpenCV write them all; here they are applied by hand, one a line."""
    values = np.random.default_rng(0).integers(0, 65536, (5, 6, 3)).astype(np.uint16)
    bytes_ = values.astype(">u2").view(np.uint8).reshape(5, 6, 6).astype(int)
    padded = np.pad(bytes_, ((1, 0), (1, 0), (0, 0)))
    left, above, corner = padded[1:, :-1], padded[:-1, 1:], padded[:-1, :-1]
    estimate = left + above - corner
    nearest = np.abs(np.stack([left, above, corner]) - estimate).argmin(0)
    paeth = np.choose(nearest, [left, above, corner])
    predictions = [0 * left, left, above, (left + above) // 2, paeth]
    lines = b"".join(
        bytes([kind]) + ((bytes_[kind] - predictions[kind][kind]) % 256).astype(np.uint8).tobytes()
        for kind in range(5)
    )
    assert np.array_equal(decode_deep_png(png(6, 5, 16, 2, lines)), values)
    assert decode_deep_png(png(6, 5, 8, 2, lines)) is None


def test_opacity_is_enlarged_with_the_picture(tmp_path):
    Image.merge("RGBA", [*noise(size=(4, 4)).split(), Image.new("L", (4, 4), 100)]).save(
        tmp_path / "in.png"
    )
    picture = read_picture(tmp_path / "in.png", 3)
    write_picture(torch.zeros(3, 8, 8), picture, tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as found:
        assert (found.mode, found.size) == ("RGBA", (8, 8))
        assert found.getchannel("A").getextrema() == (100, 100)
    assert read_text(tmp_path / "out.png") == ""


def test_a_gray_model_gets_gray(tmp_path):
    noise(size=(7, 5)).save(tmp_path / "in.png")
    gray = read_picture(tmp_path / "in.png", 1)
    assert gray.color.shape == (1, 5, 7)
    assert not gray.gray


def test_a_damaged_file_is_unreadable(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(noise(), "PNG")[:200])
    deep_file(tmp_path / "b.png", 3)
    content = (tmp_path / "b.png").read_bytes()
    (tmp_path / "b.png").write_bytes(content[:80] + b"xxxx" + content[84:])
    for name in ("a.png", "b.png"):
        with pytest.raises(UnreadableError):
            read_picture(tmp_path / name, 3)
    assert read_text(tmp_path / "a.png") == ""
    assert read_text(tmp_path / "none.png") == ""

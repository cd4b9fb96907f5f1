"""Images come out as they went in."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganzoo.data import load_data
from ganzoo.errors import DataError

RED, BLUE, WHITE, BLACK = (255, 0, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


@pytest.fixture
def read(tmp_path):
    """Save one image under a name, and give back the pixels that come of it, (H, W, C)."""

    def through(image, name="image.png", shape=(3, 4, 4), **options):
        image.save(tmp_path / name, **options)
        data = load_data(f"folder:{tmp_path}", shape)
        (pixels,) = data.columns["real"]
        assert pixels.dtype == torch.uint8
        assert pixels.shape == (*shape[1:], shape[0])
        return pixels

    return through


def plain(mode, colour, size=(4, 4)):
    return Image.new(mode, size, colour)


def halves(left, right, size=(8, 8)):
    """An image whose left half has one colour and whose right half another."""
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def is_all(pixels, colour, within=0):
    return (pixels.int() - torch.tensor(colour)).abs().max() <= within


def test_rgb_comes_out_as_it_went_in(read):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    assert torch.equal(read(Image.fromarray(pixels)), torch.from_numpy(pixels))


def test_grey_comes_out_as_it_went_in(read):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4), dtype=np.uint8)
    grey = torch.from_numpy(pixels)[..., None]
    assert torch.equal(read(Image.fromarray(pixels), shape=(1, 4, 4)), grey)
    assert torch.equal(read(Image.fromarray(pixels)), grey.expand(4, 4, 3))


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (plain("RGB", RED).convert("P"), RED),
        (plain("1", 1), WHITE),
        (plain("RGBA", (255, 0, 0, 0)), WHITE),
        (plain("RGBA", (255, 0, 0, 255)), RED),
        (plain("RGBA", (0, 0, 0, 51)), (204, 204, 204)),
        (plain("LA", (0, 0)), WHITE),
        (plain("LA", (0, 255)), BLACK),
    ],
    ids=["palette", "bilevel", "clear", "opaque", "a fifth", "clear grey", "opaque grey"],
)
def test_modes_of_png(read, image, colour):
    assert is_all(read(image), colour)


def test_a_transparent_entry_of_a_palette_is_white(read):
    image = halves(RED, BLUE, (4, 4)).quantize(2)
    clear = image.getpixel((0, 0))
    pixels = read(image, transparency=clear)
    assert is_all(pixels[:, :2], WHITE)
    assert is_all(pixels[:, 2:], BLUE)


@pytest.mark.parametrize("name", ["image.png", "image.tif"])
def test_sixteen_bits_become_eight(read, name):
    values = np.array([[0, 257, 100 * 257, 65535]] * 4, dtype=np.uint16)
    pixels = read(Image.fromarray(values), name, shape=(1, 4, 4))
    assert pixels[0, :, 0].tolist() == [0, 1, 100, 255]


def test_floats_are_not_silently_black(read):
    """A float image has no agreed range: it may be left out by name, but not come out empty."""
    ramp = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    try:
        pixels = read(Image.fromarray(ramp), "image.tif", shape=(1, 4, 4))
    except DataError:
        return
    assert pixels.max() > pixels.min()


@pytest.mark.parametrize(
    ("ink", "colour"), [((0, 0, 0, 0), WHITE), ((0, 255, 255, 0), RED), ((0, 0, 0, 255), BLACK)]
)
def test_cmyk(read, ink, colour):
    assert is_all(read(plain("CMYK", ink), "image.jpg", quality=100), colour, within=3)


@pytest.mark.parametrize(
    ("orientation", "left", "right"),
    [(1, RED, BLUE), (2, BLUE, RED), (3, BLUE, RED), (4, RED, BLUE)],
)
def test_exif_turns_the_image(read, orientation, left, right):
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = read(halves(left, right), shape=(3, 8, 8), exif=exif)
    assert is_all(pixels[:, :4], RED)
    assert is_all(pixels[:, 4:], BLUE)


def test_exif_turns_before_the_crop(read):
    """A photograph held upright: stored lying, 12 x 4, to be turned by a quarter to 4 x 12."""
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = read(halves(RED, BLUE, (12, 4)), shape=(3, 12, 4), exif=exif)
    assert is_all(pixels[:6], RED)
    assert is_all(pixels[6:], BLUE)


def test_an_animation_is_its_first_frame(read):
    frames = [plain("RGB", BLUE), plain("RGB", WHITE)]
    pixels = read(plain("RGB", RED), "a.gif", save_all=True, append_images=frames, duration=50)
    assert is_all(pixels, RED, within=1)


@pytest.mark.parametrize("size", [(12, 4), (4, 12), (36, 12)])
def test_what_is_not_square_is_cropped_to_its_centre(read, size):
    image = Image.new("RGB", size, BLUE)
    side = min(size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    image.paste(RED, (left, top, left + side, top + side))
    assert is_all(read(image)[1:-1, 1:-1], RED, within=1)
    if side == 4:
        assert is_all(read(image), RED)


def test_the_crop_has_the_shape_that_is_wanted(read):
    assert is_all(read(halves(RED, BLUE, (40, 20)), shape=(3, 2, 12))[:, :5], RED, within=1)


def test_a_pixel_is_enough(read):
    assert is_all(read(plain("RGB", RED, (1, 1)), shape=(3, 5, 3)), RED)

"""No damage of a file crashes the reader, and none is silently wrong."""

import io
import logging
import warnings

import numpy as np
import pytest
from image_files import encoded, left_out, noise, turned, write
from PIL import Image, ImageOps

from ganzoo.data import load_data
from ganzoo.data.images import image_folder as folder
from ganzoo.data.images.decode import fit
from ganzoo.data.images.folder_report import check
from ganzoo.errors import DataError

SIZE = (24, 20)
WHOLE = {
    "rgb.png": encoded(noise(0, SIZE), "PNG"),
    "palette.png": encoded(noise(1, SIZE).quantize(32), "PNG", transparency=3),
    "moving.png": encoded(noise(2, SIZE), "PNG", save_all=True, append_images=[noise(3, SIZE)]),
    "base.jpg": encoded(noise(4, SIZE), "JPEG", quality=95, exif=turned(3)),
    "progressive.jpg": encoded(noise(5, SIZE).convert("CMYK"), "JPEG", progressive=True),
    "moving.gif": encoded(noise(6, SIZE), "GIF", save_all=True, append_images=[noise(7, SIZE)]),
    "lossless.webp": encoded(noise(8, SIZE, 4), "WEBP", lossless=True, exif=turned(3)),
    "lossy.webp": encoded(noise(9, SIZE), "WEBP"),
    "rgb.bmp": encoded(noise(10, SIZE), "BMP"),
    "palette.bmp": encoded(noise(11, SIZE).quantize(32), "BMP"),
    "rgb.tif": encoded(noise(12, SIZE), "TIFF"),
    "grey.pgm": encoded(noise(13, SIZE, 1), "PPM"),
}
"""Compressed TIFFs are missing: libtiff tells the terminal itself what is wrong with them."""


def cut(content, rng):
    return content[: rng.integers(len(content))]


def flip(content, rng):
    """A few bits of the whole, or of its beginning, where the headers are."""
    for _ in range(rng.integers(1, 12)):
        content[rng.integers(len(content) if rng.random() < 0.5 else 60)] ^= 1 << rng.integers(8)
    return content


def insert(content, rng):
    place = rng.integers(len(content))
    return content[:place] + bytearray(rng.bytes(rng.integers(1, 80))) + content[place:]


def delete(content, rng):
    place = rng.integers(len(content))
    return content[:place] + content[place + rng.integers(1, 80) :]


def swap(content, rng):
    """The header of another file."""
    other = list(WHOLE.values())[rng.integers(len(WHOLE))]
    length = rng.integers(4, 60)
    return bytearray(other[:length]) + content[length:]


def empty(content, rng):
    return bytearray()


def rename(content, rng):
    return content


@pytest.fixture
def damaged(tmp_path):
    """864 files, by name: which one each was, and what was done to it."""
    rng, files = np.random.default_rng(6), {}
    harms = [cut, flip, insert, delete, swap] * 14 + [empty, rename]
    for whole, content in WHOLE.items():
        for number, harm in enumerate(harms):
            suffix = ".jpg" if harm is rename and not whole.endswith(".jpg") else whole[-4:]
            name = f"{whole.replace('.', '-')}-{number:02d}{suffix.replace('webp', '.webp')}"
            (tmp_path / name).write_bytes(harm(bytearray(content), rng))
            files[name] = (whole, harm)
    return tmp_path, files


def by_pillow(content, shape):
    """What Pillow itself makes of a file, strictly, or the error that it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(content))
        image.load()
        assert np.asarray(image).shape[:2] == image.size[::-1]
        return fit(ImageOps.exif_transpose(image), shape)


def test_no_damage_crashes_and_none_is_silently_wrong(damaged, caplog, capfd):
    place, files = damaged
    assert len(files) >= 500
    listing = folder.list_images(place, "folder:damaged")
    paths = listing.files
    assert (len(paths), listing.others) == (len(files), ())
    shape = (3, SIZE[1], SIZE[0])
    rows, good, notes, _ = folder.read_all(paths, shape, f"folder:{place}")
    assert [note.partition(";")[0].partition(" (")[0] for note in notes] == [
        f"{len(files) - len(good)} of {len(files)} files left out",
        "images are scaled to 24 x 20 pixels",
    ]
    assert capfd.readouterr() == ("", "")
    accepted = {paths[index].name: row.numpy() for index, row in zip(good, rows, strict=True)}
    for name, row in accepted.items():
        whole, harm = files[name]
        assert np.array_equal(row, by_pillow((place / name).read_bytes(), shape)), name
        if harm is rename or (whole.endswith(".png") and harm is not swap):
            assert np.array_equal(row, by_pillow(WHOLE[whole], shape)), name
    kept = {harm for name, (_, harm) in files.items() if name in accepted}
    assert kept == {flip, insert, delete, swap, rename} | ({cut} & kept)
    assert sum(harm is rename for _, harm in map(files.get, accepted)) == len(WHOLE)
    report = check(place)
    assert left_out(report) == sorted(set(files) - set(accepted))
    assert report.readable == len(accepted)


def test_each_damaged_file_alone_is_a_row_or_one_line(damaged, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL)
    place, files = damaged
    for name in list(files)[::9]:
        alone = tmp_path / "alone" / name
        write(alone, {name: (place / name).read_bytes()})
        try:
            rows = load_data(f"folder:{alone}", (1, 9, 7)).columns["real"]
        except DataError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 # both ends are right
        else:
            assert rows.shape == (1, 9, 7, 1)

"""Images come out as they went in, and batches are a function of (seed, how many were drawn)."""

import logging
import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from ganzoo.data import Batches, Dataset, load_data
from ganzoo.data.dataset import as_float, as_uint8
from ganzoo.errors import ConfigError, DataError, UnknownNameError, UsageError

CPU = torch.device("cpu")


# batches


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


# data sets


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


# MNIST


@pytest.mark.parametrize(("split", "length"), [("train", 60_000), ("test", 10_000)])
def test_mnist_is_all_there(split, length):
    data = load_data("mnist", (1, 28, 28), split)
    assert data.columns["real"].shape == (length, 28, 28, 1)
    assert data.columns["real"].dtype == torch.uint8
    assert (data.columns["label"].dtype, len(data)) == (torch.int64, length)
    assert torch.bincount(data.columns["label"]).min() > length // 12
    assert data.classes == tuple("0123456789")
    images = data.rows(torch.arange(100))["real"]
    assert images.shape == (100, 1, 28, 28)
    assert (images.min(), images.max()) == (-1, 1)


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 16, 24)])
def test_mnist_in_another_shape(shape):
    plain, data = (load_data("mnist", each, "test") for each in ((1, 28, 28), shape))
    real = data.columns["real"]
    assert real.shape == (10_000, *shape[1:], shape[0])
    assert torch.equal(data.columns["label"], plain.columns["label"])
    assert torch.equal(real[..., :1].expand_as(real), real)
    darkness = plain.columns["real"][:500].float().mean((1, 2, 3))
    resized = real[:500].float().mean((1, 2, 3))
    assert torch.corrcoef(torch.stack([darkness, resized]))[0, 1] > 0.9


@pytest.mark.parametrize("shape", [(2, 28, 28), (1, 0, 28), (28, 28), (1, 1, 28, 28)])
def test_a_shape_that_no_image_has_is_refused(shape):
    with pytest.raises(UsageError, match="mnist is images, the model makes arrays"):
        load_data("mnist", shape)


def test_names_that_do_not_exist_are_answered_with_those_that_do():
    with pytest.raises(UnknownNameError, match="did you mean mnist"):
        load_data("minst", (1, 28, 28))
    with pytest.raises(UnknownNameError, match="did you mean folder"):
        load_data("fodler:x", (1, 28, 28))
    with pytest.raises(ConfigError, match="train or test, not 'val'"):
        load_data("mnist", (1, 28, 28), "val")


# folders

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


def test_what_is_no_image_is_not_looked_at(classes, caplog):
    (classes / "a" / "notes.txt").write_text("not an image")
    assert len(load_data(f"folder:{classes}", (3, 4, 4))) == 5
    assert caplog.records == []


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
    with pytest.raises(DataError, match="no test split"):
        load_data(f"folder:{tmp_path}", (3, 4, 4), "test")


# the Hub


def test_the_hub_needs_a_library_and_says_which(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError) as caught:
        load_data("hf:user/name", (3, 4, 4))
    assert "pip install 'ganzoo-core[datasets]'" in str(caught.value)


class Column:
    """Stands for datasets.Image, .ClassLabel and .Value."""

    names = ("cat", "dog")


class Table(list):
    features = None


@pytest.fixture
def hub(monkeypatch):
    """A library ``datasets`` that knows one table."""
    library = ModuleType("datasets")
    library.Image = type("Image", (Column,), {})
    library.ClassLabel = type("ClassLabel", (Column,), {})
    library.Value = type("Value", (Column,), {})
    table = Table([{"id": 1, "photo": plain("RGB", RED), "kind": 1}] * 2)
    table.features = {
        "id": library.Value(),
        "photo": library.Image(),
        "kind": library.ClassLabel(),
    }

    def load_dataset(name, split):
        if name != "user/pets":
            raise FileNotFoundError(f"no {name}\nsecond line")
        return table

    library.load_dataset = load_dataset
    monkeypatch.setitem(sys.modules, "datasets", library)
    return table


def test_a_table_of_the_hub_is_its_images_and_classes(hub):
    data = load_data("hf:user/pets", (3, 4, 4))
    assert is_all(data.columns["real"], RED)
    assert data.columns["label"].tolist() == [1, 1]
    assert data.classes == ("cat", "dog")


def test_a_table_without_labels_has_none(hub):
    del hub.features["kind"]
    assert set(load_data("hf:user/pets", (3, 4, 4)).columns) == {"real"}


def test_a_table_without_images_is_an_error(hub):
    del hub.features["photo"]
    with pytest.raises(DataError, match="no column of images: it has id, kind"):
        load_data("hf:user/pets", (3, 4, 4))


def test_a_table_that_is_not_there_is_an_error_of_one_line(hub):
    with pytest.raises(DataError, match=r"no user/none$"):
        load_data("hf:user/none", (3, 4, 4))

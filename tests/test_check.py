"""What `ganzoo data check` says of a file is what becomes of it in a training."""

import io
import json
import logging
import os
import shlex
import struct
import warnings
import zlib
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile, ImageOps
from typer.testing import CliRunner

from ganzoo.cli import app
from ganzoo.data import Batches, load_data
from ganzoo.data import row_storage as memory
from ganzoo.data.images import image_folder as folder
from ganzoo.data.images.decode import LARGEST, fit
from ganzoo.data.images.folder_report import FEW, KEPT, LEFT_OUT, check
from ganzoo.errors import DataError
from ganzoo.runtime import progress

SIDE = 32


def noise(seed=0, size=(SIDE, SIDE), channels=3):
    """Random pixels; no two of them are alike."""
    shape = (size[1], size[0], channels) if channels > 1 else (size[1], size[0])
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


def encoded(image, kind, **options):
    """The bytes of a file; of a copy, for an image remembers how it was saved before."""
    stream = io.BytesIO()
    image.copy().save(stream, kind, **options)
    return stream.getvalue()


def chunk(name, content):
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def png(width, height, bits, colour, pixels, *more):
    """A file as Pillow does not write it: 16-bit RGB, or a header that speaks of other pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join([*more, *data])


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def flipped(content, place):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def deep_grey():
    values = np.random.default_rng(1).integers(0, 65536, (SIDE, SIDE), dtype=np.uint16)
    return encoded(Image.fromarray(values), "PNG")


def deep_rgb():
    lines = np.random.default_rng(2).integers(0, 256, (SIDE, 1 + SIDE * 6), dtype=np.uint8)
    lines[:, 0] = 0
    return png(SIDE, SIDE, 16, 2, lines.tobytes())


def of_floats():
    return encoded(Image.fromarray(np.full((SIDE, SIDE), 0.5, np.float32)), "TIFF")


def of_32_bits():
    return encoded(Image.fromarray(np.full((SIDE, SIDE), 1 << 20, np.int32)), "TIFF")


FILES = {
    "not an image": {"text.png": b"no image", "empty.jpg": b"", "page.gif": b"<html></html>"},
    "corrupt": {
        "pixels.png": flipped(encoded(noise(3), "PNG"), 1000),
        "header.png": flipped(encoded(noise(3), "PNG"), 20),
        "header.jpg": b"\xff\xd8\xff" + b"\0" * 100,
    },
    "truncated": {
        f"half.{kind.lower()[:4]}": (whole := encoded(noise(4), kind))[: len(whole) // 2]
        for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
    },
    "huge": {
        "bomb.png": png(60_000, 60_000, 8, 0, b"\0" * 100),
        "suspected.png": png(12_000, 12_000, 8, 0, b"\0" * 100),
        "bomb.gif": encoded(noise(5), "GIF")[:6] + b"\xff" * 4 + encoded(noise(5), "GIF")[10:],
    },
    "unknown range": {"floats.tif": of_floats(), "deep.tif": of_32_bits()},
    "other suffix": {"phone.heic": b"?", "notes.txt": b"?"},
    "animated": {
        "moving.gif": encoded(noise(6), "GIF", save_all=True, append_images=[noise(7)]),
        "moving.png": encoded(noise(8), "PNG", save_all=True, append_images=[noise(7)]),
        "moving.webp": encoded(noise(9), "WEBP", save_all=True, append_images=[noise(7)]),
        "pages.tif": encoded(noise(10), "TIFF", save_all=True, append_images=[noise(7)]),
    },
    "CMYK": {"ink.jpg": encoded(noise(11).convert("CMYK"), "JPEG")},
    "16-bit": {"grey16.png": deep_grey(), "rgb16.png": deep_rgb()},
    "palette": {"few.png": encoded(noise(12).quantize(64), "PNG")},
    "alpha": {
        "clear.png": encoded(noise(13, channels=4), "PNG"),
        "clear-colour.png": encoded(noise(14), "PNG", transparency=(1, 2, 3)),
        "clear.webp": encoded(noise(15, channels=4), "WEBP", lossless=True),
    },
    "EXIF-rotated": {
        "upright.jpg": encoded(noise(16), "JPEG", exif=turned(6)),
        "upright.png": encoded(noise(17), "PNG", exif=turned(3)),
        "upright.tif": encoded(noise(18), "TIFF", exif=turned(8)),
    },
    "tiny": {"small.png": encoded(noise(19, (31, 31)), "PNG")},
    "non-square": {"wide.png": encoded(noise(20, (40, 32)), "PNG")},
    "duplicate": {
        "copy.png": encoded(noise(21), "PNG"),
        "copy again.png": encoded(noise(21), "PNG"),
        "copy.bmp": encoded(noise(21), "BMP"),
    },
    "nearly duplicate": {
        "photo.png": encoded(noise(22, (9, 8)).resize((64, 64)), "PNG"),
        "photo.jpg": encoded(noise(22, (9, 8)).resize((64, 64)), "JPEG", quality=60),
    },
}
"""Kind: files of it, all of which are square and large enough if nothing else is said."""
ALONE = {"good.png": encoded(noise(99), "PNG"), "good.jpg": encoded(noise(98), "JPEG")}


def write(place, files):
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    return place


def found(report):
    return {finding.kind: finding for finding in report.findings}


@pytest.fixture
def everything(tmp_path):
    """A folder with files of every kind, in two classes of unequal size."""
    for kind, files in FILES.items():
        write(tmp_path / "all" / "many" / kind, files)
    write(tmp_path / "all" / "one", {"good.png": ALONE["good.png"]})
    (tmp_path / "all" / "many" / "gone.png").symlink_to("nowhere")
    return tmp_path / "all"


# each kind


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_is_found_and_said_to_be_what_it_is(kind, tmp_path):
    write(tmp_path, {**FILES[kind], **ALONE})
    findings = found(check(tmp_path))
    assert set(findings) - {"palette"} == {kind, "too few images"} - {"palette"}
    assert kind in findings
    copies = kind.endswith("duplicate")
    named = findings[kind].groups[0] if copies else findings[kind].files
    assert set(named) == set(FILES[kind])
    assert findings[kind].files == (named[1:] if copies else named)
    assert findings[kind].effect == {**LEFT_OUT, **KEPT}[kind]


def test_what_is_ordinary_is_not_remarked_upon(tmp_path):
    write(tmp_path, ALONE)
    report = check(tmp_path)
    assert (report.files, report.readable, report.classes) == (2, 2, {})
    assert set(found(report)) == {"too few images"}


def test_enough_images_are_enough(tmp_path):
    for number in range(FEW):
        noise(number, (8, 8)).save(tmp_path / f"{number}.bmp")
    findings = found(check(tmp_path, size=8))
    assert findings == {}
    (tmp_path / "0.bmp").unlink()
    assert set(found(check(tmp_path, size=8))) == {"too few images"}


def test_what_cannot_be_opened(tmp_path):
    write(tmp_path, ALONE)
    (tmp_path / "gone.png").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    assert found(check(tmp_path))["unreadable"].files == ("gone.png", "pipe.png")


def test_tiny_is_what_is_smaller_than_asked(tmp_path):
    write(tmp_path, ALONE)
    assert "tiny" not in found(check(tmp_path))
    assert set(found(check(tmp_path, size=SIDE + 1))["tiny"].files) == set(ALONE)


def test_lossy_and_smaller_copies_are_nearly_duplicates_and_others_are_not(tmp_path):
    for number in range(40):
        picture = noise(number, (6, 6)).resize((96, 96), Image.Resampling.BICUBIC)
        picture.save(tmp_path / f"{number:02d}.png")
        picture.save(tmp_path / f"{number:02d}.jpg", quality=50)
        picture.resize((48, 48)).save(tmp_path / f"{number:02d}.webp")
    groups = found(check(tmp_path))["nearly duplicate"].groups
    assert groups == tuple((f"{n:02d}.jpg", f"{n:02d}.png", f"{n:02d}.webp") for n in range(40))


def test_plain_colours_are_alike_only_if_they_are_one_colour(tmp_path):
    for number in range(8):
        Image.new("RGB", (SIDE, SIDE), (number * 30, 0, 0)).save(tmp_path / f"{number}.png")
    assert set(found(check(tmp_path))) == {"too few images"}


def test_classes_are_counted_and_unequal_ones_named(tmp_path):
    for number in range(20):
        write(tmp_path / "cats", {f"{number}.png": encoded(noise(number), "PNG")})
    write(tmp_path / "dogs", {"a.png": ALONE["good.png"], "b.png": b"no image"})
    report = check(tmp_path)
    assert report.classes == {"cats": 20, "dogs": 1}
    assert found(report)["unequal classes"].files == ("dogs",)
    data = load_data(f"folder:{tmp_path}", (3, 8, 8))
    assert data.classes == tuple(report.classes)
    assert torch.bincount(data.columns["label"]).tolist() == list(report.classes.values())


def test_a_broken_file_beside_the_classes_changes_nothing(tmp_path, caplog):
    for name in ("cats", "dogs"):
        write(tmp_path / name, ALONE)
    write(tmp_path, {"._good.png": b"no image"})
    assert check(tmp_path).classes == {"cats": 2, "dogs": 2}
    assert load_data(f"folder:{tmp_path}", (3, 8, 8)).classes == ("cats", "dogs")


def test_the_guide_says_what_becomes_of_each_kind():
    guide = (Path(__file__).parents[1] / "docs/guide.md").read_text()
    section = guide.partition("### Images of your own")[2].partition("\n## ")[0]
    assert [kind for kind in (*FILES, "unreadable", "classes") if kind not in section] == []
    assert f"{LARGEST:,} pixels" in section
    assert f"fewer than {FEW:,} images" in section


# check and loader


def test_there_is_a_file_of_every_kind(everything):
    assert set(found(check(everything))) == {*LEFT_OUT, *KEPT}


def left_out(report):
    kinds = set(LEFT_OUT) - {"other suffix"}
    return sorted(f for finding in report.findings if finding.kind in kinds for f in finding.files)


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 5, 9)])
def test_what_check_calls_bad_is_what_load_leaves_out(everything, shape, caplog):
    report = check(everything)
    files, _ = folder.find_images(everything)
    rows, good = folder.read_all(files, shape, "folder:all")
    bad = sorted(set(files) - {files[index] for index in good})
    assert left_out(report) == [str(file.relative_to(everything)) for file in bad]
    assert len(rows) == report.readable == len(files) - len(bad)
    assert rows.shape[1:] == (*shape[1:], shape[0])
    assert f"{len(bad)} of {len(files)} files left out" in caplog.text


def test_rows_of_good_files_do_not_depend_on_bad_ones_between_them(everything, caplog):
    files, _ = folder.find_images(everything)
    rows, good = folder.read_all(files, (3, 16, 16), "folder:all")
    alone, _ = folder.read_all([files[index] for index in good], (3, 16, 16), "folder:all")
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
    clear, grey = (b"\0" + struct.pack(">H", value) * 4 for value in (1000, 20_000))
    content = png(4, 4, 16, 0, clear * 2 + grey * 2, chunk(b"tRNS", struct.pack(">H", 1000)))
    write(tmp_path, {"a.png": content})
    (pixels,) = load_data(f"folder:{tmp_path}", (1, 4, 4)).columns["real"]
    assert pixels[:, 0, 0].tolist() == [255, 255, 77, 77]


def test_a_file_that_is_called_otherwise_is_what_it_is(tmp_path):
    write(tmp_path, {"a.jpg": encoded(noise(), "PNG"), "b.png": encoded(noise(), "BMP")})
    rows = load_data(f"folder:{tmp_path}", (3, SIDE, SIDE)).columns["real"]
    assert torch.equal(rows, torch.from_numpy(np.stack([np.asarray(noise())] * 2)))


def test_no_file_runs_a_program(tmp_path):
    """Pillow would hand it to Ghostscript."""
    page = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\nshowpage\n"
    write(tmp_path, {"page.png": page, **ALONE})
    assert found(check(tmp_path))["not an image"].files == ("page.png",)


# what the loader says


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


@pytest.mark.parametrize("many", [0, 100])
def test_a_bar_is_drawn_while_many_files_are_read(many, tmp_path, monkeypatch):
    seen = []

    @contextmanager
    def bar(text, total, *, unit=""):
        yield lambda done, note: seen.append((done, total))

    monkeypatch.setattr(progress, "bar", bar)
    monkeypatch.setattr(folder, "MANY", many)
    write(tmp_path, {f"{number}.bmp": ALONE["good.png"] for number in range(40)})
    load_data(f"folder:{tmp_path}", (3, 8, 8))
    assert seen == ([(16, 40), (32, 40), (40, 40)] if many == 0 else [])


# more than memory holds


def full(monkeypatch, disk):
    """No more than 500 kB of memory, and so much of the cache's disk."""
    monkeypatch.setattr(memory, "available", lambda: 500_000)
    usage = SimpleNamespace(free=disk)
    monkeypatch.setattr(memory.shutil, "disk_usage", lambda path: usage)


def test_more_than_memory_and_disk_hold_is_refused_before_it_is_read(tmp_path, monkeypatch):
    write(tmp_path, {f"{number}.png": b"" for number in range(10)})
    full(monkeypatch, 900_000)
    with pytest.raises(DataError) as caught:
        load_data(f"folder:{tmp_path}", (3, 256, 200))
    message = str(caught.value)
    assert "10 images of 3 x 256 x 200 take 1.5 MB; 0.5 MB of main memory is" in message
    assert "0.9 MB in the cache" in message
    assert "GANZOO_CACHE" in message
    assert "--set size=128 fits" in message
    assert "at most 4 images" in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("size", [64, 8])
def test_what_the_message_offers_does_fit(size, tmp_path, monkeypatch):
    write(tmp_path, {f"{number}.png": ALONE["good.png"] for number in range(10)})
    full(monkeypatch, 0)
    assert len(load_data(f"folder:{tmp_path}", (3, size, size))) == 10
    with pytest.raises(DataError, match="size=64 fits"):
        load_data(f"folder:{tmp_path}", (3, 120, 120))


def test_what_memory_does_not_hold_is_read_from_a_file(tmp_path, monkeypatch, caplog, cache):
    write(tmp_path, {f"{number}.png": ALONE["good.png"] for number in range(10)})
    expected = load_data(f"folder:{tmp_path}", (3, 200, 200))
    full(monkeypatch, 10**9)
    before = set(cache.rglob("*"))
    found = load_data(f"folder:{tmp_path}", (3, 200, 200))
    assert "read from a file" in caplog.text
    assert set(cache.rglob("*")) == before
    assert found.sha256 == expected.sha256
    batches = [Batches(data, 4, seed=0, device=torch.device("cpu")) for data in (expected, found)]
    for _ in range(5):
        one, other = (each.next()["real"] for each in batches)
        assert torch.equal(one, other)


# the command


def run(*arguments):
    return CliRunner().invoke(app, ["data", "check", *map(str, arguments)])


def test_the_command_counts_names_and_says_what_to_type_next(everything):
    result = run(everything)
    assert (result.exit_code, result.stderr) == (0, "")
    report = check(everything)
    first, *lines, last = result.stdout.splitlines()
    assert f"{report.readable} of {report.files} images can be trained on" in first
    assert last == f"ganzoo train MODEL --data folder:{everything}"
    assert "classes: many " in lines[0]
    for finding in report.findings:
        count = f"{len(finding.files)} " if finding.files else ""
        assert f"{count}{finding.kind}; {finding.effect}" in lines
    assert (
        "  many/truncated/half.bmp, many/truncated/half.gif, many/truncated/half.jpeg, ..." in lines
    )
    copies = [f"many/duplicate/{name}" for name in ("copy again.png", "copy.bmp", "copy.png")]
    assert "  " + " = ".join(copies) in lines


def test_the_command_to_type_next_is_quoted(tmp_path):
    place = write(tmp_path / "my photos", ALONE)
    *_, last = run(f"folder:{place}").stdout.splitlines()
    assert shlex.split(last) == ["ganzoo", "train", "MODEL", "--data", f"folder:{place}"]


def test_the_command_as_json(everything):
    result = run(everything, "--json", "--size", "16")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(report) == {"folder", "files", "readable", "classes", "findings"}
    assert {finding["kind"] for finding in report["findings"]} == {*LEFT_OUT, *KEPT} - {"tiny"}
    for finding in report["findings"]:
        assert set(finding) == {"kind", "effect", "files", "groups"}


def test_nothing_to_train_on_is_exit_code_1(tmp_path):
    write(tmp_path, FILES["corrupt"])
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "3 corrupt; left out" in result.stdout
    assert "ganzoo train" not in result.stdout
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert "none of 3 files is readable" in line
    as_json = run(tmp_path, "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["readable"] == 0


@pytest.mark.parametrize(
    ("place", "code", "answer"),
    [
        ("missing", 1, "no such folder"),
        ("empty", 1, "no image in it"),
        ("a.png", 1, "it is a file"),
    ],
)
def test_folders_that_are_none(place, code, answer, tmp_path):
    (tmp_path / "empty").mkdir()
    write(tmp_path, {"a.png": b""})
    result = run(tmp_path / place)
    assert result.exit_code == code
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert answer in line


def test_names_of_any_kind_are_printed(tmp_path):
    write(tmp_path, {"a\nb.png": b"", **ALONE})
    (tmp_path / os.fsdecode(b"\xff.jpg")).write_bytes(b"")
    result = run(tmp_path)
    assert result.exit_code == 0
    assert r"  a\nb.png, \udcff.jpg" in result.stdout.splitlines()
    assert run(tmp_path, "--json").exit_code == 0


# damage

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
    paths, others = folder.find_images(place)
    assert (len(paths), others) == (len(files), [])
    shape = (3, SIZE[1], SIZE[0])
    rows, good = folder.read_all(paths, shape, f"folder:{place}")
    (record,) = caplog.records
    assert record.name == "ganzoo"
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

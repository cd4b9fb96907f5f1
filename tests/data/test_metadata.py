"""Metadata costs no pixels: odd EXIF, and chunks of a PNG that no pixel depends on."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
import torch
from image_files import chunk, encoded, flipped, noise, turned
from PIL import Image, PngImagePlugin

from ganzoo.data import load_data
from ganzoo.errors import DataError

PIXELS = noise(5)
WHOLE = encoded(PIXELS, "PNG")
TEXT = os.urandom(2000).hex().encode() * 900
"""3.6 MB, more than Pillow reads."""


def load(folder, shape=(3, 32, 32)):
    return load_data(f"folder:{folder}", shape).columns["real"]


def after_header(*chunks):
    return WHOLE[:33] + b"".join(chunks) + WHOLE[33:]


def before_end(*chunks):
    return WHOLE[:-12] + b"".join(chunks) + WHOLE[-12:]


XMP = b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(TEXT)
PACKED = [(b"zTXt", b"p%d\0\0" % number + zlib.compress(TEXT[:900_000])) for number in range(80)]
GOOD = {
    "long text": after_header(chunk(b"tEXt", b"parameters\0" + TEXT)),
    "long XMP": after_header(chunk(*XMP)),
    "long XMP at the end": before_end(chunk(*XMP)),
    "many texts": before_end(*(chunk(*each) for each in PACKED)),
    "a wrong checksum": after_header(flipped(chunk(b"tEXt", b"a\0b"), 10)),
    "a wrong checksum at the end": before_end(flipped(chunk(b"tEXt", b"a\0b"), 10)),
    "a long profile": after_header(chunk(b"iCCP", b"p\0\0" + zlib.compress(TEXT))),
    "a short chunk": after_header(chunk(b"pHYs", b"\0")),
    "no EXIF in EXIF": after_header(chunk(b"eXIf", b"nothing")),
    "bytes behind the end": WHOLE + b"a motion photo" * 99,
    "an unknown chunk": after_header(chunk(b"teST", b"x")),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_a_png_is_judged_by_the_chunks_of_its_pixels(tmp_path, caplog, content):
    (tmp_path / "a.png").write_bytes(content)
    assert torch.equal(load(tmp_path)[0], torch.from_numpy(np.array(PIXELS)))
    assert not caplog.records


BAD = {
    "truncated": WHOLE[:-12],
    "corrupt (wrong checksum in chunk b'IDAT')": flipped(WHOLE, 200),
    "corrupt (wrong checksum in chunk b'teST')": after_header(flipped(chunk(b"teST", b"x"), 9)),
}


@pytest.mark.parametrize(("reason", "content"), BAD.items(), ids=BAD.keys())
def test_damage_of_pixels_is_still_named(tmp_path, reason, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert f"a.png: {reason}" in str(caught.value)


def test_a_clear_color_with_a_wrong_checksum_is_not_ignored(tmp_path):
    content = encoded(PIXELS, "PNG", transparency=(1, 2, 3))
    (tmp_path / "a.png").write_bytes(flipped(content, content.index(b"tRNS") + 5))
    with pytest.raises(DataError, match=r"wrong checksum in chunk b'tRNS'"):
        load(tmp_path)


def xmp(orientation):
    return f'<x tiff:Orientation="{orientation}"/>'.encode()


def as_text(exif):
    """EXIF as ImageMagick writes it into a PNG."""
    content = exif.tobytes()
    return f"\nexif\n{len(content):8d}\n{content.hex()}\n".encode()


ROTATED = {
    "exif": chunk(b"eXIf", turned(3).tobytes()[6:]),
    "xmp": chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(3)),
    "packed xmp": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp(3))),
    "raw": chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(as_text(turned(3)))),
}


@pytest.mark.parametrize("place", [after_header, before_end])
@pytest.mark.parametrize("content", ROTATED.values(), ids=ROTATED.keys())
def test_a_png_is_turned_wherever_its_orientation_is_stated(tmp_path, content, place):
    (tmp_path / "a.png").write_bytes(place(content))
    row = torch.from_numpy(np.array(PIXELS.rotate(180)))
    assert torch.equal(load(tmp_path)[0], row)


def exif_block(*entries):
    """EXIF of tags, each (tag, type, count, 4 or 8 bytes)."""
    body, extra = struct.pack("<H", len(entries)), b""
    start = 8 + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        place = value if len(value) == 4 else struct.pack("<I", start + len(extra))
        extra += value if len(value) > 4 else b""
        body += struct.pack("<HHI", tag, kind, count) + place
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + body + bytes(4) + extra


TURN = (0x0112, 3, 1, struct.pack("<HH", 6, 0))
ODD = {
    "minus one over zero": exif_block(TURN, (0x011A, 10, 1, struct.pack("<ii", -1, 0))),
    "a number as a text": exif_block(TURN, (0x8298, 3, 1, struct.pack("<HH", 7, 0))),
    "a directory out of the file": exif_block(TURN, (0x8769, 4, 1, struct.pack("<I", 60_000))),
    "a directory that is a loop": exif_block(TURN, (0x8825, 4, 1, struct.pack("<I", 8))),
}


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("block", ODD.values(), ids=ODD.keys())
def test_odd_exif_turns_the_image_and_costs_nothing(tmp_path, caplog, kind, block):
    image = Image.new("RGB", (32, 16), "red")
    image.paste("blue", (16, 0, 32, 16))
    stream = io.BytesIO()
    image.save(stream, kind, exif=block, **({"lossless": True} if kind == "WEBP" else {}))
    (tmp_path / f"a.{kind.lower()}").write_bytes(stream.getvalue())
    row = load(tmp_path, (3, 32, 16))[0].int()
    assert row[2, 8, 0] > 200 > row[2, 8, 2]
    assert row[-2, 8, 2] > 200 > row[-2, 8, 0]
    assert not caplog.records


def test_exif_that_is_none_leaves_the_image_as_it_is(tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded(PIXELS, "JPEG", quality=100, exif=b"Exif\0\0II"))
    assert len(load(tmp_path)) == 1


def test_the_limits_of_pillow_stay_as_they_were(tmp_path):
    before = PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY
    (tmp_path / "a.png").write_bytes(GOOD["long XMP"])
    load(tmp_path)
    assert before == (PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY)

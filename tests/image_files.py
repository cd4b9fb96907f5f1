"""Image files of every kind that a folder may hold, good and damaged, as bytes."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from ganzoo.data.images.folder_report import LEFT_OUT

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


def left_out(report):
    """Files that a report says are left out."""
    kinds = set(LEFT_OUT) - {"other suffix", "other folder"}
    return sorted(f for finding in report.findings if finding.kind in kinds for f in finding.files)


def write_everything(place):
    """A folder with files of every kind, in two classes of unequal size."""
    for kind, files in FILES.items():
        write(place / "many" / kind, files)
    write(place / "one", {"good.png": ALONE["good.png"]})
    write(place / ".cache", {"good.png": ALONE["good.png"]})
    (place / "many" / "gone.png").symlink_to("nowhere")
    return place

"""One file of an image: how it is decoded, brought to grey or RGB, and why it is left out."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from ganzoo.errors import DataError

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Whatever a file is called: Pillow's others run programs (EPS) or take any bytes (TGA)."""
LARGEST = 89_478_485
"""Pixels of the largest image that is decoded: above it Pillow itself suspects a bomb."""

Fault = Literal["not an image", "corrupt", "truncated", "huge", "unreadable", "unknown range"]


class UnreadableError(DataError):
    """An image that is left out.

    Args:
        fault: of which kind it is.
        reason: more of it, in a few words.
    """

    def __init__(self, fault: Fault, reason: str = "") -> None:
        super().__init__(f"{fault} ({reason})" if reason else fault)
        self.fault = fault


@dataclass(frozen=True)
class Picture:
    """A file as ganzoo takes it: upright, grey or RGB, 8 bits, nothing transparent."""

    image: Image.Image
    traits: frozenset[str]
    """What it was before: animated, CMYK, 16-bit, palette, alpha, EXIF-rotated."""


def read(file: Path) -> Picture:
    """Decode a file.

    Raises:
        UnreadableError: the one error of this; what raises it is left out of every training.
    """
    try:
        if not file.is_file():
            raise UnreadableError("unreadable", "no regular file")
        with file.open("rb") as stream:
            head, length = stream.read(12), file.stat().st_size
            stream.seek(0)
            try:
                return _decode(stream)
            except UnreadableError:
                raise
            except Exception as error:  # damaged files make Pillow raise nearly anything
                raise _fault(error, head, length) from error
    except OSError as error:
        raise UnreadableError("unreadable", error.strerror or type(error).__name__) from error


def _decode(stream: BinaryIO) -> Picture:
    image: Image.Image = Image.open(stream, formats=FORMATS)
    if image.width * image.height > LARGEST:
        raise UnreadableError("huge", f"{image.width} x {image.height} pixels")
    if image.format == "PNG":  # it has checksums, which decoding does not look at
        image.verify()
        stream.seek(0)
        image = Image.open(stream, formats=FORMATS)
    traits = _traits(image)
    picture = plain(ImageOps.exif_transpose(image))
    return Picture(picture, traits | ({"animated"} if _is_animated(image) else set()))


def _traits(image: Image.Image) -> frozenset[str]:
    """Of an image that is not decoded yet: decoding forgets its depth and may turn it."""
    tiles = image.tile if isinstance(image, ImageFile.ImageFile) else []
    codes = [args if isinstance(args, str) else args[0] for *_, args in tiles if args]
    deep = any(str(code).partition(";")[2][:2] == "16" and code[:3] != "BGR" for code in codes)
    found = {
        "16-bit": deep or image.mode.startswith("I"),
        "EXIF-rotated": image.getexif().get(0x0112) in range(2, 9),
        "CMYK": image.mode == "CMYK",
        "palette": image.mode in ("P", "PA"),
        "alpha": _has_alpha(image),
    }
    return frozenset(trait for trait, there in found.items() if there)


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _is_animated(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # a damaged second frame, which nobody needs
        return False


def _fault(error: Exception, head: bytes, length: int) -> UnreadableError:
    """What an error of Pillow or of the system says of a file."""
    if isinstance(error, Image.DecompressionBombError):
        return UnreadableError("huge", "by its header")
    if isinstance(error, MemoryError):
        return UnreadableError("huge", "decoding it takes more memory than there is")
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
        return UnreadableError("unreadable", error.strerror or "")
    text = printable(" ".join(str(error).split()) or type(error).__name__)
    if isinstance(error, EOFError) or "truncated" in text.lower() or _ends_early(head, length):
        return UnreadableError("truncated")
    if isinstance(error, UnidentifiedImageError):
        if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF")):
            return UnreadableError("corrupt", "its header")
        return UnreadableError("not an image")
    return UnreadableError("corrupt", text[:80])


def _ends_early(head: bytes, length: int) -> bool:
    """Whether a header speaks of bytes behind the end: the decoders of these do not say so."""
    if head.startswith(b"RIFF"):
        return int.from_bytes(head[4:8], "little") + 8 > length
    if head.startswith((b"II*\0", b"MM\0*")):
        return int.from_bytes(head[4:8], "little" if head[0] == 0x49 else "big") >= length
    return False


def plain(image: Image.Image) -> Image.Image:
    """An image in grey or RGB of 8 bits; transparency is put on white.

    Raises:
        UnreadableError: values whose black and white nobody knows.
    """
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise UnreadableError("unknown range", "32 bits")
        if isinstance(clear := image.info.get("transparency"), int):
            values = np.where(values == clear, 65535, values)
        image = Image.fromarray((values // 257).astype(np.uint8))
    if image.mode == "F":
        raise UnreadableError("unknown range", "floats")
    if _has_alpha(image):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def scaled(image: Image.Image, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A plain image as a row: scaled until it covers (H, W), and cropped to its centre."""
    channels, height, width = shape
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(image, np.uint8).reshape(height, width, channels)


def fit(image: Image.Image, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Any image as a row."""
    return scaled(plain(image), shape)


def printable(text: str) -> str:
    """Names of files may hold line ends and worse."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)

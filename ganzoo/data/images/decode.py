"""Decoding of an image file to upright 8-bit gray or RGB, or the reason why it cannot be used."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, features

from ganzoo.data.images import png_chunks
from ganzoo.data.images.bit_depth import FULL, ValueRange, convert_colors, convert_values
from ganzoo.data.images.faults import UnreadableError, name_faults

FORMATS = (
    *("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP"),
    *(["AVIF"] if "avif" in features.get_supported_modules() else []),
    *(["JPEG2000"] if "jpg_2000" in features.get_supported_codecs() else []),
)
"""Formats that are read. Pillow's other formats run programs (EPS) or accept any bytes (TGA)."""
LARGEST = 89_478_485
"""Pixels of the largest image that is decoded: above it Pillow itself suspects a bomb."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation: what turns the image upright."""


@dataclass(frozen=True)
class Picture:
    """A decoded file: upright, gray or RGB, 8 bits, nothing transparent."""

    image: Image.Image
    traits: frozenset[str]
    """Properties of the file: animated, CMYK, 16-bit, palette, alpha, EXIF-rotated."""
    highest: int = 0
    """The largest value, of 0 to 65535, of an image of 16 bits; 0 for all others."""
    alpha: Image.Image | None = None
    """Opacity of the pixels, if it was to be kept and the file has it; `image` then has the colors
    of transparent pixels, too."""


def read(file: Path, values: ValueRange = FULL, *, keep_alpha: bool = False) -> Picture:
    """Decode a file.

    Args:
        file: its path.
        values: black and white of an image of 16 bits; if stated, of any image.
        keep_alpha: keep opacity beside the colors instead of making transparent parts white.

    Raises:
        UnreadableError: the file cannot be used; no other error is raised.
    """
    with _opened(file) as (stream, length):
        return read_stream(stream, length, values, keep_alpha=keep_alpha)


def read_stream(
    stream: BinaryIO, length: int, values: ValueRange = FULL, *, keep_alpha: bool = False
) -> Picture:
    """Decode a file of ``length`` bytes that is open or in memory; see `read`."""
    with name_faults(stream, length):
        image, animated = _open(stream)
        traits = _traits(image)
        turned = image.format != "PNG" and _orientation(image) in _TURNS
        image.load()  # a PNG states its orientation only now, a TIFF is upright now
        upright = _turned(image)
        deep = "16-bit" in traits and image.format != "PPM"  # whose files state their range
        highest = _highest(upright) if deep else 0
        more = {"animated": animated or _is_animated(image)}
        more["EXIF-rotated"] = turned or upright is not image
        alpha = None
        if keep_alpha and _has_alpha(upright) and not deep:
            layers = upright.convert("LA" if upright.mode == "LA" else "RGBA")
            *colors, alpha = layers.split()
            upright = Image.merge("RGB" if len(colors) == 3 else "L", colors)
        picture = plain(upright, values if deep or values.stated else FULL, deep)
        traits |= {trait for trait, there in more.items() if there}
        return Picture(picture, traits, highest, alpha)


def read_shape(file: Path) -> tuple[int, int, int]:
    """(C, H, W) of a file, upright, by its header.

    Raises:
        UnreadableError: the header cannot be read.
    """
    with _opened(file) as (stream, length), name_faults(stream, length):
        image, _ = _open(stream)
        gray = image.mode in ("1", "L") or image.mode.startswith("I")
        channels = 1 if gray and not _has_alpha(image) else 3
        turned = image.format != "PNG" and _orientation(image) in (5, 6, 7, 8)
        width, height = image.size[::-1] if turned else image.size
        return channels, height, width


@contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, int]]:
    """An open file and its length."""
    try:
        if not file.is_file():
            missing = "no regular file" if file.exists() else "no such file"
            raise UnreadableError("unreadable", missing)
        with file.open("rb") as stream:
            yield stream, file.stat().st_size
    except OSError as error:
        raise UnreadableError("unreadable", error.strerror or type(error).__name__) from error


def _open(stream: BinaryIO) -> tuple[Image.Image, bool]:
    """An image of which nothing but the header is decoded, and whether it is an animated PNG."""
    animated = False
    if stream.read(8) == png_chunks.SIGNATURE:
        content, animated = png_chunks.pixels_only(png_chunks.SIGNATURE + stream.read())
        stream = io.BytesIO(content)
    stream.seek(0)
    image: Image.Image = Image.open(stream, formats=FORMATS)
    if image.width * image.height > LARGEST:
        raise UnreadableError("huge", f"{image.width} x {image.height} pixels")
    return image, animated


def _traits(image: Image.Image) -> frozenset[str]:
    """Properties of an image that is not decoded yet: decoding forgets its depth."""
    tiles = image.tile if isinstance(image, ImageFile.ImageFile) else []
    codes = [args if isinstance(args, str) else args[0] for *_, args in tiles if args]
    deep = any(str(code).partition(";")[2][:2] == "16" and code[:3] != "BGR" for code in codes)
    found = {
        "16-bit": deep or image.mode.startswith("I"),
        "CMYK": image.mode == "CMYK",
        "palette": image.mode in ("P", "PA"),
        "alpha": _has_alpha(image),
    }
    return frozenset(trait for trait, there in found.items() if there)


def _orientation(image: Image.Image) -> object:
    """The EXIF orientation; 1 (upright) where metadata cannot be read."""
    try:
        return image.getexif().get(0x0112, 1)
    except Exception:  # damaged metadata costs no pixels
        return 1


def _turned(image: Image.Image) -> Image.Image:
    """The decoded image, upright. Pillow's exif_transpose also rewrites metadata, and may fail."""
    orientation = _orientation(image)
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    if turn is None:
        return image
    upright = image.transpose(turn)
    upright.info.update(image.info)
    return upright


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _is_animated(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # a damaged second frame, which is not used
        return False


def _highest(image: Image.Image) -> int:
    """The largest value of an image of 16 bits, of which Pillow keeps 8 if it has colors."""
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if isinstance(clear := image.info.get("transparency"), int):
            values = values[values != clear]
        return int(values.max(initial=0))
    bands = image.getbands()
    extremes = [image.getchannel(band).getextrema() for band in bands if band != "A"]
    return 257 * max(int(most) for _, most in extremes)  # type: ignore[arg-type] # of one band


def plain(image: Image.Image, values: ValueRange = FULL, deep: bool = False) -> Image.Image:
    """An image as 8-bit gray or RGB; transparent parts become white.

    Args:
        image: of any mode.
        values: black and white of an image of 16 bits; if stated, of any image.
        deep: the file had 16 bits, though Pillow keeps 8.

    Raises:
        UnreadableError: values whose black and white are unknown.
    """
    if image.mode == "F" or image.mode.startswith("I"):
        image = Image.fromarray(_wide(image, values))
    elif values.stated:
        image = convert_colors(_expanded(image), values, deep)
    elif deep and values != FULL:
        image = convert_colors(image, values, deep)
    if _has_alpha(image):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _wide(image: Image.Image, values: ValueRange) -> NDArray[np.uint8]:
    """Gray values of more than 8 bits as 8 bits; the transparent value becomes white."""
    pixels = np.asarray(image)
    clear = image.info.get("transparency")
    if not values.stated:
        if image.mode == "F":
            raise UnreadableError("unknown range", "floats")
        if pixels.min() < 0 or pixels.max() > FULL.white:
            raise UnreadableError("unknown range", "32 bits")
    if isinstance(clear, int):
        pixels = np.where(pixels == clear, values.white, pixels)
    return convert_values(pixels, values)


def _expanded(image: Image.Image) -> Image.Image:
    """An image without a palette, whose values can be brought to another range."""
    if _has_alpha(image):
        return image.convert("LA" if image.mode == "LA" else "RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def scaled(image: Image.Image, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A plain image as a row: scaled until it covers (H, W), and cropped to its center."""
    channels, height, width = shape
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(image, np.uint8).reshape(height, width, channels)


def fit(image: Image.Image, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Any image as a row."""
    return scaled(plain(image), shape)


@contextmanager
def strict_and_quiet() -> Iterator[None]:
    """Let Pillow refuse truncated files, and neither warn nor log: faults are reported here."""
    logger, lenient = logging.getLogger("PIL"), ImageFile.LOAD_TRUNCATED_IMAGES
    level = logger.level
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
        logger.setLevel(level)

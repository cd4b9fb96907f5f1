"""Values of black and white: of images of 16 bits, and of any image whose range the user states.

Sensors of 10, 12 or 14 bits are stored in files of 16. All files of a set share the smallest depth
that holds their largest value, so that white stays white and they stay comparable.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganzoo.errors import UsageError

LEAST = 8
"""Bits that are assumed at least."""
MARK = "#range="
"""Begins the range in the name of a data set: ``folder:PATH#range=0,4095``."""


class ValueRange(NamedTuple):
    """Values of black and white in the files of a set."""

    black: float = 0
    white: float = 65535
    stated: bool = False
    """Stated by the user: it holds for images of any depth, not of 16 bits alone."""

    def __str__(self) -> str:
        return f"{self.black:g},{self.white:g}"


FULL = ValueRange()
"""All values of 16 bits."""


def parse_range(text: str) -> ValueRange:
    """A range as it is typed: ``0,4095``.

    Raises:
        UsageError: not two numbers, the smaller one first.
    """
    try:
        black, white = (float(part) for part in text.split(","))
        if -np.inf < black < white < np.inf:
            return ValueRange(black, white, stated=True)
    except ValueError:
        pass
    raise UsageError(f"range {text!r}: must be BLACK,WHITE, two numbers such as 0,4095 or -1,1")


def split_range(name: str) -> tuple[str, ValueRange | None]:
    """The name of a data set without its range, and the range, if it has one.

    Raises:
        UsageError: the range is none.
    """
    rest, mark, text = name.rpartition(MARK)
    return (rest, parse_range(text)) if mark else (name, None)


def used_range(highest: Iterable[int]) -> ValueRange:
    """The smallest number of bits that holds the largest of these values; all 16 if there is none
    above 0."""
    most = max(highest, default=0)
    return ValueRange(0, (1 << max(LEAST, most.bit_length())) - 1) if most else FULL


def range_note(values: ValueRange) -> str:
    """The range that is used, in words; empty if there is nothing to say."""
    if values.stated:
        return f"{values.black:g} is taken for black, {values.white:g} for white"
    if values == FULL:
        return ""
    bits = int(values.white).bit_length()
    return f"values of 16-bit images use {bits} bits: {values.white:g} is taken for white"


def may_be_deep(file: Path) -> bool:
    """True if the first bytes of a file allow 16 bits a value whose range is not declared.

    PGM and PPM files declare theirs; the other formats have 8 bits.
    """
    try:
        if not file.is_file():  # opening a pipe would wait for its writer
            return False
        with file.open("rb") as stream:
            head = stream.read(26)
    except OSError:
        return False
    if head.startswith(b"\x89PNG"):
        return head[24:25] == b"\x10"
    return head.startswith((b"II", b"MM"))


def convert_values(
    pixels: NDArray[np.integer] | NDArray[np.floating], values: ValueRange
) -> NDArray[np.uint8]:
    """Values as 8 bits; what lies outside of the range becomes black or white."""
    if values.black == 0 and pixels.dtype.kind != "f":
        scaled = pixels.astype(np.int64) * 255 // max(1, round(values.white))
        return np.clip(scaled, 0, 255).astype(np.uint8)
    part = (pixels.astype(np.float64) - values.black) / (values.white - values.black)
    levels: NDArray[np.uint8] = np.rint(np.nan_to_num(part.clip(0, 1)) * 255).astype(np.uint8)
    return levels


def convert_colors(image: Image.Image, values: ValueRange, deep: bool) -> Image.Image:
    """Bands of 8 bits, brought to the range; opacity stays.

    Args:
        image: bands of 8 bits.
        values: black and white.
        deep: the file had 16 bits, of which Pillow keeps the upper 8.
    """
    levels = np.arange(256) * (257 if deep else 1)
    table = [*convert_values(levels, values)]
    alpha = [*range(256)]
    bands = image.getbands()
    return image.point([int(at) for band in bands for at in (alpha if band == "A" else table)])

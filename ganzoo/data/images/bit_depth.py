"""Images of 16 bits: how many of their bits a set uses, and their conversion to 8 bits.

Sensors of 10, 12 or 14 bits are stored in files of 16. All files of a set share the smallest depth
that holds their largest value, so that white stays white and they stay comparable.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FULL = 16
LEAST = 8
"""Bits that are assumed at least."""


def used_bits(highest: Iterable[int]) -> int:
    """Bits that hold the largest of these values; 16 if there is none above 0."""
    most = max(highest, default=0)
    return max(LEAST, most.bit_length()) if most else FULL


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


def convert_deep_gray(
    values: NDArray[np.integer], bits: int, clear: int | None = None
) -> NDArray[np.uint8]:
    """Gray values of ``bits`` bits as 8 bits; the transparent value becomes white."""
    white = (1 << bits) - 1
    if clear is not None:
        values = np.where(values == clear, white, values)
    return np.minimum(values.astype(np.int64) * 255 // white, 255).astype(np.uint8)


def convert_deep_colors(image: Image.Image, bits: int) -> Image.Image:
    """The same for colors, of whose 16 bits Pillow keeps the upper 8."""
    white = (1 << bits) - 1
    table = [min(value * 257 * 255 // white, 255) for value in range(256)]
    alpha = list(range(256))
    return image.point(
        [at for band in image.getbands() for at in (alpha if band == "A" else table)]
    )

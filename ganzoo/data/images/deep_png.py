"""PNG files of 16 bits a value, of whose colors Pillow keeps 8."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from ganzoo.data.images.png_chunks import SIGNATURE

DEEP = 65535
"""White of 16 bits."""
_KINDS = {1: 0, 2: 4, 3: 2, 4: 6}
"""Color type of the header by number of channels."""
_CHANNELS = {kind: channels for channels, kind in _KINDS.items()}


def encode_deep_png(pixels: NDArray[np.uint16], key: str = "", text: str = "") -> bytes:
    """A PNG file of 16 bits a value.

    Args:
        pixels: (H, W, C) with 1 (gray), 2 (gray and opacity), 3 or 4 channels.
        key, text: a comment and its name, ASCII.
    """
    height, width, channels = pixels.shape
    lines = pixels.astype(">u2").view(np.uint8).reshape(height, -1)
    differences = np.diff(lines, axis=0, prepend=np.zeros_like(lines[:1]))
    filtered = np.insert(differences, 0, 2, axis=1)  # 2: each byte less the byte above it
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, _KINDS[channels], 0, 0, 0)),
        *([(b"tEXt", f"{key}\0{text}".encode("ascii"))] if text else []),
        (b"IDAT", zlib.compress(filtered.tobytes())),
        (b"IEND", b""),
    ]
    chunks = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )
    return SIGNATURE + b"".join(chunks)


def decode_deep_png(content: bytes) -> NDArray[np.uint16] | None:
    """Pixels of a file that Pillow has decoded before, (H, W, C); None if it has not 16 bits, or
    is interlaced."""
    if not content.startswith(SIGNATURE):
        return None
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", content[16:29])
    if bits != 16 or interlaced or kind not in _CHANNELS:
        return None
    size = 2 * _CHANNELS[kind]
    data = zlib.decompressobj().decompress(_data(content), height * (1 + width * size))
    lines = np.frombuffer(data, np.uint8).reshape(height, 1 + width * size)
    pixels = _unfiltered(lines[:, 1:].reshape(height, width, size), lines[:, 0])
    return pixels.view(">u2").astype(np.uint16)


def _data(content: bytes) -> bytes:
    """The compressed lines: all chunks IDAT."""
    parts, place = [], len(SIGNATURE)
    while place < len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        if name == b"IDAT":
            parts.append(content[place + 8 : place + 8 + length])
        place += length + 12
    return b"".join(parts)


def _unfiltered(filtered: NDArray[np.uint8], kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bytes from their differences to a prediction (PNG specification, section 9).

    A pixel is predicted from its neighbors to the left, above, and above left: all pixels of one
    diagonal are computed together.

    Args:
        filtered: (H, W, bytes of a pixel).
        kinds: filter of each line, (H,).
    """
    height, width, size = filtered.shape
    found = np.zeros((height + 1, width + 1, size), np.int16)
    for diagonal in range(height + width - 1):
        rows = np.arange(max(0, diagonal - width + 1), min(height, diagonal + 1))
        columns = diagonal - rows
        left, above, corner = (
            found[rows + 1, columns],
            found[rows, columns + 1],
            found[rows, columns],
        )
        kind = kinds[rows, None]
        predicted = np.select(
            [kind == 1, kind == 2, kind == 3, kind == 4],
            [left, above, (left + above) // 2, _paeth(left, above, corner)],
        )
        found[rows + 1, columns + 1] = (filtered[rows, columns] + predicted) & 255
    return found[1:, 1:].astype(np.uint8)


def _paeth(
    left: NDArray[np.int16], above: NDArray[np.int16], corner: NDArray[np.int16]
) -> NDArray[np.int16]:
    """The neighbor that is nearest to left + above - corner."""
    to_left, to_above = np.abs(above - corner), np.abs(left - corner)
    to_corner = np.abs(left + above - 2 * corner)
    nearer: NDArray[np.int16] = np.where(to_above <= to_corner, above, corner)
    return np.where((to_left <= to_above) & (to_left <= to_corner), left, nearer)

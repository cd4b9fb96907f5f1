"""PNG files without their metadata, so that damaged or large metadata costs no pixels."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_METADATA = {
    *(b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"pHYs", b"gAMA", b"cHRM", b"sRGB", b"iCCP"),
    *(b"bKGD", b"hIST", b"sPLT", b"sBIT", b"cICP", b"mDCV", b"cLLI", b"caBX", b"oFFs", b"sTER"),
    *(b"acTL", b"fcTL", b"fdAT"),
}
"""Chunks that no pixel of the first frame depends on: a wrong checksum in them is ignored."""
_ORIENTATION = (b"XML:com.adobe.xmp\0", b"Raw profile type exif\0")
"""Keywords of text chunks that may say how the image is turned."""
_LARGEST_TEXT = 1 << 20
"""Pillow refuses a file with a longer text (MAX_TEXT_CHUNK)."""


def pixels_only(content: bytes) -> tuple[bytes, bool]:
    """A PNG file with its pixels and its orientation alone, and whether it is animated.

    Raises:
        EOFError: the file ends before its last chunk.
        ValueError: a chunk that pixels depend on does not have the checksum that it states.
    """
    kept, place, animated = [SIGNATURE], len(SIGNATURE), False
    while True:
        head = content[place : place + 8]
        if len(head) < 8:
            raise EOFError
        length, kind = struct.unpack(">I4s", head)
        chunk = content[place : place + length + 12]
        if len(chunk) < length + 12:
            raise EOFError
        whole = zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
        if not whole and kind not in _METADATA:
            raise ValueError(f"wrong checksum in chunk {kind!r}")
        if kind in _PIXELS or (whole and _states_orientation(kind, chunk[8:-4])):
            kept.append(chunk)
        if kind == b"acTL" and length >= 4:
            animated = int.from_bytes(chunk[8:12], "big") > 1
        if kind == b"IEND":
            return b"".join(kept), animated
        place += length + 12


def _states_orientation(kind: bytes, body: bytes) -> bool:
    """True for a chunk of metadata that may state an orientation and that Pillow can read."""
    if kind == b"eXIf":
        return True
    if kind not in (b"tEXt", b"zTXt", b"iTXt") or not body.startswith(_ORIENTATION):
        return False
    rest = body.partition(b"\0")[2]
    if kind == b"tEXt" or (kind == b"iTXt" and rest[:1] == b"\0"):
        return len(body) <= _LARGEST_TEXT
    packed = rest[1:] if kind == b"zTXt" else rest[2:].split(b"\0", 2)[-1]
    inflate = zlib.decompressobj()
    try:
        inflate.decompress(packed, _LARGEST_TEXT)
    except zlib.error:
        return False
    return inflate.eof

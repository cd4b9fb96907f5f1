"""Faults of image files: the errors of Pillow and of the system as reasons to leave a file out."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Literal

from PIL import Image, UnidentifiedImageError, features

from ganzoo.errors import DataError
from ganzoo.runtime.text import printable

_HEADERS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF", b"\0\0\0\x0cjP  ")
Fault = Literal["not an image", "corrupt", "truncated", "huge", "unreadable", "unknown range"]


class UnreadableError(DataError):
    """An image that is left out.

    Args:
        fault: the kind of fault.
        reason: details, in a few words.
    """

    def __init__(self, fault: Fault, reason: str = "") -> None:
        super().__init__(f"{fault} ({reason})" if reason else fault)
        self.fault = fault


@contextmanager
def name_faults(stream: BinaryIO, length: int) -> Iterator[None]:
    """Turn every error of Pillow into the one that says why a file is left out."""
    head = stream.read(32)
    stream.seek(0)
    try:
        yield
    except UnreadableError:
        raise
    except Exception as error:  # damaged files make Pillow raise nearly anything
        raise _fault(error, head, length) from error


def _fault(error: Exception, head: bytes, length: int) -> UnreadableError:
    """The fault that belongs to an error of Pillow or of the system."""
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
        if head.startswith(_HEADERS):
            return UnreadableError("corrupt", "its header")
        return _unknown_format(head)
    return UnreadableError("corrupt", text[:80])


def _unknown_format(head: bytes) -> UnreadableError:
    """A file that no decoder recognizes, named where its first bytes say what it is."""
    if head[4:12] in (b"ftypavif", b"ftypavis"):
        if "avif" in features.get_supported_modules():
            return UnreadableError("corrupt", "its header")
        return UnreadableError("not an image", "AVIF: pip install --upgrade 'pillow>=11.3'")
    if head[4:8] == b"ftyp" and head[8:11] in (b"hei", b"hev", b"mif", b"msf"):
        return UnreadableError("not an image", "HEIC, which Pillow does not read: convert it")
    if head.startswith(b"version https://git-lfs"):
        return UnreadableError("not an image", "a Git LFS pointer: git lfs pull")
    return UnreadableError("not an image")


def _ends_early(head: bytes, length: int) -> bool:
    """True if the header declares more bytes than the file has: Pillow's decoders do not say so."""
    if head.startswith(b"RIFF"):
        return int.from_bytes(head[4:8], "little") + 8 > length
    if head.startswith((b"II*\0", b"MM\0*")):
        return int.from_bytes(head[4:8], "little" if head[0] == 0x49 else "big") >= length
    return False

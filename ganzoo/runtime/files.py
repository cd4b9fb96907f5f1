"""Atomic file writes, and disk space reserved before it is written to."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; it replaces ``path`` if the block succeeds.

    The file is flushed to the disk before, so that ``path`` is never half written.
    """
    if path.parent.exists() and not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory", str(path.parent))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with open(temporary, "r+b") as file:  # Windows flushes only what it may write
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def reserve_space(file: BinaryIO, size: int) -> None:
    """Give an open, empty file a length and the disk blocks for it.

    A memory map of a file without its blocks ends the process by a signal where the disk is full.

    Raises:
        OSError: the disk has no room.
    """
    try:
        disk = os.fstatvfs(file.fileno())
        if (
            size > disk.f_bavail * disk.f_frsize
        ):  # where fallocate is emulated, it writes until then
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.posix_fallocate(file.fileno(), 0, size)
        return
    except AttributeError:  # Windows has no such calls
        pass
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            raise
    zeros = bytes(1 << 20)
    for start in range(0, size, len(zeros)):
        file.write(zeros[: size - start])
    file.flush()
    file.seek(0)

"""Lock of a run folder: one run at a time writes to it."""

from __future__ import annotations

import errno
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ganzoo.errors import RunError

log = logging.getLogger("ganzoo")

LOCK = ".lock"
OWNER = ".owner"
"""A file of its own: Windows lets nobody read a locked file."""
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)
"""Errors of file systems that cannot lock."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder inside the block. The system frees the lock with the process.

    Raises:
        RunError: another process has the lock; the message names it.
    """
    # A marker file instead of a real lock would outlive a killed process.
    lock = FileLock(folder / LOCK, timeout=0, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(f"{folder} is being trained by {_owner(folder)}: wait or stop it") from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        log.warning(
            "%s: this file system has no locks, do not start a second run in this folder", folder
        )
        yield
        return
    try:
        (folder / OWNER).write_text(
            f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8"
        )
        yield
    finally:
        (folder / OWNER).unlink(missing_ok=True)
        lock.release()


def _owner(folder: Path) -> str:
    try:
        return (folder / OWNER).read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"

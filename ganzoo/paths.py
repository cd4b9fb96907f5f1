"""Where ganzoo keeps what it can make again, and how a file gets to be whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
"""What ships inside the package: MNIST and the digit classifier."""
SAMPLES = ("samples.png", "samples.wav", "samples.txt", "samples.npy")
"""What the newest samples of a run are called, one of these in each folder."""


def cache_dir() -> Path:
    """``$GANZOO_CACHE``, or ``ganzoo`` in the user's cache folder. It may be deleted any time."""
    chosen = os.environ.get("GANZOO_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ganzoo"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` to write to; it takes its place, flushed to the disk, only
    if the block succeeds. Nobody ever sees half a file."""
    if path.parent.exists() and not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory", str(path.parent))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)

"""Cache directory, paths as users type them, and file names."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ganzoo.errors import UsageError

SAMPLES = ("samples.png", "samples.wav", "samples.txt", "samples.npy")
"""Names of the file that holds the newest samples of a run; each folder has one of them."""

SET_CACHE = "set GANZOO_CACHE to a folder that can be written"


def cache_dir() -> Path:
    """``$GANZOO_CACHE``, or ``ganzoo`` in the user's cache folder. It may be deleted any time.

    Raises:
        OSError: the home folder is unknown, as for a container's user without a name.
    """
    chosen = os.environ.get("GANZOO_CACHE")
    if chosen:
        return user_path(chosen)
    caches = os.environ.get("XDG_CACHE_HOME")
    try:
        return (user_path(caches) if caches else Path.home() / ".cache") / "ganzoo"
    except RuntimeError:
        text = f"there is no folder for the cache, for HOME is not set: {SET_CACHE}"
        raise FileNotFoundError(errno.ENOENT, text) from None


def cache_problem(path: Path, error: OSError) -> str:
    """Message on a file of the cache that cannot be written."""
    reason = error.strerror or str(error)
    return reason if SET_CACHE in reason else f"{path} cannot be written ({reason}): {SET_CACHE}"


def user_path(text: str | Path) -> Path:
    """A path as a user types it: a leading ``~`` and environment variables are expanded.

    The shell leaves both alone behind ``:`` and ``=``. A path that exists as it is written stays.

    Raises:
        UsageError: ``~`` for a user whose home folder is unknown.
    """
    written = os.fspath(text)
    if "$" in written and not os.path.lexists(written):
        written = os.path.expandvars(written)
    if not written.startswith("~"):
        return Path(written)
    expanded = os.path.expanduser(written)
    if expanded == written and written.replace(os.sep, "/").partition("/")[0] == "~":
        raise UsageError(f"{written}: the home folder is unknown here (HOME): write the whole path")
    return Path(expanded)

"""Cache directory, paths as users type them, and file names."""

from __future__ import annotations

import os
from pathlib import Path

from ganzoo.errors import UsageError

SAMPLES = ("samples.png", "samples.wav", "samples.txt", "samples.npy")
"""Names of the file that holds the newest samples of a run; each folder has one of them."""


def cache_dir() -> Path:
    """``$GANZOO_CACHE``, or ``ganzoo`` in the user's cache folder. It may be deleted any time."""
    chosen = os.environ.get("GANZOO_CACHE")
    if chosen:
        return user_path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ganzoo"


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

"""Version of ganzoo's own distribution, read when it is first asked for."""

from functools import cache
from importlib import metadata


@cache
def _version() -> str:
    try:
        return metadata.version("ganzoo-core") or "0+unknown"
    except metadata.PackageNotFoundError:
        return "0+unknown"


def __getattr__(name: str) -> str:
    """``VERSION``."""
    if name == "VERSION":
        return _version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The installed version of ganzoo's own distribution."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("ganzoo-core")
except PackageNotFoundError:
    VERSION = "0+unknown"

"""Facts about data from names and headers of files alone: kind, number, size, rate, classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, mode

from ganzoo import registry
from ganzoo.data import audio, pairs, text_file
from ganzoo.data.catalog import KNOWN
from ganzoo.data.folders import SPLITS, Listing
from ganzoo.data.images.decode import read_shape, strict_and_quiet
from ganzoo.data.images.faults import UnreadableError
from ganzoo.data.images.image_folder import SUFFIXES, list_images
from ganzoo.data.loading import FORMS, KINDS
from ganzoo.errors import UnknownNameError, UsageError
from ganzoo.runtime.paths import user_path

LOOKED_AT = 200
"""Files whose headers are read."""


@dataclass(frozen=True)
class DataFacts:
    """Data as a user names it, before it is read."""

    name: str
    """As ``--data`` takes it."""
    kind: str
    """A key of `ganzoo.data.loading.KINDS`; empty for a named data set."""
    count: int | None = None
    """Images, pairs, recordings or lines; None if unknown."""
    channels: int = 3
    """1 if all images are gray."""
    side: int | None = None
    """Pixels of the shorter side of most images; None if unknown, or if these are no images."""
    classes: int = 0
    """Folders that are classes; 0 if there are none."""
    rate: int | None = None
    """Samples per second of most recordings; None if unknown, or if these are none."""

    def describe(self) -> str:
        """The facts in a line."""
        noun = {"pairs": "pairs", "audio": "recordings", "text": "texts"}.get(self.kind, "images")
        parts = [] if self.count is None else [f"{self.count:,} {noun}"]
        if self.side is not None:
            colors = "gray" if self.channels == 1 else "color"
            parts.append(f"{colors}, most at least {self.side} pixels high and wide")
        if self.rate is not None:
            parts.append(f"most at {self.rate:,} Hz")
        if self.classes:
            parts.append(f"{self.classes} classes")
        return f"{self.name}: {', '.join(parts)}" if parts else self.name


def data_facts(name: str) -> DataFacts:
    """Look at data by names and headers of its files.

    Args:
        name: as ``--data`` takes it, or the path of a folder or text file alone.

    Raises:
        UnknownNameError, UsageError: no such data set or kind of data.
        DataError: no such folder, or nothing in it that can be read.
    """
    kind, colon, rest = name.partition(":")
    if not colon:
        return _of_path(name)
    if kind not in KINDS:
        raise UnknownNameError("kind of data", kind, KINDS, f"data is {FORMS}")
    if not rest:
        raise UsageError(f"data {name!r} names nothing: data is {FORMS}")
    if kind == "folder":
        return _images(name, list_images(user_path(rest), name))
    if kind in ("pairs", "unpaired"):
        return _two_kinds(name, kind, rest)
    if kind == "audio":
        return _recordings(name, audio.list_recordings(user_path(rest), name))
    if kind == "text":
        return DataFacts(name, kind, text_file.count_texts(user_path(rest)))
    return DataFacts(name, kind)


def _of_path(name: str) -> DataFacts:
    """A named data set, or a path whose kind its files tell."""
    plugins = registry.installed(registry.DATASETS)
    named = [*KNOWN, *(each for plugin in plugins for each in (plugin.name, plugin.qualified))]
    if name in named:
        return DataFacts(name, "")
    path = user_path(name)
    if not path.exists():
        raise UnknownNameError("data set", name, named, f"data is {FORMS}")
    return data_facts(f"{_kind_of(path)}:{name}")


def _kind_of(path: Path) -> str:
    """Kind of the data in a path: by its folders, else by the suffixes of its files."""
    if path.is_file():
        return "text"
    names = {each.name.lower() for each in path.iterdir() if each.is_dir()}
    if any({f"{word}a", f"{word}b"} <= names for words in SPLITS.values() for word in words):
        return "unpaired"
    if any({one.lower(), other.lower()} <= names for one, other in pairs.SIDES):
        return "pairs"
    suffixes = [each.suffix.lower() for each in path.rglob("*") if each.is_file()]
    if not any(suffix in SUFFIXES for suffix in suffixes):
        if any(suffix in audio.SUFFIXES for suffix in suffixes):
            return "audio"
        if ".txt" in suffixes:
            return "text"
    return "folder"


def _two_kinds(name: str, kind: str, rest: str) -> DataFacts:
    paths = pairs.split_paths(rest) if kind == "unpaired" else [rest]
    if len(paths) == 2:
        sides = [list_images(user_path(path), name) for path in paths]
    else:
        sides = pairs.two_sides(user_path(rest), "train", name) or []
    if not sides:
        halves = _images(name, list_images(user_path(rest), name), halved=True)
        return DataFacts(name, kind, halves.count, halves.channels, halves.side)
    found = [_images(name, side) for side in sides]
    counts = [each.count or 0 for each in found]
    count = min(counts) if kind == "pairs" else sum(counts)
    sizes = [each.side for each in found if each.side is not None]
    return DataFacts(
        name, kind, count, max(each.channels for each in found), min(sizes, default=None)
    )


def _images(name: str, listing: Listing, halved: bool = False) -> DataFacts:
    """Facts on a folder of images.

    Args:
        name: of the data.
        listing: its files.
        halved: each file is two images side by side.
    """
    files = listing.files
    shapes = _shapes(_some(files))
    sides = [min(height, width // 2 if halved else width) for _, height, width in shapes]
    colors = max((channels for channels, _, _ in shapes), default=3)
    side = int(median(sides)) if sides else None
    return DataFacts(name, "folder", len(files), colors, side, _classes(listing))


def _recordings(name: str, listing: Listing) -> DataFacts:
    """Facts on a folder of recordings."""
    rates = [audio.read_rate(file) for file in _some(listing.files)]
    known = [rate for rate in rates if rate]
    rate = mode(known) if known else None
    return DataFacts(name, "audio", len(listing.files), classes=_classes(listing), rate=rate)


def _some(files: Sequence[Path]) -> Sequence[Path]:
    """About as many files as are looked at, spread over all."""
    return files[:: max(1, len(files) // LOOKED_AT)]


def _shapes(files: Sequence[Path]) -> list[tuple[int, int, int]]:
    found = []
    with strict_and_quiet():
        for file in files:
            try:
                found.append(read_shape(file))
            except UnreadableError:
                continue
    return found


def _classes(listing: Listing) -> int:
    """Folders that are classes: at least two, and no file beside them."""
    names = {listing.class_of(file) for file in listing.files}
    return len(names) if len(names) > 1 and "" not in names else 0

"""Files of a folder: links, folders of programs, and the layouts of training and test splits."""

from __future__ import annotations

import fnmatch
import logging
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganzoo.errors import DataError
from ganzoo.runtime.text import first_items, printable

log = logging.getLogger("ganzoo")

SYSTEM_FOLDERS = {
    *("__macosx", "__pycache__", "@eadir", "#recycle", "#snapshot", "lost+found"),
    *("$recycle.bin", "recycler", "system volume information"),
}
"""Folders, in small letters, that programs keep for themselves; and all that begin with a dot."""
OUTPUTS = {"config.json": b'"ganzoo_format"', "rows.*jsonl": b'"protocol_hash"'}
"""Files of runs, models and benches, and a text in each: their pictures are no data."""
SYSTEM_FILES = {"thumbs.db", "desktop.ini", "icon\r"}
LABEL_FILES = ("dataset.json", "labels.csv")
"""Files that state labels; `ganzoo.data.labels` reads the first of them that exists."""
SPLITS = {
    "train": ("train", "training"),
    "test": ("test", "testing", "val", "valid", "validation"),
}
"""Names of the folders of each split; where there are several, the first is taken."""
_NAMES = [name for names in SPLITS.values() for name in names]
_SIDE = re.compile(f"({'|'.join(_NAMES)})[-_]?([ab])", re.IGNORECASE)
"""One of two kinds of images in one split: trainA, testB."""


@dataclass(frozen=True)
class Listing:
    """Files of one kind in a folder, for one split."""

    home: Path
    """The folder whose folders are the classes."""
    files: tuple[Path, ...]
    others: tuple[Path, ...] = ()
    """Files with other suffixes."""
    passed: tuple[Path, ...] = ()
    """Folders of programs, output of ganzoo, folders without permission, and links to what is found
    already."""
    notes: tuple[str, ...] = ()
    """The split that was taken, in words."""
    sides: bool = False
    """The files lie in trainA and trainB, or the like."""

    def class_of(self, file: Path) -> str:
        """The folder directly below that a file lies in, or an empty string."""
        parts = file.relative_to(self.home).parts
        if len(parts) < 2:
            return ""
        return parts[0][-1].upper() if self.sides else parts[0]

    def remarks(self) -> list[str]:
        """Notes on the files that were used and those that were not."""
        remarks = list(self.notes)
        if counted := count_by_suffix(self.others):
            remarks.append(f"not used: {counted}")
        if self.passed:
            names = [printable(path.relative_to(self.home)) for path in self.passed]
            noun = "folder" if len(names) == 1 else f"{len(names):,} folders,"
            remarks.append(f"passed over: {noun} {first_items(names, separator=', ')}")
        return remarks


def list_files(
    path: Path, suffixes: Collection[str], name: str, noun: str, split: str = "train"
) -> Listing:
    """Files below a folder that have one of some suffixes, sorted, those of one split.

    Args:
        path: the folder.
        suffixes: in small letters.
        name: of the data, for messages.
        noun: what a file is, for messages.
        split: ``train`` or ``test``.

    Raises:
        DataError: no such folder or split, or no such file in it.
    """
    name = printable(name)
    if not path.exists():
        where = "" if name.endswith(printable(path)) else f" {printable(path)}"
        raise DataError(f"data {name}: no such folder{where} (you are in {printable(Path.cwd())})")
    if not path.is_dir():
        raise DataError(f"data {name}: it is a file; give the folder that holds the {noun}s")
    every, passed = scan(path)
    files = [file for file in every if file.suffix.lower() in suffixes]
    others = [
        file
        for file in every
        if file.suffix.lower() not in suffixes and file.name not in LABEL_FILES
    ]
    if not files:
        place = "it" if name.endswith(printable(path)) else printable(path)
        raise DataError(f"data {name}: no {noun} in {place} ({', '.join(sorted(suffixes))})")
    return _of_split(Listing(path, tuple(files), tuple(others), tuple(passed)), name, noun, split)


def split_folder(path: Path, split: str, name: str) -> Path:
    """The folder of a split; a folder without such folders is all training data.

    Raises:
        DataError: no such folder or split.
    """
    if not path.is_dir():
        raise DataError(f"data {name}: no such folder {path} (you are in {Path.cwd()})")
    found = {each.name.lower(): each for each in sorted(path.iterdir()) if each.is_dir()}
    wanted = [found[each] for each in SPLITS[split] if each in found]
    if wanted:
        return wanted[0]
    if split != "train":
        raise DataError(f"data {name}: {path} has no folder {split}, and so no such split")
    return path


def scan(folder: Path) -> tuple[list[Path], list[Path]]:
    """Every file below a folder, sorted, and the folders that are passed over.

    Links to folders are followed, after all that is no link; one that leads back, or to what is
    found already, is passed over, so that this ends and no file counts twice. So are runs that
    were written below the folder: their samples would become data.
    """
    root = os.path.realpath(folder)
    files: list[Path] = []
    links: list[Path] = []
    passed: list[Path] = []
    seen: set[str] = set()
    inside: list[Path] = [folder]
    linked: list[Path] = []
    while inside or linked:
        place = inside.pop() if inside else linked.pop(0)
        real = os.path.realpath(place)
        if real in seen or _is_above(real, root):
            if place.is_symlink():
                passed.append(place)
            continue
        seen.add(real)
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            passed.append(place)
            continue
        if place != folder and _is_output(place, {entry.name for entry in entries}):
            passed.append(place)
            continue
        for entry in entries:
            path = Path(entry.path)
            if os.path.isdir(entry.path):
                system = entry.name.startswith(".") or entry.name.lower() in SYSTEM_FOLDERS
                (passed if system else linked if entry.is_symlink() else inside).append(path)
            elif not entry.name.startswith("._") and entry.name.lower() not in SYSTEM_FILES:
                (links if entry.is_symlink() else files).append(path)
    return sorted(files + _new(links, files)), sorted(passed)


def _is_output(folder: Path, names: Collection[str]) -> bool:
    """True for the folder of a run, a model or a bench."""
    for pattern, text in OUTPUTS.items():
        for name in fnmatch.filter(names, pattern):
            try:
                with (folder / name).open("rb") as file:
                    if text in file.read(2**16):
                        return True
            except OSError:
                continue
    return False


def _is_above(folder: str, other: str) -> bool:
    """True if a folder holds another one, both without links."""
    return folder != other and os.path.commonpath([folder, other]) == folder


def _new(links: Iterable[Path], files: Iterable[Path]) -> list[Path]:
    """Links to files that are not found otherwise, one for each target."""
    links = sorted(links)
    known = {os.path.realpath(file) for file in files} if links else set()
    new = []
    for link in links:
        target = os.path.realpath(link)
        if target not in known or not os.path.exists(target):
            known.add(target)
            new.append(link)
    return new


def _of_split(listing: Listing, name: str, noun: str, split: str) -> Listing:
    """The files of a split, where the folders directly below are splits."""
    tops = {listing.class_of(file) for file in listing.files} - {""}
    splits = {top: top.lower() for top in tops}
    sides = {top: match for top in tops if (match := _SIDE.fullmatch(top))}
    if tops and len(sides) == len(tops):
        splits = {top: match[1].lower() for top, match in sides.items()}
    known = set(splits.values())
    if not tops or known - {*_NAMES} or not (known & {*SPLITS["train"]} or len(known) > 1):
        if split != "train":
            raise DataError(f"data {name}: it has no folders train and test, and so no such split")
        return listing
    wanted = next((each for each in SPLITS[split] if each in known), "")
    chosen = sorted(top for top in tops if splits[top] == wanted)
    if not chosen:
        raise DataError(f"data {name}: it has the splits {', '.join(sorted(tops))}, no {split}")

    def kept(paths: Sequence[Path]) -> tuple[Path, ...]:
        tops_of = ((path, path.relative_to(listing.home).parts[0]) for path in paths)
        return tuple(path for path, top in tops_of if top in chosen)

    files = kept(listing.files)
    notes = [f"{len(files):,} {noun}s of {' and '.join(chosen)} (it has {', '.join(sorted(tops))})"]
    if beside := sum(file.parent == listing.home for file in listing.files):
        notes.append(f"{beside:,} beside these folders not used")
    home = listing.home if sides else listing.home / chosen[0]
    others, passed = kept(listing.others), kept(listing.passed)
    return Listing(home, files, others, passed, tuple(notes), bool(sides))


def count_by_suffix(files: Iterable[Path]) -> str:
    """``90 .heic, 1 .txt``, the most frequent first; hidden files are not counted."""
    counts = Counter(file.suffix.lower() for file in files if not file.name.startswith("."))
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    parts = [f"{count:,} {printable(suffix) or 'without suffix'}" for suffix, count in ordered]
    return first_items(parts, 4, ", ")


def log_notes(name: str, notes: Sequence[str]) -> None:
    """Log all notes on a data set in one warning; none if there are no notes."""
    if notes:
        log.warning("data %s: %s", printable(name), "; ".join(notes))

"""Labels of the files of a folder: from dataset.json, labels.csv, or the folders as classes."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ganzoo.data.folders import LABEL_FILES, Listing
from ganzoo.errors import DataError
from ganzoo.runtime.text import first_items, printable

MOST = 100_000
"""Numbers from here on are taken for names of classes, e.g. of people."""
_NONE = ("", "none", "null")


@dataclass(frozen=True)
class Labels:
    """A class for each file, or the reason why there is none."""

    numbers: tuple[int, ...] = ()
    """Class number of each file; empty without labels."""
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    absent: str = ""
    """Reason why there are no labels."""


def find_labels(
    listing: Listing, files: Sequence[Path], root: Path, train: Listing | None, name: str
) -> Labels:
    """Labels of some files of a listing.

    Args:
        listing: where the files were found.
        files: those that are labeled.
        root: the folder that the user named, which may state the labels of all splits.
        train: files of the training split, if these are of another: its classes are theirs.
        name: of the data, for messages.

    Raises:
        DataError: a class that the training split lacks.
    """
    places = (folder / name for folder in (listing.home, root) for name in LABEL_FILES)
    stated = next((place for place in places if place.is_file()), None)
    return _from_file(stated, files) if stated else _from_folders(listing, files, train, name)


def number(values: Sequence[object]) -> tuple[tuple[int, ...], tuple[str, ...]] | None:
    """Labels as numbers from 0 on, and the names of all classes; None where some are neither whole
    numbers nor text.

    Numbers stay as they are, so that a class has the number that its data set gives it.
    """
    if not values or not all(isinstance(value, int | str) for value in values):
        return None
    texts = [str(value).strip() for value in values]
    if all(re.fullmatch(r"\d{1,9}", text) for text in texts):
        whole = tuple(map(int, texts))
        if max(whole) < MOST:
            return whole, tuple(map(str, range(max(whole) + 1)))
    if any(text.lower() in _NONE for text in texts) or -1 in values:
        return None
    classes = tuple(sorted(set(texts)))
    numbers = {name: at for at, name in enumerate(classes)}
    return tuple(numbers[text] for text in texts), classes


def _from_file(path: Path, files: Sequence[Path]) -> Labels:
    try:
        stated = _read_json(path) if path.suffix == ".json" else _read_csv(path)
    except (OSError, ValueError, TypeError, KeyError, csv.Error) as error:
        text = printable(" ".join(str(error).split()))[:80]
        return _none(f"{path.name} states labels that cannot be read ({text})")
    if not stated:
        return Labels(
            notes=(f"no labels, as {path.name} says",), absent=f"{path.name} states no labels"
        )
    names = [file.relative_to(path.parent).as_posix() for file in files]
    missing = [name for name in names if name not in stated]
    if missing:
        lacking = first_items(map(printable, missing), separator=", ")
        return _none(f"{path.name} states none for {len(missing):,} files, {lacking}")
    numbered = number(list(stated.values()))
    if numbered is None:
        return _none(f"those of {path.name} are neither whole numbers nor text")
    of_name = dict(zip(stated, numbered[0], strict=True))
    note = f"{len(numbered[1]):,} classes by {path.name}"
    return Labels(tuple(of_name[name] for name in names), numbered[1], (note,))


def _read_json(path: Path) -> Mapping[str, object]:
    """The form that NVIDIA's tools write: ``{"labels": [[file, label], ...]}``, or null."""
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    labels = content.get("labels") or {}
    pairs = labels.items() if isinstance(labels, dict) else labels
    return {str(name).replace("\\", "/"): label for name, label in pairs}


def _read_csv(path: Path) -> Mapping[str, object]:
    """A table whose first line names the columns ``file`` and ``label``."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        columns = {str(name).strip().lower(): name for name in rows.fieldnames or ()}
        if not {"file", "label"} <= {*columns}:
            raise ValueError("its first line is not file,label")
        return {
            str(row[columns["file"]]).strip().replace("\\", "/"): row[columns["label"]]
            for row in rows
        }


def _from_folders(
    listing: Listing, files: Sequence[Path], train: Listing | None, name: str
) -> Labels:
    """Each folder directly below is a class, if every file lies in one and there are several."""
    if not files:
        return Labels()
    places = [listing.class_of(file) for file in files]
    names = sorted({*places} if train is None else set(map(train.class_of, train.files)))
    if loose := [file for file, place in zip(files, places, strict=True) if not place]:
        beside = f"{printable(loose[0].name)} lies in no folder of a class"
        if len({*places, *names}) < 3:
            return Labels(absent=beside)
        more = f" (and {len(loose) - 1:,} more)" if len(loose) > 1 else ""
        return _none(f"{beside}{more}")
    if len(names) < 2:
        return Labels(absent=f"there is one folder of a class, {printable(*names)}")
    if _are_shards(train or listing):
        shown = first_items(names, separator=", ")
        return _none(f"the numbered folders {shown} are taken for parts, not classes")
    if strange := sorted({*places} - {*names}):
        raise DataError(
            f"data {name}: the class {printable(strange[0])} is in test, but not in train"
        )
    numbers = {each: at for at, each in enumerate(names)}
    return Labels(tuple(map(numbers.__getitem__, places)), tuple(names), tuple(_order_note(names)))


def _none(reason: str) -> Labels:
    return Labels(notes=(f"no labels: {reason}",), absent=reason)


def _are_shards(listing: Listing) -> bool:
    """True for folders numbered 00000, 00001, ... that were filled one after the other.

    They have equal numbers of files, but for the last one. Folders of classes that are numbered in
    this way, such as those of people, differ in that.
    """
    counts = Counter(listing.class_of(file) for file in listing.files)
    names = sorted(counts)
    if names[0].strip("0") or not all(re.fullmatch(r"\d{5,}", name) for name in names):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(names)}
    full = {counts[name] for name in names[:-1]}
    return len(steps) == 1 and len(full) == 1 and counts[names[-1]] <= min(full)


def _order_note(names: Sequence[str]) -> Iterable[str]:
    """Numbers as names are in the order of text: 0, 1, 10, 11, 2."""
    if all(re.fullmatch(r"\d+", name) for name in names):
        moved = [(at, name) for at, name in enumerate(names) if at != int(name)]
        if moved and sorted(names, key=int) != list(names):
            yield f"classes are in the order of text: label {moved[0][0]} is class {moved[0][1]}"

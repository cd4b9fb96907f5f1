"""Tables of the Hugging Face Hub as data sets, by the library datasets."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ganzoo.data.dataset import Dataset
from ganzoo.data.folders import log_notes
from ganzoo.data.images.bit_depth import FULL, ValueRange, range_note, used_range
from ganzoo.data.images.decode import Picture, read, read_stream, scaled, strict_and_quiet
from ganzoo.data.images.faults import UnreadableError
from ganzoo.data.images.image_changes import conversion_notes, picture_shape
from ganzoo.data.images.image_folder import dark_note
from ganzoo.data.labels import number
from ganzoo.data.row_storage import allocate_rows
from ganzoo.errors import DataError
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.text import first_items, first_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABELS = ("label", "labels", "class", "class_label", "category", "target", "fine_label")
"""Columns that are labels even if their type does not say so."""


def load_hub_table(
    name: str, shape: tuple[int, ...], split: str, values: ValueRange | None = None
) -> Dataset:
    """A data set of the Hugging Face Hub: its first column of images, and its labels.

    Labels are the first column of class labels; else numbers or text in a column of `LABELS`.
    A row whose image cannot be read is left out and named, as a file is. ``values`` are black and
    white; left out, found in the 16-bit images.

    Raises:
        DataError: the library is missing, or there is no such data set or no readable image in it.
    """
    try:
        import datasets
    except ImportError:
        raise DataError(
            f"data hf:{name} needs the datasets library: pip install 'ganzoo-core[datasets]'"
        ) from None
    try:
        table = datasets.load_dataset(str(user_path(name)), split=split)
    except Exception as error:
        raise DataError(
            f"data hf:{name}, split {split}, cannot be loaded: {first_line(error)}"
        ) from error
    features = table.features
    images = [key for key, kind in features.items() if isinstance(kind, datasets.Image)]
    if not images:
        raise DataError(f"data hf:{name} has no column of images: it has {', '.join(features)}")
    if not len(table):
        raise DataError(f"data hf:{name}: there is nothing in it")
    table = table.cast_column(images[0], datasets.Image(decode=False))
    rows, good, notes = _read_rows(f"hf:{name}", table, images[0], shape, values)
    named = [key for key, kind in features.items() if isinstance(kind, datasets.ClassLabel)]
    label = next(iter([*named, *(key for key in features if key.lower() in LABELS)]), None)
    columns, absent = {"real": rows}, ""
    classes: tuple[str, ...] = ()
    if label is None:
        others = [key for key in features if key != images[0]]
        absent = f"no column of class labels, or called {LABELS[0]}, among {', '.join(others)}"
        absent = absent if others else "it has no column but that of images"
    else:
        labels = list(table[label])
        numbered = number([labels[index] for index in good])
        if numbered is None:
            absent = f"column {label} lacks a whole number or text in some rows"
            notes = [*notes, f"no labels: {absent}"]
        else:
            columns["label"] = torch.tensor(numbered[0])
            classes = tuple(features[label].names) if label in named else numbered[1]
    log_notes(f"hf:{name}", notes)
    return Dataset(f"hf:{name}", columns, classes, unlabeled=absent)


def _read_rows(
    name: str, table: Any, column: str, shape: tuple[int, ...], values: ValueRange | None
) -> tuple[torch.Tensor, list[int], list[str]]:
    """The readable images of a column; which rows they are; what is said of the others."""
    images: NDArray[Any] = allocate_rows(name, len(table), shape)
    highest: dict[int, int] = {}
    reasons: dict[int, str] = {}
    shapes: list[tuple[int, ...]] = []
    with strict_and_quiet():
        for index in range(len(table)):
            try:
                picture = _decode(table[index][column], values or FULL)
            except UnreadableError as error:
                reasons[index] = str(error)
                continue
            if picture.highest:
                highest[index] = picture.highest
            images[index] = scaled(picture.image, shape)
            shapes.append(picture_shape(picture.image))
        found = values or used_range(highest.values())
        for index in highest if values is None and found != FULL else ():
            images[index] = scaled(_decode(table[index][column], found).image, shape)
    good = [index for index in range(len(table)) if index not in reasons]
    notes = [note] if (note := range_note(found)) else []
    bad = [f"row {index}: {reason}" for index, reason in reasons.items()]
    if not good:
        raise DataError(f"data {name}: none of {len(table)} rows is readable; {first_items(bad)}")
    if bad:
        notes.append(f"{len(bad)} of {len(table)} rows left out; {first_items(bad)}")
    notes += conversion_notes(shapes, shape)
    for place, index in enumerate(good):
        if place < index:
            images[place] = images[index]
    notes += dark_note(int(images[: len(good)].max(initial=0)))
    return torch.from_numpy(images[: len(good)]), good, notes


def _decode(cell: Mapping[str, Any] | None, values: ValueRange = FULL) -> Picture:
    """An image as the library stores it: bytes, or the path of a file."""
    if cell and cell.get("bytes"):
        return read_stream(io.BytesIO(cell["bytes"]), len(cell["bytes"]), values)
    if cell and cell.get("path"):
        return read(Path(cell["path"]), values)
    raise UnreadableError("not an image", "an empty cell")

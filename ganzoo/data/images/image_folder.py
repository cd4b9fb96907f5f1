"""Image folders: their files, and the rows of all that can be read."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ganzoo.data.archives import unpacked
from ganzoo.data.dataset import Dataset
from ganzoo.data.folders import Listing, list_files, log_notes
from ganzoo.data.images.bit_depth import (
    ValueRange,
    may_be_deep,
    range_note,
    split_range,
    used_range,
)
from ganzoo.data.images.decode import read, read_shape, scaled, strict_and_quiet
from ganzoo.data.images.faults import UnreadableError
from ganzoo.data.images.image_changes import conversion_notes, picture_shape
from ganzoo.data.labels import find_labels
from ganzoo.data.parallel import in_parallel
from ganzoo.data.row_storage import allocate_rows
from ganzoo.errors import DataError
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.text import first_items, printable

SUFFIXES = {
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".webp", ".bmp", ".tif", ".tiff"),
    *(".gif", ".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".jp2", ".j2k"),
}
LOSSY = {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".webp", ".avif", ".jp2", ".j2k"}
"""Suffixes of images that were coded with loss."""
DARK = 63
"""Largest value, of 255, in a set that is called nearly black."""


def load_image_folder(
    path: Path, shape: tuple[int, ...], split: str, values: ValueRange | None = None
) -> Dataset:
    """Every readable image below a folder; one line says what was not used.

    Args:
        path: the folder, or a ZIP archive of it.
        shape: (C, H, W) of a row.
        split: ``train`` or ``test``.
        values: black and white, if they are stated.

    Raises:
        DataError: no such folder, no image in it, none that can be read, more than memory and disk
            hold, or no such split.
    """
    name = f"folder:{path}"
    path = unpacked(path)
    listing = list_images(path, name, split)
    train = list_images(path, name) if split != "train" else None
    images, good, notes, original = read_all(listing.files, shape, name, values)
    files = [listing.files[index] for index in good]
    labels = find_labels(listing, files, path, train, name)
    log_notes(name, [*listing.remarks(), *labels.notes, *notes])
    columns = {"real": images}
    if labels.numbers:
        columns["label"] = torch.tensor(labels.numbers)
    lossy = are_lossy(listing.files)
    return Dataset(name, columns, labels.classes, lossy, unlabeled=labels.absent, original=original)


def list_images(path: Path, name: str, split: str = "train") -> Listing:
    """The images below a folder; see `ganzoo.data.folders.list_files`."""
    return list_files(path, SUFFIXES, name, "image", split)


def folder_shape(path: str | Path) -> tuple[int, int, int]:
    """(C, H, W) of most images in a folder, by their headers; those that deviate are named.

    Raises:
        DataError: no such folder, or no image in it that can be read.
    """
    path = user_path(split_range(str(path))[0])
    name = f"folder:{path}"
    files = list_images(unpacked(path), name).files

    def shape_of(file: Path) -> tuple[int, int, int] | None:
        try:
            return read_shape(file)
        except UnreadableError:
            return None

    with strict_and_quiet():
        shapes = in_parallel(shape_of, files, "reading headers")
    counts = Counter(shape for shape in shapes if shape)
    if not counts:
        raise DataError(f"data {name}: no image in it can be read")
    # of colors and sizes alone: gray files may have as many sizes as there are files
    channels = max((3, 1), key=lambda c: sum(n for shape, n in counts.items() if shape[0] == c))
    sizes: Counter[tuple[int, int]] = Counter()
    for (_, height, width), count in counts.items():
        sizes[height, width] += count
    (height, width), _ = max(sizes.items(), key=lambda each: (each[1], each[0]))
    chosen = (channels, height, width)
    pairs = [(file, shape) for file, shape in zip(files, shapes, strict=True) if shape]
    if odd := [
        f"{printable(file.name)} {_times(shape)}" for file, shape in pairs if shape != chosen
    ]:
        rest = first_items(odd, separator=", ")
        log_notes(
            name, [f"taken as {_times(chosen)}; {len(odd):,} of {len(pairs):,} deviate: {rest}"]
        )
    return chosen


def scored_shape(folder: str | Path, against: str) -> tuple[int, int, int]:
    """(C, H, W) in which a folder is scored against data: its own; other folders are scaled."""
    chosen = folder_shape(folder)
    kind, _, place = split_range(against)[0].partition(":")
    if kind == "folder" and (other := folder_shape(place)) != chosen:
        log_notes(against, [f"scored as {_times(chosen)}, not as {_times(other)}"])
    return chosen


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


class Images(NamedTuple):
    """The readable images of a set."""

    rows: torch.Tensor
    """uint8, (N, H, W, C)."""
    good: list[int]
    """Indices of the files that they are."""
    notes: list[str]
    """Notes on their conversion, and on the other files."""
    original: tuple[int, ...]
    """(C, H, W) of most of them before they were scaled."""


def read_all(
    files: Sequence[Path],
    shape: tuple[int, ...],
    name: str,
    values: ValueRange | None = None,
    allocate: Callable[[str, int, tuple[int, ...]], NDArray[np.uint8]] = allocate_rows,
) -> Images:
    """Read the images of a set.

    Args:
        files: the set: images of 16 bits share a range.
        shape: (C, H, W) of a row.
        name: of the data, for messages.
        values: black and white; left out, found in the 16-bit images of the set.
        allocate: gives memory for the rows.

    Raises:
        DataError: none of the files is readable, or there is no room for them.
    """
    rows = allocate(name, len(files), shape)
    values = values or find_range(files)
    shapes: list[tuple[int, ...]] = [()] * len(files)

    def read_row(index: int) -> str:
        """The reason why there is none, or an empty string."""
        try:
            image = read(files[index], values).image
            shapes[index] = picture_shape(image)
            rows[index] = scaled(image, shape)
        except UnreadableError as error:
            return str(error)
        return ""

    with strict_and_quiet():
        reasons = in_parallel(read_row, range(len(files)), "reading images")
    good = [index for index, reason in enumerate(reasons) if not reason]
    for place, index in enumerate(good):
        if place < index:
            rows[place] = rows[index]
    notes = [note] if (note := range_note(values)) else []
    notes += _left_out(files, reasons, name)
    notes += dark_note(int(rows[: len(good)].max(initial=0)))
    notes += conversion_notes([shapes[index] for index in good], shape)
    original = Counter(shapes[index] for index in good).most_common(1)[0][0]
    return Images(torch.from_numpy(rows[: len(good)]), good, notes, original)


def find_range(files: Sequence[Path]) -> ValueRange:
    """Black and white of the 16-bit files of a set: the bits that they use."""
    deep = [file for file in files if may_be_deep(file)]

    def highest(file: Path) -> int:
        try:
            return read(file).highest
        except UnreadableError:
            return 0

    with strict_and_quiet():
        return used_range(in_parallel(highest, deep, "reading values of 16 bits"))


def dark_note(highest: int) -> list[str]:
    """A note on a set that is nearly black, by its largest value; none if it is not."""
    if highest > DARK:
        return []
    hint = f"; if {highest} is white, say --range 0,{highest}" if highest else ""
    return [f"nearly black: no value is above {highest} of 255{hint}"]


def _left_out(files: Sequence[Path], reasons: Sequence[str], name: str) -> list[str]:
    """All files that are left out, in one note; none if there are none.

    Raises:
        DataError: all files are left out.
    """
    bad = [
        f"{printable(file.name)}: {reason}"
        for file, reason in zip(files, reasons, strict=True)
        if reason
    ]
    if not bad:
        return []
    text = first_items(bad)
    if len(bad) > 3:
        command = f"ganzoo data check {shlex.quote(name.partition(':')[2])}"
        text += f"; `{printable(command)}` names the rest"
    if len(bad) == len(files):
        raise DataError(f"data {name}: none of {len(files)} files is readable; {text}")
    return [f"{len(bad)} of {len(files)} files left out; {text}"]


def are_lossy(files: Sequence[Path]) -> bool:
    """True if any file was coded with loss, by its suffix."""
    return any(file.suffix.lower() in LOSSY for file in files)

"""Images to translate: pairs of a source and its translation, or two kinds without any pairs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ganzoo.data.dataset import Dataset
from ganzoo.data.folders import SPLITS, Listing, log_notes, split_folder
from ganzoo.data.images.bit_depth import ValueRange
from ganzoo.data.images.decode import read_shape, strict_and_quiet
from ganzoo.data.images.faults import UnreadableError
from ganzoo.data.images.image_folder import Images, are_lossy, list_images, read_all
from ganzoo.data.parallel import in_parallel
from ganzoo.errors import DataError, UsageError
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.text import first_items, printable

SIDES = (("source", "real"), ("A", "B"), ("a", "b"))
"""Names of the two folders of pairs."""
TOLERANCE = 0.05
"""Part by which the shape of two images side by side may deviate from what the model needs."""


def load_pairs(
    path: Path, shape: tuple[int, ...], split: str, values: ValueRange | None = None
) -> Dataset:
    """Pairs of ``source`` and ``real``, which it is to be translated into.

    Args:
        path: a folder with the folders ``source`` and ``real`` (or ``A`` and ``B``), whose files
            have the same names but for the suffix; or a folder of images whose left half is the
            source and whose right half is the translation. Splits are folders around or within
            these (``train/A``, ``A/train``, ``trainA``).
        shape: (C, H, W) of both.
        split: ``train`` or ``test``.
        values: black and white, if they are stated.

    Raises:
        DataError: no such folder or split, or no pair in it.
    """
    name = f"pairs:{path}"
    sides = two_sides(path, split, name)
    return (
        _from_halves(name, path, shape, split, values)
        if sides is None
        else _from_sides(name, sides, shape, values)
    )


def load_unpaired(
    paths: str, shape: tuple[int, ...], split: str, values: ValueRange | None = None
) -> Dataset:
    """Two folders of images of two kinds: ``A,B`` is translated from A to B.

    Args:
        paths: the two folders, parted by a comma; one whose name has a comma may stand in double
            quotes. One folder that holds ``A`` and ``B``, or ``trainA`` and ``trainB``, will do.
        shape: (C, H, W) of both.
        split: ``train`` or ``test``.
        values: black and white, if they are stated.

    Raises:
        UsageError: not two folders.
        DataError: no such folder or split, or no readable image in it.
    """
    name = f"unpaired:{paths}"
    folders = [user_path(part) for part in split_paths(paths)]
    sides: list[Listing] | None = None
    if len(folders) == 2:
        sides = [list_images(folder, name, split) for folder in folders]
    elif len(folders) == 1 and folders[0].is_dir():
        sides = two_sides(folders[0], split, name)
    if sides is None:
        raise UsageError(
            f"data {name}: two folders are needed, write unpaired:A,B;"
            ' a name with a comma in it is written in quotes: unpaired:"A","B"'
        )
    source, real = (read_all(side.files, shape, name, values) for side in sides)
    log_notes(name, [*_notes(sides), *_of_both(source, real)])
    columns = {"real": real.rows, "source": source.rows}
    lossy = any(are_lossy(side.files) for side in sides)
    return Dataset(name, columns, lossy=lossy, unpaired=("source",), original=real.original)


def split_paths(text: str) -> list[str]:
    """Paths parted by commas. The one comma that has a folder on both sides is meant, if there is
    just one; else those outside of double quotes."""
    if '"' not in text:
        commas = [place for place, sign in enumerate(text) if sign == ","]
        both = [(text[:place], text[place + 1 :]) for place in commas]
        exist = [pair for pair in both if all(p and user_path(p).is_dir() for p in pair)]
        if len(exist) == 1:
            return [*exist[0]]
    return [part for part in next(csv.reader([text], skipinitialspace=True), []) if part]


def two_sides(path: Path, split: str, name: str) -> list[Listing] | None:
    """The images of both sides; None if there are no two folders."""
    if not path.is_dir():
        raise DataError(f"data {name}: no such folder {path} (you are in {Path.cwd()})")
    if sides := _side_folders(path):
        return [list_images(side, name, split) for side in sides]
    found = {each.name.lower(): each for each in sorted(path.iterdir()) if each.is_dir()}
    for word in SPLITS[split]:
        if {f"{word}a", f"{word}b"} <= {*found}:
            return [list_images(found[f"{word}{side}"], name) for side in "ab"]
    sides = _side_folders(split_folder(path, split, name))
    return [list_images(side, name) for side in sides] if sides else None


def _side_folders(path: Path) -> list[Path]:
    """The two folders of pairs in a folder; empty if there are none."""
    both = ([path / side for side in sides] for sides in SIDES)
    return next((sides for sides in both if all(side.is_dir() for side in sides)), [])


def _from_sides(
    name: str, sides: Sequence[Listing], shape: tuple[int, ...], values: ValueRange | None
) -> Dataset:
    """Files of the same names in two folders."""
    sources, reals = ({_stem(side, file): file for file in side.files} for side in sides)
    shared = sorted(sources.keys() & reals.keys())
    folders = [side.home.name for side in sides]
    if not shared:
        raise DataError(
            f"data {name}: no file in {folders[0]} is called as one in {folders[1]}, but for the"
            f" suffix: {len(sources)} and {len(reals)} images such as {min(sources)}, {min(reals)}"
        )
    files = [[named[stem] for stem in shared] for named in (sources, reals)]
    one, other = (read_all(each, shape, name, values) for each in files)
    both = sorted({*one.good} & {*other.good})
    if not both:
        raise DataError(f"data {name}: of no pair both images are readable")
    alone = _alone(sides, sources.keys() ^ reals.keys())
    log_notes(name, [*_notes(sides), *alone, *_of_both(one, other)])
    columns = {
        "real": other.rows[[other.good.index(place) for place in both]],
        "source": one.rows[[one.good.index(place) for place in both]],
    }
    return Dataset(name, columns, lossy=are_lossy(files[1]), original=other.original)


def _of_both(source: Images, real: Images) -> list[str]:
    """Notes on the images of both sides, each once."""
    return [*dict.fromkeys([*source.notes, *real.notes])]


def _stem(side: Listing, file: Path) -> str:
    """The path of a file below its folder, without the suffix."""
    return file.relative_to(side.home).with_suffix("").as_posix()


def _alone(sides: Sequence[Listing], stems: set[str]) -> list[str]:
    """Files without a partner, in words."""
    notes = []
    for side in sides:
        alone = [printable(file.name) for file in side.files if _stem(side, file) in stems]
        if alone:
            text = first_items(alone, separator=", ")
            notes.append(f"{len(alone):,} in {side.home.name} have no partner, not used: {text}")
    return notes


def _notes(sides: Sequence[Listing]) -> list[str]:
    """Notes on unused files of both sides, each once."""
    return [*dict.fromkeys(note for side in sides for note in side.remarks())]


def _from_halves(
    name: str, path: Path, shape: tuple[int, ...], split: str, values: ValueRange | None
) -> Dataset:
    """Images whose left half is the source; each file is judged for itself."""
    channels, height, width = shape
    listing = list_images(path, name, split)

    def fault(file: Path) -> str:
        """The reason why a file is no two images side by side; empty if it is, or is unreadable."""
        try:
            _, high, wide = read_shape(file)
        except UnreadableError:
            return ""
        fits = abs(wide * height / (high * 2 * width) - 1) <= TOLERANCE
        return "" if fits else f"{printable(file.name)} is {wide} x {high}"

    with strict_and_quiet():
        faults = in_parallel(fault, listing.files, "reading headers")
    odd = [reason for reason in faults if reason]
    files = [file for file, reason in zip(listing.files, faults, strict=True) if not reason]
    wanted = f"no two of {width} x {height} side by side"
    if not files:
        raise DataError(
            f"data {name}: no folders source and real (or A and B) in it, and its images are"
            f" {wanted}; {first_items(odd)}"
        )
    images = read_all(files, (channels, height, 2 * width), name, values)
    left = [f"{len(odd):,} left out, {wanted}: {first_items(odd, separator=', ')}"] if odd else []
    log_notes(name, [*listing.remarks(), *left, *images.notes])
    source, real = images.rows[:, :, :width], images.rows[:, :, width:]
    columns = {"real": real.contiguous(), "source": source.contiguous()}
    channels, height, width = images.original
    original = (channels, height, width // 2)
    return Dataset(name, columns, lossy=are_lossy(files), original=original)

"""Images to translate: pairs of a source and its translation, or two kinds without any pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganzoo.data.dataset import Dataset
from ganzoo.data.images.image_folder import LOSSY, find_images, read_all, shape_of
from ganzoo.errors import DataError, UsageError

SIDES = (("source", "real"), ("A", "B"))
"""What the two folders of pairs may be called."""


def load_pairs(path: Path, shape: tuple[int, ...], split: str) -> Dataset:
    """Pairs of ``source`` and ``real``, which it is to be translated into.

    Args:
        path: a folder with the folders ``source`` and ``real`` (or ``A`` and ``B``), whose files
            have the same names but for the suffix; or a folder of images whose left half is the
            source and whose right half is the translation. Either may lie in ``train`` and
            ``test`` folders.
        shape: (C, H, W) of both.
        split: ``train`` or ``test``.

    Raises:
        DataError: no such folder or split, or no pair in it.
    """
    name = f"pairs:{path}"
    home = _of_split(path, split, name)
    for sides in SIDES:
        if all((home / side).is_dir() for side in sides):
            source, real = (home / side for side in sides)
            return _from_two_folders(name, source, real, shape)
    return _from_halves(name, home, shape)


def load_unpaired(paths: str, shape: tuple[int, ...], split: str) -> Dataset:
    """Two folders of images of two kinds: ``A,B`` is translated from A to B.

    Raises:
        UsageError: not two folders.
        DataError: no such folder or split, or no readable image in it.
    """
    name = f"unpaired:{paths}"
    folders = [Path(part) for part in paths.split(",") if part]
    if len(folders) != 2:
        raise UsageError(f"data {name}: two folders are needed, write unpaired:A,B")
    found = [find_images(_of_split(folder, split, name))[0] for folder in folders]
    source, real = (read_all(files, shape, name)[0] for files in found)
    columns = {"real": real, "source": source}
    lossy = any(_lossy(files) for files in found)
    return Dataset(name, columns, lossy=lossy, unpaired=("source",))


def _of_split(path: Path, split: str, name: str) -> Path:
    """The folder of a split; a folder without such folders is all training data."""
    if not path.is_dir():
        raise DataError(f"data {name}: no such folder {path} (you are in {Path.cwd()})")
    if (path / split).is_dir():
        return path / split
    if split != "train":
        raise DataError(f"data {name}: {path} has no folder {split}, and so no such split")
    return path


def _from_two_folders(name: str, source: Path, real: Path, shape: tuple[int, ...]) -> Dataset:
    sources, reals = (_by_stem(folder) for folder in (source, real))
    shared = sorted(sources.keys() & reals.keys())
    if not shared:
        raise DataError(
            f"data {name}: no file in {source.name} is called as one in {real.name}, but for the"
            f" suffix ({len(sources)} and {len(reals)} images)"
        )
    sides = [[files[stem] for stem in shared] for files in (sources, reals)]
    (one, good_one), (other, good_other) = (read_all(files, shape, name) for files in sides)
    both = sorted({*good_one} & {*good_other})
    if not both:
        raise DataError(f"data {name}: of no pair both images are readable")
    columns = {
        "real": other[[good_other.index(place) for place in both]],
        "source": one[[good_one.index(place) for place in both]],
    }
    return Dataset(name, columns, lossy=_lossy(sides[1]))


def _by_stem(folder: Path) -> dict[str, Path]:
    """Images by their path below a folder, without the suffix."""
    return {str(file.relative_to(folder).with_suffix("")): file for file in find_images(folder)[0]}


def _from_halves(name: str, home: Path, shape: tuple[int, ...]) -> Dataset:
    channels, height, width = shape
    _, high, wide = shape_of(home)
    if abs(wide * height / (high * 2 * width) - 1) > 0.05:
        raise DataError(
            f"data {name}: no folders source and real (or A and B) in it, and its images, {wide} x"
            f" {high}, are no two of {width} x {height} side by side"
        )
    files, _ = find_images(home)
    rows, _ = read_all(files, (channels, height, 2 * width), name)
    columns = {"real": rows[:, :, width:].contiguous(), "source": rows[:, :, :width].contiguous()}
    return Dataset(name, columns, lossy=_lossy(files))


def _lossy(files: Sequence[Path]) -> bool:
    return any(file.suffix.lower() in LOSSY for file in files)

"""Inputs that a user gives a model: images to translate or to repair, recordings, masks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganzoo.data import load_for_model
from ganzoo.data.audio import SUFFIXES as RECORDINGS
from ganzoo.data.dataset import as_float
from ganzoo.data.folders import list_files, log_notes
from ganzoo.data.images.decode import read, strict_and_quiet
from ganzoo.data.images.faults import UnreadableError
from ganzoo.data.images.image_folder import list_images, read_all
from ganzoo.errors import ConfigError, DataError, UsageError
from ganzoo.gan import GAN
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.text import counted, first_items
from ganzoo.spec import SampleSpec

ARRAYS = {".npy", ".npz"}
"""Suffixes of sources that are arrays; models of waveforms take them."""


MASK = re.compile(r"_mask\d*$")
"""End of the name of a mask that lies beside its image, as common evaluation sets name it."""


class Sources(NamedTuple):
    """Sources of translations."""

    rows: Tensor
    """Float images, (n, C, H, W), in [-1, 1]."""
    names: list[str]
    """Names of the translations without suffix; empty for rows of data."""
    original: tuple[int, ...] = ()
    """(C, H, W) of most images before they were scaled; empty if it is not known."""
    files: SourceFiles | None = None
    """The files that were read; None for rows of data."""


@dataclass(frozen=True)
class SourceFiles:
    """Files to translate: images, or recordings and arrays for a model of waveforms."""

    files: tuple[Path, ...]
    names: tuple[str, ...]
    """Name of each translation, without suffix."""
    title: str
    """Name for messages."""
    notes: tuple[str, ...] = ()
    """Notes on the files of a folder that are not used."""


def source_shape(gan: GAN) -> tuple[int | None, ...]:
    """Shape of a source: as the model declares it, else that of a sample.

    Raises:
        UsageError: the model takes no source.
    """
    for each in gan.inputs:
        if each.name == "source":
            return each.shape or gan.sample_spec.shape
    raise UsageError("--source: this model makes its samples from nothing but random numbers")


def source_files(gan: GAN, what: str, n: int | None) -> SourceFiles | None:
    """Files that the user names as sources; None for data.

    Args:
        gan: the model.
        what: a file, a folder of files, or data as `ganzoo train --data` takes it.
        n: how many; left out, all.

    Raises:
        UsageError: the model takes no source, there are fewer files, or no file is named.
        DataError: no such file, or no such files in a folder.
    """
    free = None in source_shape(gan)
    if not what.strip():
        raise UsageError("--source is empty: give a file, a folder, or data as for --data")
    path = user_path(re.sub("^(folder|audio):", "", what) if free else what)
    if not path.exists():
        if ":" not in what and (path.suffix or what[0] in "./~"):  # no name of data
            raise DataError(f"--source {what}: no such file or folder (you are in {Path.cwd()})")
        return None
    files: tuple[Path, ...] = (path,)
    title, notes = str(path), list[str]()
    if path.is_dir():
        title = f"folder:{path}"
        if gan.sample_spec.kind == "waveforms":
            listing = list_files(path, RECORDINGS | ARRAYS, title, "recording")
        else:
            listing = list_images(path, title)
        files, notes = listing.files, listing.remarks()
        if "mask" in {each.name for each in gan.inputs}:
            files, masks = _without_masks(files)
            notes += [f"{len(masks):,} masks left out: {first_items(masks)}"] if masks else []
    if n is not None and n > len(files):
        found = counted(len(files), gan.sample_spec.kind.removesuffix("s"))
        raise UsageError(f"-n {n}: {path} has {found}")
    return SourceFiles(files[:n], tuple(_names(files[:n], path)), title, tuple(notes))


def _without_masks(files: Sequence[Path]) -> tuple[tuple[Path, ...], list[str]]:
    """Files without the masks that lie beside their images, and the names of these masks."""
    images = {file.parent / file.stem for file in files}
    masks = {
        file
        for file in files
        if (stem := _masked(file)) != file.stem and file.parent / stem in images
    }
    return tuple(file for file in files if file not in masks), sorted(file.name for file in masks)


def _masked(file: Path) -> str:
    """Stem of the image that ``NAME_mask.png`` or ``NAME_mask001.png`` is a mask of."""
    return MASK.sub("", file.stem)


def sources(gan: GAN, what: str, n: int | None, seed: int) -> Sources:
    """Sources of one size, as the user names them, and names for the translations.

    Args:
        gan: the model.
        what: as for `source_files`.
        n: how many; left out, all images of a path, 64 rows of data.
        seed: of the rows of data.

    Raises:
        UsageError: the model takes no source, or there are fewer images.
        DataError: no image can be read.
    """
    found = source_files(gan, what, n)
    if found is None:
        data = load_for_model(gan, what)
        key = "source" if "source" in data.columns else "real"
        rows = data.columns[key][data.condition_rows(n or 64, seed, key)]
        return Sources(as_float(rows), [], data.original)
    shape = SampleSpec(source_shape(gan)).fixed_shape
    images = read_all(found.files, shape, found.title)
    log_notes(found.title, [*found.notes, *images.notes])
    names = [found.names[index] for index in images.good]
    good = tuple(found.files[index] for index in images.good)
    files = SourceFiles(good, tuple(names), found.title)
    return Sources(as_float(images.rows), names, images.original, files)


def numbers(texts: Sequence[str]) -> dict[str, float | int | Tensor]:
    """Further inputs as they are typed, ``NAME=VALUE``.

    Args:
        texts: the value is a number, or a ``.npy`` file with a row for each sample.

    Raises:
        UsageError: no number and no file.
    """
    given: dict[str, float | int | Tensor] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            if not (name and equals):
                raise ValueError
            if value.endswith(".npy"):
                given[name] = torch.from_numpy(np.load(user_path(value), allow_pickle=False))
            else:
                given[name] = int(value) if value.lstrip("-").isdigit() else float(value)
        except OSError as error:
            raise UsageError(f"--input {text}: {error.strerror or error}") from None
        except ValueError:
            raise UsageError(
                f"--input {text}: write NAME=NUMBER or NAME=FILE.npy, e.g. --input tile=256"
            ) from None
    return given


def _names(files: Sequence[Path], folder: Path) -> list[str]:
    """Names of files without their suffixes; with their folders where two have the same name."""
    stems = Counter(file.stem for file in files)
    return [
        file.stem if stems[file.stem] == 1 else "-".join(file.relative_to(folder).parts)
        for file in files
    ]


def mask_files(folder: Path, sources: SourceFiles) -> list[Path]:
    """The mask of each source: the image of its name in a folder, or with ``_mask`` after it.

    The folder may be that of the sources. Of several masks, the first is taken.

    Raises:
        UsageError: sources without a mask.
        DataError: no images in the folder.
    """
    folder = user_path(folder)
    own = {file.resolve() for file in sources.files}
    listed = list_images(folder, f"--mask {folder}").files
    found = [file for file in listed if file.resolve() not in own]
    by_source = {_masked(file): file for file in reversed(found)}
    by_name = {**by_source, **{file.stem: file for file in found}}
    masks = [by_name.get(file.stem) for file in sources.files]
    pairs = list(zip(sources.files, masks, strict=True))
    if missing := [file.name for file, given in pairs if given is None]:
        raise UsageError(
            f"--mask {folder}: no mask for {len(missing):,} of {len(pairs):,} sources,"
            f" {first_items(missing, 3, ', ')}: give each the name of its source,"
            f" {folder / missing[0]}"
        )
    return [given for given in masks if given is not None]


def read_mask(path: Path, size: tuple[int | None, int | None]) -> Tensor:
    """A mask, (1, H, W): 1 where an image is white, else 0.

    Args:
        path: the image.
        size: height and width, to which it is scaled; None: its own.

    Raises:
        UnreadableError: the image cannot be read.
    """
    with strict_and_quiet():
        image = read(path).image.convert("L")
    height, width = size[0] or image.height, size[1] or image.width
    image = image.resize((width, height), Image.Resampling.NEAREST)
    return torch.from_numpy(np.asarray(image) >= 128).float()[None]


def mask(
    gan: GAN,
    path: Path,
    n: int,
    sources: SourceFiles | None = None,
    size: tuple[int | None, int | None] | None = None,
) -> Tensor:
    """Masks from an image whose white parts are to be painted: (n, 1, H, W), 0 or 1.

    Args:
        gan: the model.
        path: the image, or a folder with one for each source.
        n: number of masks.
        sources: the files of the sources; None: they are no files.
        size: height and width, to which they are scaled, None in it: their own; left out, those
            of a sample.

    Raises:
        UsageError: the model takes no mask, or a source has none.
        DataError: the image cannot be read.
    """
    check_mask(gan)
    path = user_path(path)
    several = path.is_dir()
    if several and sources is None:
        raise UsageError(f"--mask {path} is a folder: give --source FOLDER with images to repair")
    files = mask_files(path, sources) if several and sources else [path]
    rows, (height, width) = [], gan.sample_spec.shape[1:]
    for file in files:
        try:
            rows.append(read_mask(file, size or (height, width)))
        except UnreadableError as error:
            raise DataError(f"--mask {file}: {error}") from None
    white = torch.stack(rows)
    if not several and not white.any():
        raise ConfigError(f"{path}: nothing in it is white, so nothing is to be painted")
    return white if several else white.expand(n, -1, -1, -1)


def check_mask(gan: GAN) -> None:
    """Refuse a mask for a model that takes none.

    Raises:
        UsageError: the model takes no mask.
    """
    if "mask" not in {each.name for each in gan.inputs}:
        raise UsageError("--mask: this model repairs nothing")

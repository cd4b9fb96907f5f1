"""Any folder of images: what is found in it, and the rows of all that is readable."""

from __future__ import annotations

import logging
import os
import shlex
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeVar

import torch
from PIL import ImageFile

from ganzoo.data.dataset import Dataset
from ganzoo.data.images.decode import UnreadableError, printable, read, scaled
from ganzoo.data.row_storage import room
from ganzoo.errors import DataError
from ganzoo.runtime import progress

log = logging.getLogger("ganzoo")
T = TypeVar("T")
U = TypeVar("U")

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"}
LOSSY = {".jpg", ".jpeg", ".webp"}
"""Suffixes of images that were coded with loss."""
MANY = 100
"""Files whose reading is worth a progress bar."""


def load_image_folder(path: Path, shape: tuple[int, ...], split: str) -> Dataset:
    """Every readable image below a folder; the others are named in one warning.

    Raises:
        DataError: no such folder, no image in it, none that can be read, more than memory and disk
            hold, or no such split.
    """
    name = f"folder:{path}"
    if split != "train":
        raise DataError(f"data {name}: a folder has no {split} split")
    files, _ = find_images(path)
    images, good = read_all(files, shape, name)
    columns = {"real": images}
    places = [class_of(path, files[index]) for index in good]
    classes = class_names(places)
    if classes:
        columns["label"] = torch.tensor([classes.index(place) for place in places])
    return Dataset(name, columns, classes, any(file.suffix.lower() in LOSSY for file in files))


def shape_of(path: Path) -> tuple[int, int, int]:
    """(C, H, W) of the first image in a folder that can be read.

    Raises:
        DataError: no such folder, or no image in it that can be read.
    """
    for file in find_images(path)[0]:
        with suppress(UnreadableError), _strict_and_quiet():
            image = read(file).image
            return (1 if image.mode == "L" else 3), image.height, image.width
    raise DataError(f"data folder:{path}: no image in it can be read")


def find_images(path: Path) -> tuple[list[Path], list[Path]]:
    """The files below a folder: those with the suffix of an image, sorted, and the others.

    Raises:
        DataError: no such folder, or no image in it.
    """
    name = f"folder:{path}"
    if not path.exists():
        raise DataError(f"data {name}: no such folder (you are in {Path.cwd()})")
    if not path.is_dir():
        raise DataError(f"data {name}: it is a file; give the folder that holds the images")
    try:
        every = sorted(file for file in path.rglob("*") if not os.path.isdir(file))
    except OSError as error:
        raise DataError(f"data {name}: cannot be read: {error}") from None
    files = [file for file in every if file.suffix.lower() in SUFFIXES]
    if not files:
        raise DataError(f"data {name}: no image in it ({', '.join(sorted(SUFFIXES))})")
    return files, [file for file in every if file.suffix.lower() not in SUFFIXES]


def class_of(path: Path, file: Path) -> str:
    """The folder directly below that a file lies in, or an empty string."""
    parts = file.relative_to(path).parts
    return parts[0] if len(parts) > 1 else ""


def class_names(places: Sequence[str]) -> tuple[str, ...]:
    """The classes, if every readable image lies in a folder and there are at least two."""
    names = tuple(sorted(set(places)))
    return names if len(names) > 1 and "" not in names else ()


def read_all(
    files: Sequence[Path], shape: tuple[int, ...], name: str
) -> tuple[torch.Tensor, list[int]]:
    """The readable images, uint8, (N, H, W, C), and which of the files they are."""
    rows = room(name, len(files), shape)

    def read_row(index: int) -> str:
        """Why there is none, or an empty string."""
        try:
            rows[index] = scaled(read(files[index]).image, shape)
        except UnreadableError as error:
            return str(error)
        return ""

    reasons = in_parallel(read_row, range(len(files)), "reading images")
    good = [index for index, reason in enumerate(reasons) if not reason]
    if len(good) < len(files):
        _tell_left_out(files, reasons, name)
    for place, index in enumerate(good):
        if place < index:
            rows[place] = rows[index]
    return torch.from_numpy(rows[: len(good)]), good


def _tell_left_out(files: Sequence[Path], reasons: Sequence[str], name: str) -> None:
    """One warning for all that are left out.

    Raises:
        DataError: that is all there is.
    """
    bad = [(file, reason) for file, reason in zip(files, reasons, strict=True) if reason]
    text = "; ".join(f"{printable(file.name)}: {reason}" for file, reason in bad[:3])
    if len(bad) > 3:
        command = f"ganzoo data check {shlex.quote(name.partition(':')[2])}"
        text += f" ...; `{printable(command)}` names the rest"
    if len(bad) == len(files):
        raise DataError(f"data {name}: none of {len(files)} files is readable; {text}")
    message = "data %s: %d of %d files left out; %s"
    log.warning(message, printable(name), len(bad), len(files), text)


def in_parallel(work: Callable[[T], U], items: Sequence[T], text: str) -> list[U]:
    """What some work on images gives for each item, in their order, with a bar if they are many."""
    blocks = [items[start : start + 16] for start in range(0, len(items), 16)]
    many = len(items) > MANY
    done: list[U] = []
    with (
        _strict_and_quiet(),
        progress.progress_bar(text, len(items), unit="files") if many else nullcontext() as update,
        ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool,
    ):
        try:
            for results in pool.map(lambda block: [work(item) for item in block], blocks):
                done += results
                if update:
                    update(len(done), "")
        finally:
            pool.shutdown(cancel_futures=True)
    return done


@contextmanager
def _strict_and_quiet() -> Iterator[None]:
    """Pillow refuses what is truncated, and warns and logs nothing: we name what is wrong."""
    logger, lenient = logging.getLogger("PIL"), ImageFile.LOAD_TRUNCATED_IMAGES
    level = logger.level
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
        logger.setLevel(level)

"""Series of sample files over the training of a run, named by the images seen. No torch."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

from ganzoo.runtime.files import atomic_write

FOLDER = "samples"
PICTURE_PIXELS = 1024
"""Longest side of a picture in the series; the newest samples have their full size elsewhere."""


def add(newest: Path, folder: Path, images: int) -> None:
    """Copy a file of samples into a series; large pictures are reduced in size.

    Args:
        newest: the file.
        folder: of the series.
        images: seen in training.

    Raises:
        OSError: the folder cannot be written.
    """
    target = folder / f"{images / 1000:011.3f}kimg{newest.suffix}"
    with atomic_write(target) as temporary:
        if newest.suffix == ".png":
            with Image.open(newest) as picture:
                if max(picture.size) > PICTURE_PIXELS:
                    picture.thumbnail((PICTURE_PIXELS, PICTURE_PIXELS))
                    picture.save(temporary, "PNG")
                    return
        shutil.copyfile(newest, temporary)


def read(folder: Path) -> list[tuple[float, Path]]:
    """Files of a series with the kimg seen, in order; files that are no part of it are skipped."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            found.append((float(path.stem.removesuffix("kimg")), path))
        except ValueError:
            continue
    return sorted(found)

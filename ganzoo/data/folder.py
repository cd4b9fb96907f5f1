"""Any folder of images."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ganzoo.data.dataset import Dataset
from ganzoo.errors import DataError

log = logging.getLogger("ganzoo")

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"}


def load(path: Path, shape: tuple[int, ...], split: str) -> Dataset:
    """Every readable image below a folder; the others are named in one warning.

    Raises:
        DataError: no such folder, no image in it, none that can be read, or no such split.
    """
    name = f"folder:{path}"
    if split != "train":
        raise DataError(f"data {name}: a folder has no {split} split")
    if not path.exists():
        raise DataError(f"data {name}: no such folder (you are in {Path.cwd()})")
    if not path.is_dir():
        raise DataError(f"data {name}: it is a file; give the folder that holds the images")
    try:
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise DataError(f"data {name}: cannot be read: {error}") from None
    if not files:
        raise DataError(f"data {name}: no image in it ({', '.join(sorted(SUFFIXES))})")
    images, good = read_all(files, shape, name)
    columns = {"real": images}
    classes = _classes(path, files)
    if classes:
        labels = [classes.index(files[index].relative_to(path).parts[0]) for index in good]
        columns["label"] = torch.tensor(labels)
    return Dataset(name, columns, classes)


def _classes(path: Path, files: Sequence[Path]) -> tuple[str, ...]:
    """The folders directly below, if every image lies in one and there are at least two."""
    parts = [file.relative_to(path).parts for file in files]
    names = sorted({part[0] for part in parts if len(part) > 1})
    return tuple(names) if len(names) > 1 and all(len(part) > 1 for part in parts) else ()


def read_all(
    files: Sequence[Path], shape: tuple[int, ...], name: str
) -> tuple[torch.Tensor, list[int]]:
    """The readable images, uint8, (N, H, W, C), and which of the files they are."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        results = list(pool.map(lambda file: _read(file, shape), files))
    images = [result for result in results if not isinstance(result, str)]
    good = [index for index, result in enumerate(results) if not isinstance(result, str)]
    bad = [(files[i], result) for i, result in enumerate(results) if isinstance(result, str)]
    if not images:
        raise DataError(f"data {name}: none of {len(files)} files is readable; {_list(bad)}")
    if bad:
        log.warning("data %s: %d of %d files left out; %s", name, len(bad), len(files), _list(bad))
    return torch.from_numpy(np.stack(images)), good


def _list(bad: Iterable[tuple[Path, str]]) -> str:
    shown = [f"{file.name}: {reason}" for file, reason in list(bad)[:3]]
    return "; ".join(shown) + (" ..." if len(list(bad)) > 3 else "")


def _read(file: Path, shape: tuple[int, ...]) -> NDArray[np.uint8] | str:
    """An image, or the reason why it cannot be read."""
    try:
        with Image.open(file) as image:
            return fit(ImageOps.exif_transpose(image), shape)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return str(error).split("'")[0].strip() or type(error).__name__


def fit(image: Image.Image, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """An image in grey or RGB, scaled until it covers (H, W) and cropped to its centre.

    Transparency is put on white; 16-bit grey is brought to 8.

    Raises:
        ValueError: an image of floats.
    """
    channels, height, width = shape
    if image.mode == "F":
        raise ValueError("an image of floats, whose black and white nobody knows")
    if image.mode in ("I", "I;16", "I;16B", "I;16L"):
        image = Image.fromarray((np.asarray(image, np.float64) / 257).clip(0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(image, np.uint8).reshape(height, width, channels)

"""Inputs that a user gives a model: images to translate or to repair, and masks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganzoo.data import load_for_model
from ganzoo.data.dataset import as_float
from ganzoo.data.folders import log_notes
from ganzoo.data.images.decode import read, strict_and_quiet
from ganzoo.data.images.faults import UnreadableError
from ganzoo.data.images.image_folder import list_images, read_all
from ganzoo.errors import ConfigError, DataError, UsageError
from ganzoo.gan import GAN
from ganzoo.runtime.paths import user_path


class Sources(NamedTuple):
    """Sources of translations."""

    rows: Tensor
    """Float images, (n, C, H, W), in [-1, 1]."""
    names: list[str]
    """Names of the translations without suffix; empty for rows of data."""
    original: tuple[int, ...] = ()
    """(C, H, W) of most images before they were scaled; empty if it is not known."""


def sources(gan: GAN, what: str, n: int | None, seed: int) -> Sources:
    """Sources as the user names them.

    Args:
        gan: the model.
        what: an image, a folder of images, or data as `ganzoo train --data` takes it.
        n: how many; left out, all images of a path, 64 rows of data.
        seed: of the rows of data.

    Raises:
        UsageError: the model takes no source, or there are fewer images.
        DataError: no image can be read.
    """
    if "source" not in {each.name for each in gan.inputs}:
        raise UsageError("--source: this model makes its samples from nothing but random numbers")
    path = user_path(what)
    if not path.exists():
        data = load_for_model(gan, what)
        key = "source" if "source" in data.columns else "real"
        rows = data.columns[key][data.condition_rows(n or 64, seed, key)]
        return Sources(as_float(rows), [], data.original)
    name = f"folder:{path}"
    files: tuple[Path, ...] = (path,)
    notes: list[str] = []
    if path.is_file():
        name = str(path)
    else:
        listing = list_images(path, name)
        files, notes = listing.files, listing.remarks()
    if n is not None and n > len(files):
        raise UsageError(f"-n {n}: there are {len(files)} images in {path}")
    images = read_all(files[:n], gan.sample_spec.fixed_shape, name)
    log_notes(name, [*notes, *images.notes])
    names = _names([files[index] for index in images.good], path)
    return Sources(as_float(images.rows), names, images.original)


def _names(files: Sequence[Path], folder: Path) -> list[str]:
    """Names of files without their suffixes; with their folders where two have the same name."""
    stems = Counter(file.stem for file in files)
    return [
        file.stem if stems[file.stem] == 1 else "-".join(file.relative_to(folder).parts)
        for file in files
    ]


def mask(gan: GAN, path: Path, n: int) -> Tensor:
    """A mask from an image whose white parts are to be painted: (n, 1, H, W), 0 or 1.

    Raises:
        UsageError: the model takes no mask.
        DataError: the image cannot be read.
    """
    if "mask" not in {each.name for each in gan.inputs}:
        raise UsageError("--mask: this model repairs nothing")
    _, height, width = gan.sample_spec.fixed_shape
    path = user_path(path)
    try:
        with strict_and_quiet():
            picture = read(path)
    except UnreadableError as error:
        raise DataError(f"--mask {path}: {error}") from None
    image = picture.image.convert("L").resize((width, height), Image.Resampling.NEAREST)
    white = torch.from_numpy(np.asarray(image) >= 128).float()
    if not white.any():
        raise ConfigError(f"{path}: nothing in it is white, so nothing is to be painted")
    return white.expand(n, 1, height, width)

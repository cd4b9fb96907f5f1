"""What a user gives a model to work on: images to translate or to repair, and where they lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganzoo.data import load_for_model
from ganzoo.data.dataset import as_float
from ganzoo.data.images.decode import UnreadableError, read
from ganzoo.data.images.image_folder import find_images, read_all
from ganzoo.errors import ConfigError, DataError, UsageError
from ganzoo.gan import GAN


def sources(gan: GAN, what: str, n: int | None, seed: int) -> tuple[Tensor, list[str]]:
    """Sources by what the user calls them, and names for what is made of them.

    Args:
        gan: which translates.
        what: an image, a folder of images, or data as `ganzoo train --data` takes it.
        n: how many; left out, all images of a path, 64 rows of data.
        seed: of the rows of data.

    Returns:
        float images, (n, C, H, W), in [-1, 1]; names without suffix, empty for rows of data.

    Raises:
        UsageError: the model translates nothing, or so many images are not there.
        DataError: nothing that can be read.
    """
    if "source" not in {each.name for each in gan.inputs}:
        raise UsageError("--source: this model makes its samples from nothing but random numbers")
    path = Path(what)
    if not path.exists():
        data = load_for_model(gan, what)
        key = "source" if "source" in data.columns else "real"
        rows = data.columns[key][data.condition_rows(n or 64, seed, key)]
        return as_float(rows), []
    files = [path] if path.is_file() else find_images(path)[0]
    if n is not None and n > len(files):
        raise UsageError(f"-n {n}: there are {len(files)} images in {path}")
    images, good = read_all(files[:n], gan.sample_spec.fixed_shape, str(path))
    return as_float(images), _names([files[index] for index in good], path)


def _names(files: Sequence[Path], folder: Path) -> list[str]:
    """What the files are called without their suffixes; where two would be called the same, all of
    what tells them apart."""
    stems = Counter(file.stem for file in files)
    return [
        file.stem if stems[file.stem] == 1 else "-".join(file.relative_to(folder).parts)
        for file in files
    ]


def mask(gan: GAN, path: Path, n: int) -> Tensor:
    """A mask from an image, whose white says what is missing: (n, 1, H, W), 0 or 1.

    Raises:
        UsageError: the model repairs nothing.
        DataError: the image cannot be read.
    """
    if "mask" not in {each.name for each in gan.inputs}:
        raise UsageError("--mask: this model repairs nothing")
    _, height, width = gan.sample_spec.fixed_shape
    try:
        picture = read(path)
    except UnreadableError as error:
        raise DataError(f"--mask {path}: {error}") from None
    image = picture.image.convert("L").resize((width, height), Image.Resampling.NEAREST)
    white = torch.from_numpy(np.asarray(image) >= 128).float()
    if not white.any():
        raise ConfigError(f"{path}: nothing in it is white, so nothing is missing")
    return white.expand(n, 1, height, width)

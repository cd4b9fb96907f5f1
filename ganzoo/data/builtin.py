"""Data sets known by name: MNIST inside the package, the rest through torchvision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ganzoo.data.catalog import EMBEDDED, KNOWN, needs_of_data
from ganzoo.data.dataset import Dataset
from ganzoo.data.images.decode import fit
from ganzoo.data.row_storage import allocate_rows
from ganzoo.errors import DataError
from ganzoo.runtime.paths import cache_dir, cache_problem
from ganzoo.runtime.text import first_line

MNIST_FILE = Path(__file__).parent / "assets" / "mnist.npz"

_TORCHVISION: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    "fashion-mnist": ("FashionMNIST", {"train": True}, {"train": False}),
    "kmnist": ("KMNIST", {"train": True}, {"train": False}),
    "cifar10": ("CIFAR10", {"train": True}, {"train": False}),
    "cifar100": ("CIFAR100", {"train": True}, {"train": False}),
    "svhn": ("SVHN", {"split": "train"}, {"split": "test"}),
    "stl10": ("STL10", {"split": "train+unlabeled"}, {"split": "test"}),
    "celeba": ("CelebA", {"split": "train"}, {"split": "test"}),
    "flowers102": ("Flowers102", {"split": "train"}, {"split": "test"}),
}
"""Name: class of torchvision, and its arguments for the two splits."""
_LOSSY = {"celeba", "flowers102"}
"""Published as JPEG."""
BANDS = 4
"""Digits that are scaled at once, as the bands of an image."""


def load_builtin(name: str, shape: tuple[int, ...], split: str) -> Dataset:
    """Load a data set from the package, from the cache, or from where it is published."""
    if name == EMBEDDED:
        return _mnist(shape, split)
    source = _torchvision(name, split)
    labeled = ((image, label) for image, label in source)
    classes = tuple(map(str, getattr(source, "classes", ())))
    return replace(_collect(name, len(source), labeled, shape, classes), lossy=name in _LOSSY)


def _mnist(shape: tuple[int, ...], split: str) -> Dataset:
    digits, labels = _digits(split)
    images = allocate_rows(EMBEDDED, len(digits), shape)
    for first in range(0, len(digits), BANDS):
        images[first : first + BANDS] = _fit_bands(digits[first : first + BANDS], shape[1:])
    columns = {
        "real": torch.from_numpy(images),
        "label": torch.from_numpy(labels.astype(np.int64)),
    }
    return Dataset(EMBEDDED, columns, tuple("0123456789"))


def _fit_bands(digits: NDArray[np.uint8], size: tuple[int, ...]) -> NDArray[np.uint8]:
    """Four gray images, (4, H, W), each as `fit` scales it, as rows (4, height, width, 1)."""
    (_, high, wide), (height, width) = digits.shape, size
    if (high, wide) == (height, width):
        return digits[..., None]
    image = Image.frombytes("CMYK", (wide, high), digits.transpose(1, 2, 0).tobytes())
    fitted = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(fitted).transpose(2, 0, 1)[..., None]


@cache
def _digits(split: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Digits and labels of a split, kept: a bench of many models would unpack them for each."""
    with np.load(MNIST_FILE, allow_pickle=False) as file:
        return file[f"x_{split}"], file[f"y_{split}"]


def _torchvision(name: str, split: str) -> Any:
    """A data set of torchvision: from the cache if it is complete there, else downloaded."""
    from torchvision import datasets

    class_name, train, test = _TORCHVISION[name]
    arguments = train if split == "train" else test
    root = cache_dir() / "data" / name
    cls = getattr(datasets, class_name)
    try:
        return cls(root, download=False, **arguments)
    except RuntimeError:
        pass
    module = KNOWN[name].module
    if module and find_spec(module) is None:
        advice = "or use --data folder:PATH"
        raise DataError(f"data {name} is not in {root}; {needs_of_data(name)}, {advice}")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"data {name}: {cache_problem(root, error)}") from error
    try:
        return cls(root, download=True, **arguments)
    except (OSError, RuntimeError, EOFError, ImportError) as error:
        raise DataError(
            f"data {name} is not in {root} and cannot be downloaded ({first_line(error)});"
            f" put it there, or use --data {EMBEDDED} or --data folder:PATH"
        ) from error


def _collect(
    name: str,
    count: int,
    rows: Iterable[tuple[Image.Image, object]],
    shape: tuple[int, ...],
    classes: tuple[str, ...],
) -> Dataset:
    """All rows; labels only where every one is a class number."""
    if not count:
        raise DataError(f"data {name}: there is nothing in it")
    images, labels = allocate_rows(name, count, shape), []
    for index, (image, label) in enumerate(rows):
        images[index] = fit(image, shape)
        labels.append(label)
    columns = {"real": torch.from_numpy(images)}
    if all(isinstance(label, int) for label in labels):
        columns["label"] = torch.tensor(labels, dtype=torch.int64)
    return Dataset(name, columns, classes)

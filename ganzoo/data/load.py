"""What the user calls data, found and brought to the shape that the model needs."""

from __future__ import annotations

from pathlib import Path

from ganzoo.data import folder, named
from ganzoo.data.dataset import Dataset
from ganzoo.errors import ConfigError, UnknownNameError, UsageError

FORMS = "a name such as mnist, folder:PATH, or hf:user/name"


def load_data(name: str, shape: tuple[int, ...], split: str = "train") -> Dataset:
    """A data set with images of the shape that a model needs.

    Args:
        name: ``mnist`` (shipped inside the package), another name of torchvision such as
            ``cifar10``, ``folder:PATH`` (every image below it; folders directly below it that hold
            all of them are classes), or ``hf:user/name`` (needs the extra ``datasets``).
        shape: (C, H, W), C being 1 (grey) or 3 (RGB); images are scaled until they cover H x W,
            antialiased, and cropped to their centre.
        split: ``train`` or ``test``. A folder has but one, ``train``.

    Raises:
        UnknownNameError: no data set of that name.
        ConfigError: a shape that no image has, or no such split.
        DataError: missing, empty, unreadable, or neither here nor to be downloaded.
    """
    if len(shape) != 3 or shape[0] not in (1, 3) or min(shape) < 1:
        raise ConfigError(f"data {name}: images are (1 or 3, H, W), the model wants {shape}")
    if split not in ("train", "test"):
        raise ConfigError(f"data {name}: the split is train or test, not {split!r}")
    kind, colon, rest = name.partition(":")
    if not colon and Path(name).is_dir() and name not in named.NAMES:
        raise UsageError(f"data {name!r} is a folder: write folder:{name}")
    if colon and not rest:
        raise UsageError(f"data {name!r} names nothing: data is {FORMS}")
    if not colon:
        if name not in named.NAMES:
            raise UnknownNameError("data set", name, named.NAMES, f"data is {FORMS}")
        return named.load(name, shape, split)
    if kind == "folder":
        return folder.load(Path(rest), shape, split)
    if kind == "hf":
        return named.load_from_hub(rest, shape, split)
    raise UnknownNameError("kind of data", kind, ("folder", "hf"), f"data is {FORMS}")

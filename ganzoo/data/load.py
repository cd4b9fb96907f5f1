"""What the user calls data, found and brought to the shape that the model needs."""

from __future__ import annotations

from pathlib import Path

from ganzoo import registry
from ganzoo.data import folder, named, provided
from ganzoo.data.dataset import Dataset
from ganzoo.data.names import KNOWN
from ganzoo.errors import ConfigError, UnknownNameError, UsageError

FORMS = "a name of `ganzoo data list` such as mnist, folder:PATH, or hf:user/name"


def load_data(name: str, shape: tuple[int, ...], split: str = "train") -> Dataset:
    """A data set whose rows have the shape that a model needs.

    Args:
        name: one of ganzoo's own, such as ``mnist`` (shipped inside the package) or ``cifar10``
            (of torchvision); one that a plugin provides, ``NAME`` or ``distribution/NAME``;
            ``folder:PATH`` (every image below it; folders directly below it that hold all of them
            are classes); or ``hf:user/name`` (needs the extra ``datasets``).
        shape: (C, H, W) of images, C being 1 (grey) or 3 (RGB); they are scaled until they cover
            H x W, antialiased, and cropped to their centre. Other rows must have it already.
        split: ``train`` or ``test``. A folder has but one, ``train``.

    Raises:
        UnknownNameError: no data set of that name.
        ConfigError: a shape that no image has, or no such split.
        PluginError: the plugin that provides it is broken.
        DataError: missing, empty, unreadable, or neither here nor to be downloaded.
    """
    if split not in ("train", "test"):
        raise ConfigError(f"data {name}: the split is train or test, not {split!r}")
    kind, colon, rest = name.partition(":")
    if not colon and name not in KNOWN:
        return _of_plugin(name, shape, split)
    if colon and not rest:
        raise UsageError(f"data {name!r} names nothing: data is {FORMS}")
    if len(shape) != 3 or shape[0] not in (1, 3) or min(shape) < 1:
        raise ConfigError(f"data {name}: images are (1 or 3, H, W), the model wants {shape}")
    if not colon:
        return named.load(name, shape, split)
    if kind == "folder":
        return folder.load(Path(rest), shape, split)
    if kind == "hf":
        return named.load_from_hub(rest, shape, split)
    raise UnknownNameError("kind of data", kind, ("folder", "hf"), f"data is {FORMS}")


def _of_plugin(name: str, shape: tuple[int, ...], split: str) -> Dataset:
    plugins = registry.provided(registry.DATASETS)
    if name in {each for plugin in plugins for each in (plugin.name, plugin.qualified)}:
        return provided.load(name, shape, split)
    if Path(name).is_dir():
        raise UsageError(f"data {name!r} is a folder: write folder:{name}")
    known = [*KNOWN, *(plugin.name for plugin in plugins)]
    raise UnknownNameError("data set", name, known, f"data is {FORMS}")

"""Data sets by the names that users type, in the form that the model needs."""

from __future__ import annotations

import shlex

from ganzoo import registry
from ganzoo.data.builtin import load_builtin
from ganzoo.data.catalog import KNOWN
from ganzoo.data.dataset import Dataset
from ganzoo.data.images.bit_depth import ValueRange, split_range
from ganzoo.data.plugin_datasets import load_plugin_dataset
from ganzoo.errors import ConfigError, UnknownNameError, UsageError
from ganzoo.gan import GAN
from ganzoo.runtime.paths import user_path
from ganzoo.spec import SampleSpec

FORMS = (
    "a name of `ganzoo data list` such as mnist, folder:PATH, hf:user/name, pairs:PATH,"
    " unpaired:A,B, audio:PATH or text:FILE"
)
KINDS = {
    "folder": "images",
    "hf": "images",
    "pairs": "images",
    "unpaired": "images",
    "audio": "waveforms",
    "text": "texts",
}
"""Content of each kind of data."""


def load_for_model(gan: GAN, name: str, split: str = "train") -> Dataset:
    """A data set in the form that a model needs, prepared by the model.

    Raises:
        UsageError, PluginError, DataError: as `load_data`.
    """
    return gan.prepare_data(load_data(name, gan.sample_spec, split))


def load_data(name: str, form: SampleSpec | tuple[int, ...], split: str = "train") -> Dataset:
    """A data set whose rows have the form that a model needs.

    Args:
        name: one of ganzoo's own, such as ``mnist`` (shipped inside the package) or ``cifar10``
            (of torchvision); one that a plugin provides, ``NAME`` or ``distribution/NAME``;
            ``folder:PATH`` (every image below it; folders directly below it that hold all of them
            are classes, unless they are called train and test, and ``dataset.json`` or
            ``labels.csv`` may state labels); ``hf:user/name`` (needs the extra ``datasets``);
            ``pairs:PATH`` and ``unpaired:A,B`` (see `ganzoo.data.pairs`); ``audio:PATH``;
            ``text:FILE``. Images may end in ``#range=BLACK,WHITE``: values of black and white.
        form: of a row, or its shape alone: (C, H, W) of images, C being 1 (gray) or 3 (RGB); they
            are scaled until they cover H x W, antialiased, and cropped to their center. Other
            rows must have it already.
        split: ``train`` or ``test``. A folder has two if it holds folders of these names.

    Raises:
        UnknownNameError: no data set of that name.
        UsageError: data that consists of something else than the model makes.
        ConfigError: no such split.
        PluginError: the plugin that provides it is broken.
        DataError: missing, empty, unreadable, or neither here nor to be downloaded.
    """
    form = form if isinstance(form, SampleSpec) else SampleSpec(form)
    if split not in ("train", "test"):
        raise ConfigError(f"data {name}: the split is train or test, not {split!r}")
    name, values = split_range(name)
    kind, colon, rest = name.partition(":")
    if values and KINDS.get(kind if colon else "") != "images":
        raise UsageError(f"data {name}: a range is for files of images, such as folder:PATH")
    if not colon and name not in KNOWN:
        return _of_plugin(name, form, split)
    if colon and not rest:
        raise UsageError(f"data {name!r} names nothing: data is {FORMS}")
    if colon and kind not in KINDS:
        raise UnknownNameError("kind of data", kind, KINDS, f"data is {FORMS}")
    holds = KINDS[kind] if colon else "images"
    if form.kind != holds:
        raise UsageError(f"data {name} is {holds}, the model makes {form.kind} of {form.shape}")
    if colon:
        return _load(kind, rest, form, split, values)
    return load_builtin(name, form.fixed_shape, split)


def _load(kind: str, rest: str, form: SampleSpec, split: str, values: ValueRange | None) -> Dataset:
    from ganzoo.data import audio, hub_table, pairs, text_file
    from ganzoo.data.images import image_folder

    if kind == "hf":
        return hub_table.load_hub_table(rest, form.fixed_shape, split, values)
    if kind == "unpaired":
        return pairs.load_unpaired(rest, form.fixed_shape, split, values)
    path = user_path(rest)
    if kind == "folder":
        return image_folder.load_image_folder(path, form.fixed_shape, split, values)
    if kind == "pairs":
        return pairs.load_pairs(path, form.fixed_shape, split, values)
    if kind == "audio":
        return audio.load_audio(path, form, split)
    return text_file.load_text(path, form, split)


def _of_plugin(name: str, form: SampleSpec, split: str) -> Dataset:
    plugins = registry.installed(registry.DATASETS)
    if name in {each for plugin in plugins for each in (plugin.name, plugin.qualified)}:
        return load_plugin_dataset(name, form.fixed_shape, split)
    if user_path(name).is_dir():
        right = shlex.quote(f"folder:{name}")
        raise UsageError(f"data {name!r} is a folder: write {right}")
    known = [*KNOWN, *(plugin.name for plugin in plugins)]
    raise UnknownNameError("data set", name, known, f"data is {FORMS}")

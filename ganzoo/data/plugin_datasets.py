"""Data sets that plugins provide, brought to the shape that the model needs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganzoo import registry
from ganzoo.data.dataset import Dataset
from ganzoo.data.images.decode import scaled
from ganzoo.errors import DataError, GanzooError, PluginError
from ganzoo.spec import SampleSpec


def load_plugin_dataset(name: str, shape: tuple[int, ...], split: str) -> Dataset:
    """A plugin's data set, its images scaled and cropped where the model has another size.

    Raises:
        UnknownNameError: no plugin provides it.
        PluginError: the plugin is broken.
        DataError: what it raises itself, or rows that cannot be brought to that shape.
    """
    plugin, spec = registry.find_plugin(registry.DATASETS, name)
    function = registry.import_object(plugin, spec.load)
    try:
        dataset = function(split)
    except GanzooError:
        raise
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise PluginError(f"plugin {plugin.qualified} {plugin.version}: {reason}") from error
    if not isinstance(dataset, Dataset):
        kind = type(dataset).__name__
        raise PluginError(f"plugin {plugin.qualified}: {spec.load} gives {kind}, not a Dataset")
    return fitted(replace(dataset, name=name), shape)


def fitted(dataset: Dataset, shape: tuple[int, ...]) -> Dataset:
    """Images scaled until they cover the shape, and cropped; the same data if it has it already.

    Raises:
        DataError: rows that are no images, or a mask that would not fit them any more.
    """
    found = tuple(dataset.rows(torch.arange(1))["real"].shape[1:])
    if found == shape:
        return dataset
    images = {key: rows for key, rows in dataset.columns.items() if rows.dtype == torch.uint8}
    others = [k for k, rows in dataset.columns.items() if rows.ndim > 1 and k not in images]
    if "real" not in images or not SampleSpec(shape).is_image or not SampleSpec(found).is_image:
        raise DataError(f"data {dataset.name}: its rows are {found}, the model wants {shape}")
    if others:
        raise DataError(
            f"data {dataset.name}: its rows are {found}, the model wants {shape}, and"
            f" {', '.join(others)} cannot follow: set the model's size"
        )
    resized = {key: _scaled(rows, shape) for key, rows in images.items()}
    return replace(dataset, columns={**dataset.columns, **resized})


def _scaled(images: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Images, (N, H, W, C), of another size or number of channels."""
    rows = [np.squeeze(image, 2) if image.shape[2] == 1 else image for image in images.numpy()]
    return torch.from_numpy(np.stack([scaled(Image.fromarray(row), shape) for row in rows]))

"""Checks before the first step: labels that the model knows."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import torch
from torch import Tensor

from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, DataError
from ganzoo.gan import GAN


def check_labels(gan: GAN, dataset: Dataset) -> None:
    """Refuse data without labels, or with labels that a class-conditional model does not have.

    Raises:
        DataError: no labels, or labels that are not whole numbers.
        ConfigError: a label outside the model's classes.
    """
    classes = gan.num_classes
    if not classes:
        return
    label = dataset.columns.get("label")
    if label is None:
        reason = f" ({dataset.unlabeled})" if dataset.unlabeled else ""
        raise DataError(
            f"data {dataset.name}: no labels{reason}, but the model learns {classes} classes; in an"
            " image folder, each subfolder is a class"
        )
    if label.dtype != torch.int64 or label.ndim != 1:
        dtype = str(label.dtype).removeprefix("torch.")
        raise DataError(
            f"data {dataset.name}: labels are {dtype} of shape {tuple(label.shape)}, they must be"
            f" int64 of shape ({len(dataset)},)"
        )
    _check_range(gan, dataset, label)


def _check_range(gan: GAN, dataset: Dataset, label: Tensor) -> None:
    classes = gan.num_classes
    least, most = int(label.min()), int(label.max())
    if least >= 0 and most < classes:
        return
    wrong = least if least < 0 else most
    named = f" ({dataset.classes[wrong]})" if 0 <= wrong < len(dataset.classes) else ""
    config = gan.config
    is_key = is_dataclass(config) and "classes" in {field.name for field in fields(config)}
    advice = f": use --set classes={most + 1}" if least >= 0 and is_key else ""
    raise ConfigError(
        f"data {dataset.name} has label {wrong}{named}, the model has {classes} classes, labels 0"
        f" to {classes - 1}{advice}"
    )

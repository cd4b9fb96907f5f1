"""Checks before the first step: the labels of the data, and the size of the batch."""

from __future__ import annotations

import logging
import time
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, DataError
from ganzoo.gan import GAN, Batch
from ganzoo.runtime import distributed, seeds

if TYPE_CHECKING:
    from ganzoo.training.trainer import Trainer

log = logging.getLogger("ganzoo")

ONE_VALUE = "more than 1 value per channel"
"""Part of torch's message where a batch norm gets one value per channel."""
ONE_PIXEL = "more than 1 spatial element"
"""Part of torch's message where an instance norm gets a map of 1 x 1."""


def check_labels(gan: GAN, dataset: Dataset) -> None:
    """Refuse data without labels, or with labels that a class-conditional model does not have.

    Classes of the model without a row are named: their samples would be untrained.

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
        _name_empty(gan, dataset, label)
        return
    wrong = least if least < 0 else most
    named = f" ({dataset.classes[wrong]})" if 0 <= wrong < len(dataset.classes) else ""
    advice = f": use --set classes={most + 1}" if least >= 0 and _has_classes_key(gan) else ""
    raise ConfigError(
        f"data {dataset.name} has label {wrong}{named}, the model has {classes} classes, labels 0"
        f" to {classes - 1}{advice}"
    )


def _has_classes_key(gan: GAN) -> bool:
    """True if `--set classes=N` changes the number of classes."""
    config = gan.config
    return is_dataclass(config) and "classes" in {field.name for field in fields(config)}


def _name_empty(gan: GAN, dataset: Dataset, label: Tensor) -> None:
    """Warn about classes of the model that no row has."""
    rows = torch.bincount(label, minlength=gan.num_classes)
    empty = (rows == 0).nonzero().flatten().tolist()
    if not empty or distributed.rank():
        return
    least = int(label.max()) + 1
    fits = _has_classes_key(gan) and empty == list(range(least, gan.num_classes))
    advice = f"; the data fit --set classes={least}" if fits else ""
    log.warning(
        "data %s: %d of the model's %d classes have no row and are not learned: %s%s",
        dataset.name,
        len(empty),
        gan.num_classes,
        ", ".join(str(number) for number in empty[:3]) + (", ..." if len(empty) > 3 else ""),
        advice,
    )


def check_batch(trainer: Trainer) -> None:
    """Try every phase on one or two rows of the data.

    Raises:
        ConfigError: a normalization layer gets one value per channel.
    """
    try_phases(trainer, min(2, rows_per_part(trainer)))


def try_phases(trainer: Trainer, rows: int) -> float:
    """Compute the gradients of every phase, without effect; seconds of the phases of one step.

    Raises:
        ConfigError: a normalization layer gets one value per channel, or the discriminator's calls
            cannot be augmented.
    """
    seconds = 0.0
    batch = trial_batch(trainer, rows)
    try:
        for phase in trainer.phases:
            start = time.monotonic()
            trainer.try_gradients(phase, [batch])
            if trainer.device.type == "cuda":
                torch.cuda.synchronize(trainer.device)
            seconds += (time.monotonic() - start) * phase.repeat / phase.interval
        trainer.augmentation.check()
    except ValueError as error:
        if problem := too_few_values(error, trainer):
            raise problem from None
        raise
    finally:
        trainer.gan.zero_grad(set_to_none=True)
    return seconds


def rows_per_part(trainer: Trainer) -> int:
    """Rows that the networks get at once, in each process."""
    return trainer.recipe.batch // (distributed.world_size() * trainer.compute.accumulate)


def trial_batch(trainer: Trainer, rows: int) -> Batch:
    """The first rows of the data, and a prior; the state of the batches stays."""
    dataset = trainer.batches.dataset
    with seeds.fork_rng(torch.device("cpu"), trainer.seed):
        batch = {**trainer.gan.prior(rows), **dataset.rows(torch.arange(rows) % len(dataset))}
    return {key: value.to(trainer.device) for key, value in batch.items()}


def too_few_values(error: ValueError, trainer: Trainer) -> ConfigError | None:
    """Explain torch's error of a normalization layer that gets one value per channel."""
    batch, rows = trainer.recipe.batch, rows_per_part(trainer)
    if ONE_PIXEL in str(error):
        return ConfigError(
            "an instance norm of this model gets maps of 1 x 1 pixels, which it cannot normalize:"
            " use larger images or fewer layers (`ganzoo info` lists the settings)"
        )
    if ONE_VALUE not in str(error):
        return None
    parts, processes = trainer.compute.accumulate, distributed.world_size()
    split = f" in {parts} parts" if parts > 1 else ""
    split += f" over {processes} processes" if processes > 1 else ""
    advice = f"--batch {max(2, 2 * batch // rows)} or more"
    if parts > 1 and batch // processes > 1:
        fewer = next(n for n in range(parts - 1, 0, -1) if batch % (n * processes) == 0)
        advice = f"--accumulate {fewer} or less, or {advice}"
    return ConfigError(
        f"a batch of {batch}{split} is too small: a batch norm of this model gets one value per"
        f" channel; use {advice}"
    )

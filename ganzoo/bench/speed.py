"""Speed of training and sampling, and sizes of models."""

from __future__ import annotations

import time
from collections.abc import Callable

from torch import nn

from ganzoo.data import Dataset
from ganzoo.gan import GAN
from ganzoo.training import Trainer

SPEED_SECONDS = 4.0
"""Default time to measure training; sampling takes half of it."""
SAMPLING_BATCH = 256


def training_speed(trainer: Trainer, seconds: float = SPEED_SECONDS) -> float:
    """Images per second of training, after a warm-up of a quarter of the time."""
    repeat(trainer.step, seconds / 4)
    steps, spent = repeat(trainer.step, seconds)
    trainer.report()
    return steps * trainer.recipe.batch / spent


def sampling_speed(gan: GAN, dataset: Dataset, seconds: float = SPEED_SECONDS / 2) -> float:
    """Samples per second in batches of 256, with the copy to main memory, after a warm-up."""
    given = gan.sample_conditions(dataset, SAMPLING_BATCH, 0)

    def once() -> None:
        gan.sample(SAMPLING_BATCH, seed=0, **given).cpu()

    repeat(once, seconds / 4)
    times, spent = repeat(once, seconds)
    return times * SAMPLING_BATCH / spent


def repeat(action: Callable[[], None], seconds: float) -> tuple[int, float]:
    """Repeat an action for some seconds, at least once; the number of times and the seconds."""
    start, times = time.perf_counter(), 0
    while (spent := time.perf_counter() - start) < seconds or not times:
        action()
        times += 1
    return times, spent


def count_parameters(module: nn.Module) -> int:
    """Number of parameters of a module."""
    return sum(parameter.numel() for parameter in module.parameters())

"""Estimate of the memory and time of a run, from trials on a few rows before the first step."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass

import torch

from ganzoo.errors import RunError
from ganzoo.runtime.durations import in_bytes, rounded
from ganzoo.runtime.memory import (
    LowMemoryError,
    available_memory,
    memory_reserve,
    peak_memory,
    resident_memory,
)
from ganzoo.runtime.progress import say
from ganzoo.training.planning import Plan
from ganzoo.training.preflight import rows_per_part, try_phases
from ganzoo.training.trainer import Trainer

log = logging.getLogger("ganzoo")

TRIAL_SECONDS = 1.0
"""Trials end after this time, or after a twentieth of the run; later if it takes hours."""
LONGEST_TRIALS = 5.0
"""Seconds after which trials of all runs end."""
SLOW_SECONDS = 10.0
"""A first trial that takes longer is the only one, and is announced after this time."""
FEW_ROWS = 8
"""Rows of a quick estimate."""
NOISE = 64 * 2**20
"""Growth of a process's memory below this many bytes says nothing about a row."""
CLEAR = 4 * NOISE
"""Growth from which a single trial says enough about a row."""
STATES = 3
"""Values for each parameter: its gradient, and the two averages of Adam."""
RESERVE = 0.05
"""Share of the available memory that trials leave alone, beside the gradients."""
DAY = 86400.0


@dataclass(frozen=True)
class Trial:
    """Gradients of all phases on a few rows."""

    rows: int
    seconds: float
    """For the phases of one step."""
    growth: float
    """Peak of the memory over that before the first trial, in bytes."""


@dataclass(frozen=True)
class Estimate:
    """Memory and time of a run."""

    seconds: float
    fixed: float
    """Bytes of gradients and optimizers."""
    per_row: float
    """Bytes for each row that the networks get at once."""

    def memory(self, rows: int) -> float:
        """Bytes of a step with so many rows at once, beside what is allocated already."""
        return self.fixed + self.per_row * rows


def estimate(
    trainer: Trainer,
    available: float,
    budget: float | None = None,
    *,
    slow: float = SLOW_SECONDS,
    clear: float = CLEAR,
) -> Estimate:
    """Try all phases on 2, 4, 8, ... rows, as long as time and memory allow.

    Gradients and optimizers alone may need more than that: then nothing is tried, and the estimate
    has no time.

    Args:
        trainer: of the run; the trials leave no trace in it.
        available: bytes that may be allocated.
        budget: seconds after which the run stops.
        slow: seconds after which a first trial is announced, and is the only one.
        clear: growth of memory in bytes from which a single trial says enough.

    Raises:
        ConfigError: as `ganzoo.training.preflight.try_phases`.
        RunError: the first trial takes almost all memory.
    """
    most, base = rows_per_part(trainer), allocated(trainer.device)
    trials: list[Trial] = []
    rows, start = min(2, most), time.monotonic()
    if _fixed(trainer) > available:
        return Estimate(0.0, _fixed(trainer), 0.0)
    with _announced(trainer, rows, slow), _in_reach(trainer, rows, available):
        while True:
            trials.append(_try(trainer, rows, base, first=not trials))
            found = _extrapolate(trainer, trials)
            spent = time.monotonic() - start
            growth = trials[-1].growth
            enough = spent > slow and growth > clear
            if rows == most or growth > available / 4 or enough:
                return found
            doubtful = found.memory(most) > available and growth - trials[0].growth < NOISE
            seconds = min(found.seconds, budget or found.seconds)
            if spent > _time_for_trials(seconds) and not doubtful:
                return found
            rows = min(most, 2 * rows)


def _time_for_trials(seconds: float) -> float:
    """Time for the trials of a run that takes so many seconds."""
    return min(seconds / 20, max(TRIAL_SECONDS, min(seconds / 3600, LONGEST_TRIALS)))


@contextmanager
def _announced(trainer: Trainer, rows: int, after: float) -> Iterator[None]:
    """Say what takes the time, if the block takes more seconds than that."""
    text = (
        f"measures memory and time of a step on {rows} of {trainer.recipe.batch} rows, on a slow"
        " device for minutes; nothing is written yet"
    )
    context = copy_context()  # of the thread's timer: progress is shown or not
    timer = threading.Timer(after, context.run, (say, text))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _in_reach(trainer: Trainer, rows: int, available: float) -> Iterator[None]:
    """Raise RunError, on a CPU, where the block takes almost all memory."""
    if trainer.device.type != "cpu":
        yield
        return
    try:
        with memory_reserve(_fixed(trainer) / STATES + RESERVE * available):
            yield
    except LowMemoryError:
        raise RunError(
            f"a step on {rows} of {trainer.recipe.batch} rows needs more than the"
            f" {in_bytes(available)} of memory that are available: use a smaller preset, or"
            " smaller networks (`ganzoo info` lists the settings)"
        ) from None


def quick_estimate(trainer: Trainer, available: float) -> Estimate:
    """Estimate from a trial on two rows, and, if that was quick, from two more that are warm.

    Args:
        trainer, available: as for `estimate`, and so are the errors.
    """
    base = allocated(trainer.device)
    rows = min(FEW_ROWS, rows_per_part(trainer))
    if _fixed(trainer) > available:
        return Estimate(0.0, _fixed(trainer), 0.0)
    with _in_reach(trainer, rows, available):
        trials = [_try(trainer, min(2, rows), base, first=True)]
        if rows > 2 and trials[0].seconds < 3 * TRIAL_SECONDS:
            trials += [_try(trainer, each, base) for each in (2, rows)]
    return _extrapolate(trainer, trials)


def _try(trainer: Trainer, rows: int, base: float, first: bool = False) -> Trial:
    """Growth of memory, and the shorter time of two trials where they are quick: the first one
    waits for other programs, and for what is loaded on first use."""
    quick = SLOW_SECONDS / 2 if first else TRIAL_SECONDS
    with peak_memory(trainer.device) as peak:
        seconds = try_phases(trainer, rows)
        if seconds < quick:
            seconds = min(seconds, try_phases(trainer, rows))
    return Trial(rows, seconds, max(0.0, peak[0] * 2**20 - base))


def _extrapolate(trainer: Trainer, trials: list[Trial]) -> Estimate:
    """From a few rows to the batch, and from a step to the run; the first trial warms up."""
    gradients = _fixed(trainer) / STATES
    first, last = trials[0], trials[-1]
    per_row = max(0.0, last.growth - gradients) / last.rows
    if last.growth - first.growth >= NOISE:
        per_row = (last.growth - first.growth) / (last.rows - first.rows)
    elif len(trials) > 1:
        per_row = min(per_row, NOISE / (last.rows - first.rows))
    slope, start = last.seconds / last.rows, 0.0
    if len(trials) > 2:
        before = trials[-2]
        risen = (last.seconds - before.seconds) / (last.rows - before.rows)
        slope = min(max(0.0, risen), slope)
        start = max(0.0, last.seconds - slope * last.rows)
    recipe, parts = trainer.recipe, trainer.compute.accumulate
    step = parts * (start + slope * rows_per_part(trainer))
    return Estimate(recipe.kimg * 1000 / recipe.batch * step, _fixed(trainer), per_row)


def _fixed(trainer: Trainer) -> float:
    """Bytes of the gradients and the optimizers."""
    parameters = [each for each in trainer.gan.parameters() if each.requires_grad]
    return float(STATES * sum(each.numel() * each.element_size() for each in parameters))


def allocated(device: torch.device) -> float:
    """Bytes that this process has on a device, or in main memory."""
    if device.type == "cuda":
        return float(torch.cuda.memory_allocated(device))
    return float(resident_memory())


def available(device: torch.device) -> float:
    """Bytes that this process may still allocate on a device, or in main memory."""
    if device.type != "cuda":
        return float(available_memory())
    cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return float(torch.cuda.mem_get_info(device)[0] + cached)


def check_estimate(found: Estimate, plan: Plan, trainer: Trainer, available: float) -> None:
    """Refuse a run that does not fit into memory; warn of one that takes more than a day.

    Args:
        found: memory and time of the run.
        plan: of the run.
        trainer: of the run.
        available: bytes that may be allocated.

    Raises:
        RunError: a step needs more; the message names what fits.
    """
    needed = found.memory(rows_per_part(trainer))
    if needed > available:
        parts = trainer.compute.accumulate
        split = f" in {parts} parts" if parts > 1 else ""
        raise RunError(
            f"{plan.run.model}: a step on a batch of {plan.recipe.batch}{split} needs about"
            f" {in_bytes(needed)}, {in_bytes(available)} are available:"
            f" {_options(found, plan, parts, available)}"
        )
    if found.seconds > DAY and plan.run.budget is None:
        takes = rounded(found.seconds)
        log.warning(
            "%s takes about %s on this device; --budget 1h stops sooner", plan.run.model, takes
        )


def _options(found: Estimate, plan: Plan, parts: int, available: float) -> str:
    """Options with which a step fits."""
    batch = plan.recipe.batch
    splits = [n for n in range(parts + 1, batch // 2 + 1) if batch % n == 0]
    fitting = next((n for n in splits if found.memory(batch // n) <= available), 0)
    config = plan.run.config
    width = next((key for key in ("width", "widths", "hidden") if key in config), "")
    smaller = f"--set {width}=... makes a smaller model" if width else "use a smaller preset"
    if not fitting:
        return f"no part of this batch fits; {smaller}"
    return (
        f"use --accumulate {fitting} (the same batch in {fitting} parts), or --batch"
        f" {batch // fitting}; {smaller}"
    )

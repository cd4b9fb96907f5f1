"""What to do about a batch that memory does not hold: measured, not guessed."""

from __future__ import annotations

import gc
import traceback
from dataclasses import replace

import torch

from ganzoo.data import Dataset
from ganzoo.errors import RunError
from ganzoo.hub import RunConfig
from ganzoo.runtime import distributed, seeds
from ganzoo.training.precision import ComputeConfig
from ganzoo.training.trainer import Trainer


def is_shortage(error: BaseException) -> bool:
    """Whether an exception says that memory is exhausted; torch has two ways to say it."""
    known = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return known or "can't allocate memory" in str(error)


def explained(
    error: BaseException, run: RunConfig, data: Dataset, engine: ComputeConfig, device: torch.device
) -> RunError:
    """The shortage in one line: what was too large, what fits, and how the training goes on.

    Args:
        error: what a step raised; the tensors that its frames hold are let go of.
        run: the training.
        data: what it learns.
        engine: in how many parts the batch was.
        device: where it was.
    """
    traceback.clear_frames(error.__traceback__)
    release(device)
    batch, parts = run.recipe.batch, engine.accumulate
    failed = f"a batch of {batch}" + (f" in {parts} parts" if parts > 1 else "")
    fitting = _parts_that_fit(run, data, engine, device) if distributed.world_size() == 1 else None
    found, advice = "", "give a smaller --batch, and another --out"
    if fitting is None and batch % (2 * parts * distributed.world_size()) == 0:
        fitting = 2 * parts
    elif fitting is not None:
        found = f"{batch // fitting} fit; " if fitting else ""
    if fitting:
        advice = (
            f"give the same command with --accumulate {fitting}: the same batch in {fitting}"
            " parts, from the last checkpoint on"
        )
    return RunError(f"out of memory with {failed}: {found}{advice}")


def _parts_that_fit(
    run: RunConfig, data: Dataset, engine: ComputeConfig, device: torch.device
) -> int:
    """Into how many parts, at least, a batch must be split for a step to succeed; 0: none does."""
    parts = 2 * engine.accumulate
    while run.recipe.batch % parts == 0:
        if _fits(run, data, replace(engine, accumulate=parts, compile=False), device):
            return parts
        parts *= 2
    return 0


def _fits(run: RunConfig, data: Dataset, engine: ComputeConfig, device: torch.device) -> bool:
    """Whether memory holds one step of a training, which is thrown away."""
    try:
        with seeds.fork_rng(device, run.seed):
            gan = run.build()
            gan.prepare_data(data)
            Trainer(gan, run.recipe, data, device=device, engine=engine).step()
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        traceback.clear_frames(error.__traceback__)
        return False
    finally:
        release(device)
    return True


def release(device: torch.device) -> None:
    """Give back what nobody uses any more."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()

"""Out of memory: find a batch that fits, and say what to type."""

from __future__ import annotations

import gc
import traceback
from dataclasses import replace

import torch

from ganzoo.data import Dataset
from ganzoo.errors import RunError
from ganzoo.runtime import distributed, seeds
from ganzoo.training.planning import Plan
from ganzoo.training.precision import ComputeConfig
from ganzoo.training.trainer import Trainer


def is_out_of_memory(error: BaseException) -> bool:
    """True for an exception that reports exhausted memory; torch raises two kinds."""
    known = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return known or "can't allocate memory" in str(error)


def explain(
    error: BaseException, plan: Plan, data: Dataset, compute: ComputeConfig, device: torch.device
) -> RunError:
    """An error of one line: what was too large, what fits, what to type.

    Args:
        error: raised by a step; the tensors in its frames are released.
        plan: of the run.
        data: of the run.
        compute: in how many parts the batch was split.
        device: of the run.
    """
    traceback.clear_frames(error.__traceback__)
    free_memory(device)
    batch, parts = plan.recipe.batch, compute.accumulate
    failed = f"a batch of {batch}" + (f" in {parts} parts" if parts > 1 else "")
    found, advice = "", "give a smaller --batch, and another --out"
    fitting = 0
    if distributed.world_size() == 1:
        fitting = _parts_that_fit(plan, data, compute, device)
        found = f"{batch // fitting} fit; " if fitting else ""
    elif batch % (2 * parts * distributed.world_size()) == 0:
        fitting = 2 * parts
    if fitting:
        advice = (
            f"run the same command with --accumulate {fitting}: the same batch in {fitting}"
            " parts, from the last checkpoint on"
        )
    return RunError(f"out of memory with {failed}: {found}{advice}")


def _parts_that_fit(plan: Plan, data: Dataset, compute: ComputeConfig, device: torch.device) -> int:
    """The fewest parts, by doubling, with which a step succeeds; 0 if none does."""
    parts = 2 * compute.accumulate
    while plan.recipe.batch % parts == 0:
        if _fits(plan, data, replace(compute, accumulate=parts, compile=False), device):
            return parts
        parts *= 2
    return 0


def _fits(plan: Plan, data: Dataset, compute: ComputeConfig, device: torch.device) -> bool:
    """True if memory holds one step of a fresh model."""
    try:
        with seeds.fork_rng(device, plan.seed):
            gan = plan.build()
            gan.prepare_data(data)
            Trainer(gan, plan.recipe, data, device=device, compute=compute).step()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)
        return False
    finally:
        free_memory(device)
    return True


def free_memory(device: torch.device) -> None:
    """Release unused memory."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()

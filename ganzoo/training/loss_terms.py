"""Terms of losses: their weighted sum for an update, their means for the log."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ganzoo.errors import PluginError
from ganzoo.gan import Losses, Phase
from ganzoo.runtime import distributed


def check_terms(phase: Phase, losses: object) -> Losses:
    """The result of a phase's loss, if it is a mapping with at least one term.

    Raises:
        PluginError: it is not.
    """
    if isinstance(losses, Mapping) and losses:
        return losses
    if isinstance(losses, Mapping):
        problem = "no term: a phase that does not run all the time has a start or an end, in images"
    else:
        problem = f'{type(losses).__name__}, not a mapping of named terms such as {{"adv": loss}}'
    raise PluginError(f"the loss of phase {phase.name!r} returned {problem}")


def weighted_sum(phase: Phase, losses: Losses, weight: float) -> Tensor:
    """Weighted sum of a phase's terms, in single precision.

    Raises:
        PluginError: the loss did not return named terms.
    """
    check_terms(phase, losses)
    first, *others = (value.float() for value in losses.values())
    for value in others:
        first = first + value
    total = first if weight == 1 else first * weight
    return total if total.ndim == 0 else total.sum()


class LossMeans:
    """Sums and counts of losses by name; adding to them never waits for the device."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}

    def add(self, phase: str, losses: Losses) -> None:
        """Add the terms of one loss, as ``phase/term``."""
        for term, loss in losses.items():
            name, value = f"{phase}/{term}", loss.detach().float()
            self.sums[name] = self.sums[name] + value if name in self.sums else value.clone()
            self.counts[name] = self.counts.get(name, 0) + 1

    def copy(self) -> LossMeans:
        """The present sums and counts, to return to."""
        other = LossMeans()
        other.sums, other.counts = dict(self.sums), dict(self.counts)
        return other

    def pop(self) -> dict[str, float]:
        """Means over all processes since the last call; waits for the device."""
        names = sorted(self.sums)
        means = [self.sums[name] / self.counts[name] for name in names]
        self.sums, self.counts = {}, {}
        if not names:
            return {}
        total = distributed.all_reduce_sum(torch.stack(means)) / distributed.world_size()
        return dict(zip(names, total.tolist(), strict=True))

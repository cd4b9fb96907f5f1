"""torch.compile for generation and losses, with a trial of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ganzoo.gan import GAN, Batch, Losses, Phase
from ganzoo.runtime.text import first_line

log = logging.getLogger("ganzoo")


class TrainingFunctions:
    """The functions of a GAN that a trainer calls: eager, or compiled at their first use.

    A function that cannot be compiled stays eager, with a warning. Only a trial shows that: a
    double backward, for example, fails in the backward pass.

    Args:
        gan: whose ``generate`` and losses these are.
        phases: of the GAN.
        compiles: False leaves all functions eager.
    """

    def __init__(self, gan: GAN, phases: Sequence[Phase], compiles: bool) -> None:
        self.gan = gan
        self.generate: Callable[[Batch], Tensor] = gan.generate
        self.losses: dict[str, Callable[[Batch, Tensor], Losses]] = {
            phase.name: phase.loss for phase in phases
        }
        self._pending = {phase.name for phase in phases} if compiles else set()

    def is_pending(self, phase: Phase) -> bool:
        """True if a phase's functions have still to be compiled."""
        return phase.name in self._pending

    def compile(self, phase: Phase, trial: Callable[[], None]) -> None:
        """Compile generation, once, and a phase's loss.

        Args:
            phase: about to run for the first time.
            trial: computes the phase's gradients with these functions, without other effects.
        """
        self._pending.discard(phase.name)
        if phase.needs_fakes and self.generate == self.gan.generate:
            self.generate = torch.compile(self.gan.generate)
            if reason := _failure(trial):
                self.generate = self.gan.generate
                log.warning("generation is not compiled: %s", reason)
        mode = "reduce-overhead" if self.gan.device.type == "cuda" else None
        self.losses[phase.name] = torch.compile(phase.loss, mode=mode)
        if reason := _failure(trial):
            self.losses[phase.name] = phase.loss
            log.warning("phase %s is not compiled: %s", phase.name, reason)


def _failure(trial: Callable[[], None]) -> str:
    """First line of the error that a trial raises; empty if it succeeds."""
    try:
        trial()
    except Exception as error:
        return first_line(error)
    return ""

"""Batches, losses and the phases of a training step, as a plugin declares them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor, nn

Batch: TypeAlias = Mapping[str, Tensor]
"""Tensors of equal length by name. Reserved: ``real``, ``latent``, ``label``, ``source``, ``mask``.
Images are float, (N, C, H, W), in [-1, 1]; waveforms float, (N, C, T), in [-1, 1]; tokens int64,
(N, T); labels int64, (N,); a mask float, (N, 1, H, W), 1 where something is missing."""

Losses: TypeAlias = Mapping[str, Tensor]
"""Named scalar terms: summed for the update, logged one by one. Never empty."""


@dataclass(frozen=True)
class Phase:
    """One part of a training step: minimize a loss over the parameters of a module.

    Args:
        name: its name in the log and in the recipe's ``optimizers``.
        module: the module to train; all other parameters are frozen meanwhile. Phases of one
            module share its optimizer.
        loss: ``(batch, fake) -> losses``. ``fake`` carries its graph if the phase trains the
            generator, and is detached otherwise.
        repeat: updates per step, each on a new batch.
        interval: run in every n-th step only, with the loss scaled by n; where the module has
            another phase too, Adam is corrected by n/(n+1) (lazy regularization, Karras et al.
            2020, appendix B).
        needs_fakes: False if the loss uses no fakes; it then gets an empty tensor.
        start: images of the data set seen before the phase runs first.
        end: images of the data set after which it runs no more.
        after_update: called without gradients after each update of the module, e.g. to clip its
            weights.
    """

    name: str
    module: nn.Module
    loss: Callable[[Batch, Tensor], Losses]
    repeat: int = 1
    interval: int = 1
    needs_fakes: bool = True
    start: float = 0.0
    end: float = math.inf
    after_update: Callable[[], None] | None = None

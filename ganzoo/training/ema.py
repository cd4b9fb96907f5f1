"""Exponential moving average of a generator's weights."""

from __future__ import annotations

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ganzoo.spec import Recipe


class AveragedGenerator:
    """Averages a generator with a half-life in images: beta = 0.5 ^ (batch / half-life).

    Karras et al. (2020). While few images are seen, the half-life is a fraction of them.

    Args:
        generator: to average; its average has the same device.
        recipe: of the run, for the batch and the half-life.
    """

    def __init__(self, generator: nn.Module, recipe: Recipe) -> None:
        self.model = AveragedModel(generator)
        self.recipe = recipe

    @property
    def generator(self) -> nn.Module:
        """The averaged generator."""
        module: nn.Module = self.model.module
        return module

    def update(self, generator: nn.Module, images: int) -> None:
        """Add the generator's present weights to the average.

        Args:
            generator: as it was last updated.
            images: seen in training.
        """
        half_life = self.recipe.ema_kimg * 1000
        if self.recipe.ema_ramp:
            half_life = min(half_life, images * self.recipe.ema_ramp)
        beta = 0.5 ** (self.recipe.batch / half_life)
        self.model.multi_avg_fn = get_ema_multi_avg_fn(beta)  # type: ignore[no-untyped-call] # torch's
        self.model.update_parameters(generator)

"""Checks of a GAN's phases, and the optimizers that they share."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ganzoo.errors import ConfigError, PluginError
from ganzoo.gan import Phase
from ganzoo.spec import Recipe
from ganzoo.training.optimizer import ModuleOptimizer


def build_optimizers(
    phases: Sequence[Phase], recipe: Recipe, trainable: Sequence[nn.Parameter]
) -> dict[str, ModuleOptimizer]:
    """One optimizer for each distinct module, by the names of the phases that train it.

    The first phase of a module names its settings in ``recipe.optimizers``. A module with a phase
    that runs in every n-th step only has lazy regularization.

    Raises:
        ConfigError: the recipe names a phase that does not exist.
        PluginError: a phase has no parameter to train, or two phases have one name.
    """
    _check(phases, recipe)
    known = set(map(id, trainable))
    made: dict[int, ModuleOptimizer] = {}
    for phase in phases:
        if id(phase.module) in made:
            continue
        parameters = [each for each in phase.module.parameters() if id(each) in known]
        if not parameters:
            raise PluginError(f"phase {phase.name!r} has no parameter to train")
        intervals = [each.interval for each in phases if each.module is phase.module]
        interval = max(intervals) if len(intervals) > 1 else 1
        lazy_factor = interval / (interval + 1) if interval > 1 else 1.0
        settings = recipe.optimizers.get(phase.name, recipe.optimizer)
        made[id(phase.module)] = ModuleOptimizer(parameters, settings, lazy_factor)
    return {phase.name: made[id(phase.module)] for phase in phases}


def _check(phases: Sequence[Phase], recipe: Recipe) -> None:
    names = [phase.name for phase in phases]
    if len(set(names)) < len(names):
        raise PluginError(f"two phases have one name: {', '.join(names)}")
    for phase in phases:
        if phase.repeat < 1 or phase.interval < 1:
            raise PluginError(f"phase {phase.name!r}: repeat and interval are at least 1")
    owners = list({id(phase.module): phase.name for phase in reversed(phases)}.values())
    for name in recipe.optimizers:
        if name not in owners:
            known = ", ".join(reversed(owners))
            raise ConfigError(f"optimizers.{name}: the phases with optimizers are {known}")

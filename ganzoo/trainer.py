"""The one trainer: whatever happens to parameters, in any GAN, happens here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ganzoo import seeds
from ganzoo.data import Batches, Dataset
from ganzoo.devices import place
from ganzoo.errors import ConfigError, PluginError
from ganzoo.gan import GAN, Batch, Phase
from ganzoo.spec import Optimizer, Recipe


@dataclass
class _Draw:
    """A batch, and the fakes made from it once somebody needed them."""

    batch: Batch
    fake: Tensor | None = None


class Trainer:
    """Trains a GAN step by step; a step runs each of its phases.

    Where every phase runs once a step, one batch and its fakes serve them all until the generator
    is updated; otherwise each update draws its own. Losses stay on the device until `report` reads
    them. Everything random is a function of (seed, step), so a trainer that loads another's state
    goes on exactly as the other would have.

    Args:
        gan: moved to the device, in place.
        recipe: how.
        dataset: what is learned.
        seed: of batches, latents and dropout.
        device: where.

    Raises:
        ConfigError: the recipe names a phase that the GAN does not have.
        PluginError: a phase has nothing to train, or two phases have one name.
    """

    def __init__(
        self,
        gan: GAN,
        recipe: Recipe,
        dataset: Dataset,
        *,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        self.device = torch.device(device)
        place(gan, self.device).train()
        self.gan = gan
        self.recipe = recipe
        self.seed = seed
        self.steps = 0
        self.batches = Batches(
            dataset, recipe.batch, seed=seed, device=self.device, mirror=recipe.mirror
        )
        self.phases = tuple(gan.phases())
        self._trainable = [p for p in gan.parameters() if p.requires_grad]
        self._parameters = {phase.name: self._own(phase.module) for phase in self.phases}
        self._check()
        generator = set(map(id, gan.generator.parameters()))
        self._makers = {
            name for name, own in self._parameters.items() if generator & set(map(id, own))
        }
        self._shares = not recipe.fresh_fakes and all(
            phase.repeat == phase.every == 1 for phase in self.phases if phase.fakes
        )
        self.optimizers = self._build_optimizers()
        self._average = AveragedModel(gan.generator) if recipe.ema_kimg else None
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    @property
    def images(self) -> int:
        """Images of the data set that the generator has been trained against: steps x batch."""
        return self.steps * self.recipe.batch

    def step(self) -> None:
        """Run every phase that is due, then update the averaged generator."""
        self.gan.step, self.gan.images = self.steps, self.images
        draw: _Draw | None = None
        for number, phase in enumerate(self.phases):
            if self.steps % phase.every:
                continue
            for turn in range(phase.repeat):
                torch.manual_seed(seeds.mix(self.seed, "update", self.steps, number, turn))
                if draw is None or not self._shares:
                    draw = self._draw()
                self._update(phase, draw)
                if phase.name in self._makers:
                    draw = None
        self.steps += 1
        self._update_average()

    def report(self) -> dict[str, float]:
        """Mean of each loss since the last report, as ``phase/term``; waits for the device."""
        names = sorted(self._sums)
        means = [self._sums[name] / self._counts[name] for name in names]
        self._sums, self._counts = {}, {}
        return dict(zip(names, torch.stack(means).tolist(), strict=True)) if names else {}

    @contextmanager
    def averaged(self) -> Iterator[GAN]:
        """The GAN with the averaged generator in place of the raw one."""
        raw = self.gan.generator
        if self._average is not None:
            self.gan.generator = self._average.module
        try:
            yield self.gan
        finally:
            self.gan.generator = raw

    def _draw(self) -> _Draw:
        batch = self.batches.next()
        prior = self.gan.prior(self.recipe.batch)
        moved = {key: rows.to(self.device, non_blocking=True) for key, rows in prior.items()}
        return _Draw({**moved, **batch})

    def _update(self, phase: Phase, draw: _Draw) -> None:
        """One update of one module: loss, gradients, step."""
        own = self._parameters[phase.name]
        fake = self._fake(phase, draw)
        self._train_only(own)
        losses = phase.loss(draw.batch, fake)
        if not losses:
            return
        total = torch.stack(list(losses.values())).sum() * phase.every
        optimizer = self.optimizers[self._owner(phase.module)]
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        self._schedule(optimizer, phase)
        optimizer.step()
        for term, value in losses.items():
            self._collect(f"{phase.name}/{term}", value.detach())

    def _fake(self, phase: Phase, draw: _Draw) -> Tensor:
        """The fakes of a draw: with their graph for a phase that trains the generator."""
        makes = phase.name in self._makers
        if not phase.fakes:
            return torch.empty(0, device=self.device)
        if draw.fake is None:
            self._train_only(list(self.gan.generator.parameters()))
            with torch.set_grad_enabled(makes or self._shares):
                draw.fake = self.gan.generate(draw.batch)
        return draw.fake if makes else draw.fake.detach()

    def _train_only(self, parameters: Sequence[nn.Parameter]) -> None:
        """Freeze all but these; what was frozen when training began stays so."""
        chosen = set(map(id, parameters))
        for parameter in self._trainable:
            parameter.requires_grad_(id(parameter) in chosen)

    def _collect(self, name: str, value: Tensor) -> None:
        self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._counts[name] = self._counts.get(name, 0) + 1

    def _update_average(self) -> None:
        """Half-life in images: beta = 0.5 ^ (batch / half-life) (Karras et al. 2020)."""
        if self._average is None:
            return
        half_life = self.recipe.ema_kimg * 1000
        if self.recipe.ema_ramp:
            half_life = min(half_life, self.images * self.recipe.ema_ramp)
        beta = 0.5 ** (self.recipe.batch / half_life) if half_life else 0.0
        self._average.multi_avg_fn = get_ema_multi_avg_fn(beta)  # type: ignore[no-untyped-call] # torch's
        self._average.update_parameters(self.gan.generator)

    def _own(self, module: nn.Module) -> list[nn.Parameter]:
        trainable = set(map(id, self._trainable))
        return [p for p in module.parameters() if id(p) in trainable]

    def _check(self) -> None:
        names = [phase.name for phase in self.phases]
        if len(set(names)) < len(names):
            raise PluginError(f"two phases have one name: {', '.join(names)}")
        for phase in self.phases:
            if not self._parameters[phase.name]:
                raise PluginError(f"phase {phase.name!r} has no parameter to train")
            if phase.repeat < 1 or phase.every < 1:
                raise PluginError(f"phase {phase.name!r}: repeat and every are at least 1")
        for name in self.recipe.optimizers:
            if name not in names:
                raise ConfigError(f"optimizers.{name}: the phases are {', '.join(names)}")

    def _owner(self, module: nn.Module) -> int:
        """The first phase that trains a module: its number is the optimiser's."""
        return next(i for i, phase in enumerate(self.phases) if phase.module is module)

    def _build_optimizers(self) -> dict[int, torch.optim.Optimizer]:
        built: dict[int, torch.optim.Optimizer] = {}
        for number, phase in enumerate(self.phases):
            if self._owner(phase.module) == number:
                settings = self._settings(phase)
                own = self._parameters[phase.name]
                built[number] = build_optimizer(settings, own, self._laziness(phase))
        return built

    def _settings(self, phase: Phase) -> Optimizer:
        first = self.phases[self._owner(phase.module)]
        return self.recipe.optimizers.get(first.name, self.recipe.optimizer)

    def _laziness(self, phase: Phase) -> float:
        """n/(n+1) for a module with a lazy phase beside an ordinary one, else 1."""
        intervals = [other.every for other in self.phases if other.module is phase.module]
        lazy = [every for every in intervals if every > 1]
        return lazy[0] / (lazy[0] + 1) if lazy and len(intervals) > 1 else 1.0

    def _schedule(self, optimizer: torch.optim.Optimizer, phase: Phase) -> None:
        settings = self._settings(phase)
        if settings.schedule == "constant":
            return
        done = min(1.0, self.images / (self.recipe.kimg * 1000))
        left = 1 - done if settings.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
        rate = settings.lr_end + (settings.lr - settings.lr_end) * left
        for group in optimizer.param_groups:
            group["lr"] = rate * self._laziness(phase)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All that a trainer must know to go on: tensors by name, and numbers for JSON."""
        tensors = {f"gan.{key}": value for key, value in self.gan.state_dict().items()}
        if self._average is not None:
            states = self._average.state_dict()
            tensors.update({f"average.{key}": value for key, value in states.items()})
        for number, optimizer in self.optimizers.items():
            for index, values in optimizer.state_dict()["state"].items():
                for key, value in values.items():
                    tensors[f"optimizer.{number}.{index}.{key}"] = torch.as_tensor(value)
        tensors.update({f"sum.{name}": value for name, value in self._sums.items()})
        numbers = {"steps": self.steps, "drawn": self.batches.drawn, "counts": self._counts}
        return tensors, numbers

    def load_state(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Go on where `state` was taken."""
        parts: dict[str, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            part, _, key = name.partition(".")
            parts.setdefault(part, {})[key] = value.to(self.device)
        self.gan.load_state_dict(parts["gan"])
        if self._average is not None:
            self._average.load_state_dict(parts["average"])
        for number, optimizer in self.optimizers.items():
            _load_optimizer(optimizer, number, parts.get("optimizer", {}))
        self.steps, self.batches.drawn = numbers["steps"], numbers["drawn"]
        self._sums, self._counts = parts.get("sum", {}), dict(numbers["counts"])


def _load_optimizer(
    optimizer: torch.optim.Optimizer, number: int, tensors: Mapping[str, Tensor]
) -> None:
    """State in the memory layout of its parameter, which fused optimisers take for granted."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        owner, index, key = name.split(".")
        if int(owner) == number:
            like = parameters[int(index)]
            if value.shape == like.shape:
                value = torch.empty_like(like, dtype=value.dtype).copy_(value)
            state.setdefault(int(index), {})[key] = value.detach()
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def build_optimizer(
    settings: Optimizer, parameters: Sequence[nn.Parameter], laziness: float = 1.0
) -> torch.optim.Optimizer:
    """torch's optimiser, fused where it has such a form.

    Args:
        laziness: c = n/(n+1) of lazy regularisation: lr c, betas ^ c (Karras et al. 2020, B).
    """
    lr, decay = settings.lr * laziness, settings.weight_decay
    if settings.name in ("adam", "adamw"):
        first, second = (beta**laziness for beta in settings.betas)
        cls = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
        return cls(
            parameters,
            lr=lr,
            betas=(first, second),
            eps=settings.eps,
            weight_decay=decay,
            fused=True,
        )
    if settings.name == "sgd":
        return torch.optim.SGD(
            parameters, lr=lr, momentum=settings.momentum, weight_decay=decay, fused=True
        )
    return torch.optim.RMSprop(
        parameters,
        lr=lr,
        alpha=settings.alpha,
        eps=settings.eps,
        momentum=settings.momentum,
        weight_decay=decay,
    )

"""Steps: phases, draws, updates, averages, and the state that makes them go on."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ganzoo.data import Batches, Dataset
from ganzoo.errors import ConfigError, PluginError
from ganzoo.gan import GAN, Batch, Losses, Phase
from ganzoo.runtime import distributed, seeds
from ganzoo.runtime.devices import move_to_device
from ganzoo.spec import Recipe
from ganzoo.training.optimizer import ModuleOptimizer
from ganzoo.training.precision import ComputeConfig

log = logging.getLogger("ganzoo")


@dataclass
class _Draw:
    """Part of a batch, and the fakes made from it once somebody needed them."""

    batch: Batch
    fake: Tensor | None = None


class Trainer:
    """Trains a GAN step by step; a step runs each of its phases.

    Where every phase runs once a step, one batch and its fakes serve them all until the generator
    is updated; otherwise each update draws its own. Losses stay on the device until `report` reads
    them. Everything random is a function of (seed, step, rank), so a trainer that loads another's
    state goes on exactly as the other would have.

    Args:
        gan: moved to the device, in place.
        recipe: how.
        dataset: what is learned.
        seed: of batches, latents and dropout.
        device: where.
        engine: precision, compilation, accumulation.

    Raises:
        ConfigError: the recipe names a phase that the GAN does not have, or its batch cannot be
            split evenly over processes and accumulated parts.
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
        engine: ComputeConfig | None = None,
    ) -> None:
        self.device = torch.device(device)
        self.engine = engine or ComputeConfig()
        self.gan = gan
        self.recipe = recipe
        self.seed = seed
        self.steps = 0
        if recipe.sync_batch_norm and distributed.world_size() > 1:
            distributed.convert_sync_batch_norm(gan, self.device)
        move_to_device(gan, self.device)
        if not gan.training:
            gan.train()
        self.phases = tuple(gan.phases())
        self._trainable = [p for p in gan.parameters() if p.requires_grad]
        self._check()
        self.optimizers = self._build_optimizers()
        generator = set(map(id, gan.generator.parameters()))
        self._makers = {
            phase.name
            for phase in self.phases
            if generator & set(map(id, self.optimizers[phase.name].parameters))
        }
        self._shares = not recipe.fresh_fakes and all(
            phase.repeat == phase.interval == 1 for phase in self.phases if phase.needs_fakes
        )
        part = (distributed.rank(), distributed.world_size())
        self.batches = Batches(
            dataset, recipe.batch, seed=seed, device=self.device, mirror=recipe.mirror, part=part
        )
        self._average = AveragedModel(gan.generator) if recipe.ema_kimg else None
        half = self.engine.dtype(self.device) is torch.float16
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=half)
        self._losses = {phase.name: phase.loss for phase in self.phases}
        self._generate = gan.generate
        self._untried = {phase.name for phase in self.phases} if self.engine.compile else set()
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    @property
    def images(self) -> int:
        """Images of the data set that the generator has been trained against: steps x batch."""
        return self.steps * self.recipe.batch

    def step(self) -> None:
        """Run every phase that is due, then update the averaged generator."""
        self.gan.step, self.gan.images = self.steps, self.images
        parts: list[_Draw] | None = None
        for number, phase in enumerate(self.phases):
            if self.steps % phase.interval or not phase.start <= self.images < phase.end:
                continue
            for turn in range(phase.repeat):
                seed = seeds.mix(self.seed, "update", self.steps, number, turn)
                seeds.set_seed(seed, self.device)
                if parts is None or not self._shares:
                    parts = self._draw()
                if distributed.rank():
                    seeds.set_seed(seeds.mix(seed, distributed.rank()), self.device)
                self._update(phase, parts)
                if phase.name in self._makers:
                    parts = None
        self._train_only(self._trainable)
        self.steps += 1
        self._update_average()

    def report(self) -> dict[str, float]:
        """Mean of each loss since the last report, as ``phase/term``; waits for the device."""
        names = sorted(self._sums)
        means = [self._sums[name] / self._counts[name] for name in names]
        self._sums, self._counts = {}, {}
        if not names:
            return {}
        together = distributed.all_reduce_sum(torch.stack(means)) / distributed.world_size()
        return dict(zip(names, together.tolist(), strict=True))

    def gradient_norms(self) -> dict[str, float]:
        """Of the latest update of each optimiser, by its first phase; waits for the device.

        fp16 skips an update whose scaled gradients overflow: that is no news, and left out.
        """
        norms = {
            player: nn.utils.get_total_norm(gradients).item()
            for player in self._distinct_optimizers()
            if (gradients := [p.grad for p in player.parameters if p.grad is not None])
        }
        if self._scaler.is_enabled():
            norms = {player: norm for player, norm in norms.items() if math.isfinite(norm)}
        names = {player: name for name, player in reversed(self.optimizers.items())}
        return {names[player]: norm for player, norm in norms.items()}

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

    def _draw(self) -> list[_Draw]:
        """A batch, this process's share of it, in as many parts as are accumulated."""
        batch = self.batches.next()
        prior = {
            key: distributed.local_rows(rows).to(self.device, non_blocking=True)
            for key, rows in self.gan.prior(self.recipe.batch).items()
        }
        rows = {**prior, **batch}
        if self.engine.accumulate == 1:
            return [_Draw(rows)]
        chunks = {key: row.chunk(self.engine.accumulate) for key, row in rows.items()}
        parts = range(self.engine.accumulate)
        return [_Draw({key: chunk[part] for key, chunk in chunks.items()}) for part in parts]

    def _update(self, phase: Phase, parts: list[_Draw]) -> None:
        """One update of one module: losses, gradients, step."""
        if phase.name in self._untried:
            self._try_compiled(phase, parts)
        self._gradients(phase, parts)
        done = min(1.0, self.images / (self.recipe.kimg * 1000))
        self.optimizers[phase.name].update(done, self._scaler)
        self._scaler.update()
        if phase.after_update is not None:
            with torch.no_grad():
                phase.after_update()

    def _gradients(self, phase: Phase, parts: list[_Draw]) -> None:
        """Gradients of a phase's loss over all parts."""
        player = self.optimizers[phase.name]
        player.forget()
        for part in parts:
            losses = self._loss(phase, part)
            total = _total(losses, phase.interval / len(parts))
            torch.autograd.backward(self._scaler.scale(total))
            for term, value in losses.items():
                self._collect(f"{phase.name}/{term}", value.detach().float())

    def _loss(self, phase: Phase, part: _Draw) -> Losses:
        with self._autocast():
            fake = self._fake(phase, part)
            self._train_only(self.optimizers[phase.name].parameters)
            losses = self._losses[phase.name](part.batch, fake)
        if not isinstance(losses, Mapping):
            raise PluginError(
                f"the loss of phase {phase.name!r} returned {type(losses).__name__}, not a mapping"
                ' of named terms such as {"adv": loss}'
            )
        if not losses:
            raise PluginError(
                f"the loss of phase {phase.name!r} returned no term: a phase that does not run all"
                " the time has a start or an end, in images"
            )
        return losses

    def _fake(self, phase: Phase, part: _Draw) -> Tensor:
        """The fakes of a draw: with their graph for a phase that trains the generator.

        Parts of a batch keep no graph for a later phase: it is made again from the same latents.
        """
        makes = phase.name in self._makers
        if not phase.needs_fakes:
            return torch.empty(0, device=self.device)
        if part.fake is None or (makes and not part.fake.requires_grad):
            self._train_only(list(self.gan.generator.parameters()))
            keep = self._shares and self.engine.accumulate == 1
            with torch.set_grad_enabled(makes or keep):
                fake = self._generate(part.batch)
            part.fake = fake.float() if fake.is_floating_point() else fake
        return part.fake if makes else part.fake.detach()

    def _autocast(self) -> torch.autocast:
        dtype = self.engine.dtype(self.device)
        return torch.autocast(self.device.type, dtype, enabled=dtype is not None)

    def _try_compiled(self, phase: Phase, parts: list[_Draw]) -> None:
        """Compile generation once, and each phase's loss at its first update.

        What cannot be compiled stays eager. That (a double backward, say) is found out only by
        trying, so the trial's traces are wiped: buffers, losses, the random state.
        """
        self._untried.discard(phase.name)
        if phase.needs_fakes and self._generate == self.gan.generate:
            self._generate = torch.compile(self.gan.generate)
            if reason := self._trial(phase, parts):
                self._generate = self.gan.generate
                log.warning("generation is not compiled: %s", reason)
        mode = "reduce-overhead" if self.device.type == "cuda" else None
        self._losses[phase.name] = torch.compile(phase.loss, mode=mode)
        if reason := self._trial(phase, parts):
            self._losses[phase.name] = phase.loss
            log.warning("phase %s is not compiled: %s", phase.name, reason)

    def _trial(self, phase: Phase, parts: list[_Draw]) -> str:
        """Gradients of a phase without a trace; why there are none, or an empty string."""
        buffers = {name: value.clone() for name, value in self.gan.named_buffers()}
        sums, counts = dict(self._sums), dict(self._counts)
        with seeds.fork_rng(self.device):
            try:
                self._gradients(phase, [_Draw(part.batch) for part in parts])
                reason = ""
            except Exception as error:
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        for name, value in self.gan.named_buffers():
            value.copy_(buffers[name])
        self._sums, self._counts = sums, counts
        return reason

    def _train_only(self, parameters: Sequence[nn.Parameter]) -> None:
        """Freeze all but these; what was frozen when training began stays so."""
        chosen = set(map(id, parameters))
        for parameter in self._trainable:
            parameter.requires_grad_(id(parameter) in chosen)

    def _collect(self, name: str, value: Tensor) -> None:
        self._sums[name] = self._sums[name] + value if name in self._sums else value.clone()
        self._counts[name] = self._counts.get(name, 0) + 1

    def _update_average(self) -> None:
        """Half-life in images: beta = 0.5 ^ (batch / half-life) (Karras et al. 2020)."""
        if self._average is None:
            return
        half_life = self.recipe.ema_kimg * 1000
        if self.recipe.ema_ramp:
            half_life = min(half_life, self.images * self.recipe.ema_ramp)
        beta = 0.5 ** (self.recipe.batch / half_life)
        self._average.multi_avg_fn = get_ema_multi_avg_fn(beta)  # type: ignore[no-untyped-call] # torch's
        self._average.update_parameters(self.gan.generator)

    def _check(self) -> None:
        names = [phase.name for phase in self.phases]
        if len(set(names)) < len(names):
            raise PluginError(f"two phases have one name: {', '.join(names)}")
        for phase in self.phases:
            if not self._own(phase.module):
                raise PluginError(f"phase {phase.name!r} has no parameter to train")
            if phase.repeat < 1 or phase.interval < 1:
                raise PluginError(f"phase {phase.name!r}: repeat and every are at least 1")
        owners = list({id(phase.module): phase.name for phase in reversed(self.phases)}.values())
        for name in self.recipe.optimizers:
            if name not in owners:
                known = ", ".join(reversed(owners))
                raise ConfigError(f"optimizers.{name}: the phases with optimisers are {known}")
        pieces = distributed.world_size() * self.engine.accumulate
        if self.recipe.batch % pieces:
            raise ConfigError(f"a batch of {self.recipe.batch} cannot be split into {pieces} parts")

    def _own(self, module: nn.Module) -> list[nn.Parameter]:
        trainable = set(map(id, self._trainable))
        return [p for p in module.parameters() if id(p) in trainable]

    def _build_optimizers(self) -> dict[str, ModuleOptimizer]:
        """By phase; the first phase that trains a module names its optimiser's settings."""
        made: dict[int, ModuleOptimizer] = {}
        for phase in self.phases:
            if id(phase.module) in made:
                continue
            intervals = [p.interval for p in self.phases if p.module is phase.module]
            lazy = max(intervals) if len(intervals) > 1 else 1
            settings = self.recipe.optimizers.get(phase.name, self.recipe.optimizer)
            laziness = lazy / (lazy + 1) if lazy > 1 else 1.0
            made[id(phase.module)] = ModuleOptimizer(self._own(phase.module), settings, laziness)
        return {phase.name: made[id(phase.module)] for phase in self.phases}

    def _distinct_optimizers(self) -> list[ModuleOptimizer]:
        return list(dict.fromkeys(self.optimizers.values()))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All that a trainer must know to go on: tensors by name, and numbers for JSON.

        Where several processes train, all call it: what each has of its own is in it.
        """
        kept = self.gan.state_dict()
        tensors = {f"gan.{key}": value for key, value in kept.items()}
        buffers = {name: value for name, value in self.gan.named_buffers() if name in kept}
        own = {f"buffer.{name}": value.cpu() for name, value in buffers.items()}
        own.update({f"sum.{name}": value.cpu() for name, value in self._sums.items()})
        for rank, private in enumerate(distributed.all_gather(own)):
            assert isinstance(private, dict)
            tensors.update({f"rank.{rank}.{name}": value for name, value in private.items()})
        if self._average is not None:
            states = self._average.state_dict()
            tensors.update({f"average.{key}": value for key, value in states.items()})
        for number, player in enumerate(self._distinct_optimizers()):
            states = player.state()
            tensors.update({f"optimizer.{number}.{key}": v for key, v in states.items()})
        numbers = {
            "steps": self.steps,
            "drawn": self.batches.drawn,
            "counts": dict(self._counts),
            "scaler": self._scaler.state_dict(),
        }
        return tensors, numbers

    def load_state(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Go on where `state` was taken."""

        def part(prefix: str) -> dict[str, Tensor]:
            named = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            return {key: value.to(self.device) for key, value in named.items()}

        own = f"rank.{distributed.rank()}."
        if not part(own):
            own = "rank.0."
        self.gan.load_state_dict({**part("gan."), **part(own + "buffer.")})
        if self._average is not None:
            self._average.load_state_dict(part("average."))
        for number, player in enumerate(self._distinct_optimizers()):
            player.load_state(part(f"optimizer.{number}."))
        self.steps, self.batches.drawn = numbers["steps"], numbers["drawn"]
        self.gan.step, self.gan.images = self.steps, self.images
        self._sums, self._counts = part(own + "sum."), dict(numbers["counts"])
        if numbers["scaler"]:
            self._scaler.load_state_dict(numbers["scaler"])


def _total(losses: Losses, weight: float) -> Tensor:
    """The weighted sum of a phase's terms, in single precision."""
    first, *others = (value.float() for value in losses.values())
    for value in others:
        first = first + value
    total = first if weight == 1 else first * weight
    return total if total.ndim == 0 else total.sum()

"""The training step, and the state from which it resumes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ganzoo.data import Batches, Dataset
from ganzoo.errors import ConfigError
from ganzoo.gan import GAN, Batch, Phase
from ganzoo.runtime import distributed, seeds
from ganzoo.runtime.devices import move_to_device
from ganzoo.spec import Recipe
from ganzoo.training.augmented_discriminator import Augmentation
from ganzoo.training.batch_parts import BatchPart, split
from ganzoo.training.compilation import TrainingFunctions
from ganzoo.training.ema import AveragedGenerator
from ganzoo.training.loss_terms import LossMeans, weighted_sum
from ganzoo.training.optimizer import ModuleOptimizer
from ganzoo.training.phases import build_optimizers
from ganzoo.training.precision import ComputeConfig
from ganzoo.training.preflight import check_labels


class Trainer:
    """Trains a GAN step by step; a step runs each of its phases.

    Where every phase runs once a step, one batch and its fakes serve all phases until the generator
    is updated; otherwise each update has a batch of its own. Everything random is a function of
    (seed, step, rank): a trainer that loads the state of another continues exactly like it.

    Args:
        gan: moved to the device, in place.
        recipe: batch, optimizers, average, length.
        dataset: to learn.
        seed: of batches, latents and dropout.
        device: to train on.
        compute: precision, compilation, accumulation.

    Raises:
        ConfigError: the recipe names a phase that the GAN does not have, or its batch cannot be
            split evenly over processes and accumulated parts; or labels that it does not have.
        DataError: data without the labels that the model learns.
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
        compute: ComputeConfig | None = None,
    ) -> None:
        self.device = torch.device(device)
        self.compute = compute or ComputeConfig()
        self.gan, self.recipe, self.seed, self.steps = gan, recipe, seed, 0
        check_labels(gan, dataset)
        pieces = distributed.world_size() * self.compute.accumulate
        if recipe.batch % pieces:
            raise ConfigError(f"a batch of {recipe.batch} cannot be split into {pieces} parts")
        if recipe.sync_batch_norm and distributed.world_size() > 1:
            distributed.convert_sync_batch_norm(gan, self.device)
        move_to_device(gan, self.device)
        if not gan.training:
            gan.train()
        self.phases = tuple(gan.phases())
        self._trainable = [p for p in gan.parameters() if p.requires_grad]
        self.optimizers = build_optimizers(self.phases, recipe, self._trainable)
        self._generator_ids = frozenset(map(id, gan.generator.parameters()))
        self._generator_phases = {
            name
            for name, optimizer in self.optimizers.items()
            if self._generator_ids & optimizer.parameter_ids
        }
        self._shares_fakes = not recipe.fresh_fakes and all(
            phase.repeat == phase.interval == 1 for phase in self.phases if phase.needs_fakes
        )
        self.batches = Batches(
            dataset,
            recipe.batch,
            seed=seed,
            device=self.device,
            mirror=recipe.mirror,
            part=(distributed.rank(), distributed.world_size()),
        )
        self._average = AveragedGenerator(gan.generator, recipe) if recipe.ema_kimg else None
        self._autocast_dtype = self.compute.dtype(self.device)
        self._scaler = torch.amp.GradScaler(
            self.device.type, enabled=self._autocast_dtype is torch.float16
        )
        self._functions = TrainingFunctions(gan, self.phases, self.compute.compile)
        self._means = LossMeans()
        self.augmentation = Augmentation(gan, recipe, self.compute.compile)

    @property
    def images(self) -> int:
        """Images of the data set that the generator has been trained against: steps x batch."""
        return self.steps * self.recipe.batch

    @seeds.locked()
    def step(self) -> None:
        """Run every phase that is due, then update the averaged generator."""
        self.gan.step, self.gan.images = self.steps, self.images
        parts: list[BatchPart] | None = None
        for number, phase in enumerate(self.phases):
            if self.steps % phase.interval or not phase.start <= self.images < phase.end:
                continue
            for turn in range(phase.repeat):
                seed = seeds.mix(self.seed, "update", self.steps, number, turn)
                seeds.set_seed(seed, self.device)
                self.augmentation.seed(seed)
                if parts is None or not self._shares_fakes:
                    parts = self._next_batch()
                if distributed.rank():  # the same prior in all processes, other dropout in each
                    seeds.set_seed(seeds.mix(seed, distributed.rank()), self.device)
                if self._functions.is_pending(phase):
                    batches = [part.batch for part in parts]
                    self._functions.compile(phase, partial(self.try_gradients, phase, batches))
                self._compute_gradients(phase, parts)
                self._apply_gradients(phase)
                if phase.name in self._generator_phases:
                    parts = None
        self._unfreeze()
        self.steps += 1
        self.augmentation.adjust(self.steps)
        if self._average is not None:
            self._average.update(self.gan.generator, self.images)

    def _next_batch(self) -> list[BatchPart]:
        """This process's share of the next batch, in as many parts as are accumulated."""
        batch = self.batches.next()
        prior = {
            key: distributed.local_rows(rows).to(self.device, non_blocking=True)
            for key, rows in self.gan.prior(self.recipe.batch).items()
        }
        return split({**prior, **batch}, self.compute.accumulate)

    def _compute_gradients(self, phase: Phase, parts: list[BatchPart]) -> None:
        """Add up the gradients of a phase's loss over all parts."""
        optimizer = self.optimizers[phase.name]
        optimizer.zero_grad()
        for part in parts:
            with torch.autocast(
                self.device.type, self._autocast_dtype, enabled=self._autocast_dtype is not None
            ):
                self._freeze_all_but(self._generator_ids)
                fake = self._fakes(phase, part)
                self._freeze_all_but(optimizer.parameter_ids)
                trains_generator = phase.name in self._generator_phases
                with self.augmentation.applied(part.batch, counts=not trains_generator):
                    losses = self._functions.losses[phase.name](part.batch, fake)
            total = weighted_sum(phase, losses, phase.interval / len(parts))
            torch.autograd.backward(self._scaler.scale(total))
            self._means.add(phase.name, losses)

    def _freeze_all_but(self, parameters: Set[int]) -> None:
        """Let these require gradients, and no others; what the plugin froze stays frozen."""
        for parameter in self._trainable:
            parameter.requires_grad_(id(parameter) in parameters)

    def _fakes(self, phase: Phase, part: BatchPart) -> Tensor:
        """Fakes of a part: with their graph for a phase that trains the generator.

        With accumulated parts no graph is kept for a later phase: it generates the fakes again,
        from the same latents.
        """
        if not phase.needs_fakes:
            return torch.empty(0, device=self.device)
        trains_generator = phase.name in self._generator_phases
        if part.fake is None or (trains_generator and not part.fake.requires_grad):
            keeps_graph = self._shares_fakes and self.compute.accumulate == 1
            with torch.set_grad_enabled(trains_generator or keeps_graph):
                fake = self._functions.generate(part.batch)
            part.fake = fake.float() if fake.is_floating_point() else fake
        return part.fake if trains_generator else part.fake.detach()

    def _apply_gradients(self, phase: Phase) -> None:
        """Update a phase's module from its gradients, averaged over the processes."""
        optimizer = self.optimizers[phase.name]
        distributed.average_gradients(optimizer.parameters)
        optimizer.set_progress(min(1.0, self.images / (self.recipe.kimg * 1000)))
        self._scaler.step(optimizer.optimizer)
        self._scaler.update()
        if phase.after_update is not None:
            with torch.no_grad():
                phase.after_update()

    def try_gradients(self, phase: Phase, batches: Sequence[Batch]) -> None:
        """Compute gradients, and undo all other effects: on buffers, means, random state."""
        buffers = {name: value.clone() for name, value in self.gan.named_buffers()}
        means = self._means.copy()
        try:
            with seeds.fork_rng(self.device), self.augmentation.trial():
                self._compute_gradients(phase, [BatchPart(batch) for batch in batches])
        finally:
            for name, value in self.gan.named_buffers():
                value.copy_(buffers[name])
            self._means = means
            self._unfreeze()

    def _unfreeze(self) -> None:
        for parameter in self._trainable:
            parameter.requires_grad_(True)

    def report(self) -> dict[str, float]:
        """Mean of each loss since the last report, as ``phase/term``; waits for the device."""
        return self._means.pop()

    def gradient_norms(self) -> dict[str, float]:
        """Norm of each module's latest gradient, by its first phase; waits for the device.

        fp16 skips an update whose scaled gradients overflow: such norms are left out.
        """
        names = {optimizer: name for name, optimizer in reversed(self.optimizers.items())}
        norms = {
            names[optimizer]: nn.utils.get_total_norm(gradients).item()
            for optimizer in self._distinct_optimizers()
            if (gradients := [p.grad for p in optimizer.parameters if p.grad is not None])
        }
        if self._scaler.is_enabled():
            return {name: norm for name, norm in norms.items() if math.isfinite(norm)}
        return norms

    @contextmanager
    def averaged(self) -> Iterator[GAN]:
        """The GAN with the averaged generator in place of the raw one."""
        raw = self.gan.generator
        if self._average is not None:
            self.gan.generator = self._average.generator
        try:
            yield self.gan
        finally:
            self.gan.generator = raw

    def _distinct_optimizers(self) -> list[ModuleOptimizer]:
        return list(dict.fromkeys(self.optimizers.values()))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """State from which training resumes: tensors by name, and numbers for JSON.

        With several processes, all call it: it holds the buffers and losses of each.
        """
        kept = self.gan.state_dict()
        tensors = {f"gan.{key}": value for key, value in kept.items()}
        buffers = {name: value for name, value in self.gan.named_buffers() if name in kept}
        own = {f"buffer.{name}": value.cpu() for name, value in buffers.items()}
        own.update({f"sum.{name}": value.cpu() for name, value in self._means.sums.items()})
        for rank, private in enumerate(distributed.all_gather(own)):
            assert isinstance(private, dict)
            tensors.update({f"rank.{rank}.{name}": value for name, value in private.items()})
        if self._average is not None:
            states = self._average.model.state_dict()
            tensors.update({f"average.{key}": value for key, value in states.items()})
        for number, optimizer in enumerate(self._distinct_optimizers()):
            states = optimizer.state()
            tensors.update({f"optimizer.{number}.{key}": v for key, v in states.items()})
        numbers = {
            "steps": self.steps,
            "drawn": self.batches.drawn,
            "counts": dict(self._means.counts),
            "scaler": self._scaler.state_dict(),
            **self.augmentation.state(),
        }
        return tensors, numbers

    def load_state(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Continue from a `state`."""

        def part(prefix: str) -> dict[str, Tensor]:
            named = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            return {key: value.to(self.device) for key, value in named.items()}

        own = f"rank.{distributed.rank()}."
        if not part(own):
            own = "rank.0."
        self.gan.load_state_dict({**part("gan."), **part(own + "buffer.")})
        if self._average is not None:
            self._average.model.load_state_dict(part("average."))
        for number, optimizer in enumerate(self._distinct_optimizers()):
            optimizer.load_state(part(f"optimizer.{number}."))
        self.steps, self.batches.drawn = numbers["steps"], numbers["drawn"]
        self.gan.step, self.gan.images = self.steps, self.images
        self._means.sums, self._means.counts = part(own + "sum."), dict(numbers["counts"])
        self.augmentation.load_state(numbers)
        if numbers["scaler"]:
            self._scaler.load_state_dict(numbers["scaler"])

"""The model to check, with tiny data of its kind and helpers to build and train it."""

from __future__ import annotations

import copy
import importlib.util
import math
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo import registry
from ganzoo.data import Dataset, load_data
from ganzoo.data.catalog import EMBEDDED
from ganzoo.data.dataset import as_float, as_uint8
from ganzoo.errors import GanzooError
from ganzoo.gan import GAN, Batch, Losses, Phase, build
from ganzoo.runtime import seeds
from ganzoo.spec import Recipe
from ganzoo.training import ComputeConfig, Trainer
from ganzoo.training.loss_terms import check_terms
from ganzoo.training.precision import Precision

ROWS = 64
"""Rows of the data that the checks generate."""
BATCH = 4
ANY = 32
"""Height and width of the images for a model that takes any."""
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Stage:
    """A run after some steps."""

    losses: dict[str, float]
    """Means since the stage before."""
    weights: dict[str, Tensor]
    tensors: dict[str, Tensor]
    """With `numbers`, the state from which the run resumes."""
    numbers: dict[str, Any]

    @classmethod
    def of(cls, trainer: Trainer) -> Stage:
        """The stage that a run is at; its next losses are those from here on."""
        tensors, numbers = trainer.state()
        copied = {name: value.detach().clone() for name, value in tensors.items()}
        return cls(trainer.report(), values(trainer.gan), copied, copy.deepcopy(numbers))

    @property
    def state_dict(self) -> dict[str, Tensor]:
        """State dict of the model."""
        parts = ((name.partition("."), value) for name, value in self.tensors.items())
        return {name: value for (owner, _, name), value in parts if owner == "gan"}


@dataclass(frozen=True)
class Run:
    """A run of four steps, with which several checks compare theirs."""

    gan: GAN
    """The model after it, only to sample from."""
    stages: tuple[Stage, Stage, Stage]
    """The run before its first step, after two and after four."""


@dataclass(frozen=True)
class CheckedModel:
    """A preset of a model, and the data that it is checked with.

    Args:
        registered: the preset.
        given: the data; left out, data that the model can be trained on.
    """

    registered: registry.Model
    given: Dataset | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe of the preset, with a tiny batch."""
        return replace(self.registered.preset.recipe, batch=BATCH)

    @cached_property
    def data(self) -> Dataset:
        """The given data; else rows of MNIST or of a plugin's data set, if the recipe names them;
        else random images."""
        return self.untrained.prepare_data(self._found())

    @cached_property
    def untrained(self) -> GAN:
        """A fresh model to ask and to sample from; building one takes longer than a step."""
        return self.build()

    @cached_property
    def run(self) -> Run:
        """The run that checks share; training takes longer than what most of them compare."""
        trainer = self.trainer(self.build())
        start = Stage.of(trainer)
        stages = start, Stage.of(advance(trainer, 2)), Stage.of(advance(trainer, 2))
        return Run(trainer.gan, stages)

    def _found(self) -> Dataset:
        if self.given is not None:
            return self.given
        name = self.registered.preset.recipe.data
        plugins = registry.installed(registry.DATASETS)
        if name in {each for plugin in plugins for each in (plugin.name, plugin.qualified)}:
            return _first_rows(load_data(name, self.untrained.sample_spec))
        with seeds.fork_rng(CPU, 0):
            gan = self.untrained
            if gan.sample_spec.kind != "images":
                return Dataset("untrained samples", {"real": gan.sample(ROWS, seed=1)})
            shape = tuple(size or ANY for size in gan.sample_spec.shape)
            if name == EMBEDDED:
                return _digits(shape)
            return _noise(shape, gan.prior(ROWS).get("label", torch.arange(ROWS) % 2))

    def build(self, seed: int = 0, preset: str | None = None) -> GAN:
        """A fresh model of this preset or of another one; its weights depend on the seed alone."""
        model = replace(self.registered, preset_name=preset or self.registered.preset_name)
        with seeds.fork_rng(CPU, seeds.mix(seed, "weights")):
            return build(model)

    def batch(self, gan: GAN, n: int = BATCH) -> Batch:
        """The first rows of the data, repeated if there are fewer, and a fixed prior."""
        with seeds.fork_rng(CPU, 0):
            prior = gan.prior(n)
        return {**prior, **self.data.rows(torch.arange(n) % len(self.data))}

    def conditions(self, gan: GAN, n: int) -> dict[str, Tensor | int]:
        """Inputs of `GAN.sample` for n samples."""
        return gan.sample_conditions(self.data, n, seed=0)

    def trainer(
        self, gan: GAN, *, seed: int = 0, precision: Precision = "fp32", rows: int = BATCH
    ) -> Trainer:
        """A trainer of the model with its recipe and a batch of some rows."""
        recipe = replace(self.recipe, batch=rows)
        return Trainer(gan, recipe, self.data, seed=seed, compute=ComputeConfig(precision))

    def single_phase(self, gan: GAN, number: int, rows: int = BATCH) -> tuple[Phase, Trainer]:
        """A phase, and a trainer that runs this phase alone, on the same few rows."""
        phases = gan.phases()
        phase = phases[number]
        owner = next(each.name for each in phases if each.module is phase.module)
        optimizer = self.recipe.optimizers.get(owner, self.recipe.optimizer)
        recipe = replace(self.recipe, batch=rows, optimizer=optimizer, optimizers={})
        few = Dataset("few", {key: values[:rows] for key, values in self.data.columns.items()})
        only = (replace(phase, repeat=1, interval=1, start=0.0, end=math.inf),)
        gan.phases = lambda: only  # type: ignore[method-assign] # of this one instance
        trainer = Trainer(gan, recipe, few, compute=ComputeConfig("fp32"))
        del gan.phases
        return phase, trainer

    def describe(self, error: BaseException) -> str:
        """An exception in one line, with the line of the plugin that raised it."""
        kind = "" if isinstance(error, GanzooError) else f"{type(error).__name__}: "
        text = " ".join(f"{kind}{error}".split()).rstrip(".")
        if isinstance(error, KeyError):
            text += ", no such entry in the batch"
        if "a leaf Variable that requires grad" in text:
            text += ": change parameters in after_update of a phase"
        text = text if len(text) <= 300 else f"{text[:300]}..."
        package = importlib.util.find_spec(
            self.registered.spec.model.partition(":")[0].split(".")[0]
        )
        if package is None or package.origin is None:
            return text
        folder = Path(package.origin).parent
        frames = traceback.extract_tb(error.__traceback__)
        own = [each for each in frames if folder in Path(each.filename).parents]
        return f"{text} ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else text


def advance(trainer: Trainer, steps: int) -> Trainer:
    """The trainer, some steps later."""
    for _ in range(steps):
        trainer.step()
    return trainer


@contextmanager
def trained_alone(gan: GAN, phase: Phase) -> Iterator[None]:
    """Let only the parameters of a phase require gradients."""
    trainable = [parameter for parameter in gan.parameters() if parameter.requires_grad]
    own = set(map(id, phase.module.parameters()))
    for parameter in trainable:
        parameter.requires_grad_(id(parameter) in own)
    try:
        yield
    finally:
        for parameter in trainable:
            parameter.requires_grad_(True)


def phase_losses(gan: GAN, phase: Phase, batch: Batch) -> Losses:
    """Losses of a phase on a batch and its fakes.

    Raises:
        PluginError: no named terms.
    """
    fake = gan.generate(batch) if phase.needs_fakes else torch.empty(0)
    return check_terms(phase, phase.loss(batch, fake.float() if fake.is_floating_point() else fake))


def total(losses: Losses) -> Tensor:
    """The sum that the trainer minimizes."""
    return torch.stack([value.float() for value in losses.values()]).sum()


def values(module: nn.Module) -> dict[str, Tensor]:
    """Copies of parameters and buffers."""
    named = (*module.named_parameters(), *module.named_buffers())
    return {name: value.detach().clone() for name, value in named}


def changed(before: dict[str, Tensor], after: dict[str, Tensor]) -> list[str]:
    """Names of tensors that differ in any bit, or exist on one side only."""
    every = {**before, **after}
    return [
        name
        for name in every
        if name not in before
        or name not in after
        or not torch.equal(before[name].cpu(), after[name].cpu())
    ]


def differ(one: Tensor, other: Tensor) -> bool:
    """True if shapes differ, or values by more than rounding explains."""
    if one.shape != other.shape or not one.is_floating_point():
        return not torch.equal(one, other)
    return not torch.allclose(one, other, rtol=1e-3, atol=1e-4)


def _first_rows(dataset: Dataset) -> Dataset:
    columns = {key: values[:ROWS] for key, values in dataset.columns.items()}
    return replace(dataset, columns=columns)


def _digits(shape: tuple[int, ...]) -> Dataset:
    """A few rows of MNIST, scaled to a shape."""
    whole = load_data(EMBEDDED, (1, 28, 28))
    images = as_float(whole.columns["real"][:ROWS])
    if shape != (1, 28, 28):
        images = F.interpolate(images, shape[1:], mode="bilinear", antialias=True)
        images = images.expand(-1, shape[0], -1, -1)
    real = as_uint8(images).permute(0, 2, 3, 1)
    return Dataset(EMBEDDED, {"real": real, "label": whole.columns["label"][:ROWS]}, whole.classes)


def _noise(shape: tuple[int, ...], label: Tensor) -> Dataset:
    """Random images, each with a label, a source and a mask."""
    channels, height, width = shape
    size = (ROWS, height, width, channels)
    real, source = torch.randint(256, (2, *size), dtype=torch.uint8)
    mask = torch.zeros(ROWS, 1, height, width)
    mask[:, :, : height // 2] = 1
    columns = {"real": real, "label": label, "source": source, "mask": mask}
    return Dataset("random images", columns)

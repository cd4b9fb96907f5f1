"""Rows of a benchmark: what is asked, and what was measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ganzoo import hub, registry

BUDGET = 240.0
"""Default seconds of training per row."""


@dataclass(frozen=True)
class BenchConfig:
    """Settings that all rows of a benchmark share.

    Args:
        folder: for rows, runs and pictures.
        budget: seconds of training; 0 measures speed alone.
        seed: of all random numbers.
        device: as `ganzoo.runtime.devices.resolve_device` takes it.
        protocol: of the scores; left out, each preset's own.
        n: samples; left out, the protocol's.
        seeds: runs of each model, with seeds from ``seed`` on.
        data: data set to train on; left out, each recipe's.
        settings: changes of configs and recipes, as typed.
        sweep: values of settings, as typed; each combination is a row per model and seed.
        shard: ``(i, n)``: measure every n-th row alone, from the i-th on.
    """

    folder: Path
    budget: float = BUDGET
    seed: int = 0
    device: str = "auto"
    protocol: str | None = None
    n: int | None = None
    seeds: int = 1
    data: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    sweep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shard: tuple[int, int] = (1, 1)

    def file_stem(self, name: str) -> str:
        """Name of a model's files: with swept settings, and with the seed if there are several."""
        swept = "".join(f".{key}-{self.settings.get(key, '')}" for key in self.sweep)
        name = re.sub(r"[^\w.-]+", "_", f"{name}{swept}")
        return f"{name}.seed{self.seed}" if self.seeds > 1 else name


@dataclass(frozen=True)
class Target:
    """A model to train and measure, or a trained one to measure.

    Args:
        name: as it is shown.
        model: the preset.
        trained: the folder of its weights; None for a preset.
    """

    name: str
    model: registry.Model
    trained: hub.TrainedModel | None = None
    optional: bool = False
    """True if a glob named it: its training is left out where its needs are not met."""

    @property
    def data(self) -> str:
        """Data set that it is trained on."""
        return (self.trained.run if self.trained else self.model.preset).recipe.data


def find_targets(names: list[str]) -> list[Target]:
    """The targets of names and globs of models, ``local-dir:PATH`` and ``hf-hub:user/repo``.

    Raises:
        UnknownNameError: a name that does not exist, or a glob that matches nothing.
        WeightsError: a folder without weights.
    """
    found: dict[str, Target] = {}
    for name in names:
        if ":" in name:
            trained = hub.open_model(name)
            found[name] = Target(name, trained.model, trained)
        else:
            glob = any(sign in name for sign in "*?[")
            for model in registry.match([name]):
                found[model.qualified] = Target(model.name, model, optional=glob)
    return list(found.values())


@dataclass(frozen=True)
class Row:
    """Measurements of one model; None for what was not measured."""

    model: str
    distribution: str
    version: str
    weights: str
    """``trained`` here, ``published``, ``given`` for a folder, or ``untrained`` where only speed
    was measured."""
    seed: int
    device: str
    torch: str
    ganzoo: str
    generator_parameters: int | None = None
    discriminator_parameters: int | None = None
    train_images_per_second: float | None = None
    sample_images_per_second: float | None = None
    peak_megabytes: float | None = None
    kimg: float | None = None
    seconds: float | None = None
    n: int | None = None
    protocol: str = ""
    protocol_hash: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    floor: Mapping[str, float] = field(default_factory=dict)
    classes: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()
    picture: str = ""
    error: str = ""
    editable: bool = False
    """True for a plugin installed in place: its version does not identify its code."""
    data: str = ""
    """Data set of the scores."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings that differ from the preset's, as typed."""
    spread: Mapping[str, float] = field(default_factory=dict)
    """Standard deviations of the values over sets of samples; empty for one set."""

"""What a plugin says about itself: frozen dataclasses that cost nothing to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from ganzoo.errors import ConfigError

API = 1
"""The version of the contract that this ganzoo speaks; a spec that says another is refused."""


@dataclass(frozen=True)
class Optimizer:
    """How one module's parameters are updated."""

    name: Annotated[Literal["adam", "adamw", "sgd", "rmsprop"], "update rule"] = "adam"
    lr: Annotated[float, "learning rate"] = 2e-4
    betas: Annotated[tuple[float, float], "decay of the moment estimates (adam, adamw)"] = (
        0.5,
        0.999,
    )
    eps: Annotated[float, "added to the denominator (adam, adamw, rmsprop)"] = 1e-8
    momentum: Annotated[float, "momentum (sgd, rmsprop)"] = 0.0
    alpha: Annotated[float, "decay of the squared average (rmsprop)"] = 0.99
    weight_decay: Annotated[float, "weight decay"] = 0.0
    schedule: Annotated[
        Literal["constant", "linear", "cosine"], "how lr goes to lr_end over the run"
    ] = "constant"
    lr_end: Annotated[float, "learning rate at the end of the run, unless constant"] = 0.0

    def __post_init__(self) -> None:
        if not self.lr > 0:
            raise ConfigError(f"lr must be above 0, not {self.lr}")
        if self.lr_end < 0:
            raise ConfigError(f"lr_end must not be negative, but it is {self.lr_end}")


@dataclass(frozen=True)
class Recipe:
    """How a preset is trained. Durations are thousands of images (kimg), never steps or epochs."""

    data: Annotated[str, "data set it is trained on"]
    kimg: Annotated[float, "length of the training, in thousands of images"]
    batch: Annotated[int, "images in a batch, over all processes"] = 64
    optimizer: Annotated[Optimizer, "for every phase that `optimizers` does not name"] = field(
        default_factory=Optimizer
    )
    optimizers: Annotated[Mapping[str, Optimizer], "by phase, where they differ"] = field(
        default_factory=dict, metadata={"like": "optimizer"}
    )
    ema_kimg: Annotated[float, "half-life of the averaged generator; 0: no averaging"] = 10.0
    ema_ramp: Annotated[float, "half-life at most this fraction of the images seen"] = 0.05
    fresh_fakes: Annotated[bool, "new fakes for each phase, even where they could be shared"] = (
        False
    )
    mirror: Annotated[bool, "flip half of the images left to right"] = False
    sync_batch_norm: Annotated[bool, "batch norm over the batch of all processes"] = False

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ConfigError(f"batch must be at least 1, not {self.batch}")
        if not 0 < self.kimg < float("inf"):
            raise ConfigError(f"kimg must be above 0 and end somewhere, not {self.kimg}")
        if self.ema_kimg < 0 or self.ema_ramp < 0:
            raise ConfigError("ema_kimg and ema_ramp must not be negative")


@dataclass(frozen=True)
class Weights:
    """Where trained weights lie, and the hash that decides whether they are the right ones."""

    repo: str
    """Hub repository, ``user/name``; empty where the plugin's package carries the only copy."""
    revision: str
    """Full commit of the repository, 40 hexadecimal digits."""
    sha256: str
    """Hash of ``model.safetensors``; a copy that has it is right, wherever it lies."""
    size: int
    """Bytes."""
    license: str
    """SPDX identifier of the weights' licence."""


@dataclass(frozen=True)
class Preset:
    """One published setting of an architecture: a recipe, a row in the benchmark, and weights."""

    config: Any
    """The frozen dataclass that the model is built from."""
    recipe: Recipe
    protocol: Any = "quick"
    """How it is scored when nothing else is asked: the name of a protocol, or a
    `ganzoo.spec.Protocol` that the plugin brings."""
    weights: Weights | None = None
    description: str = ""


@dataclass(frozen=True)
class Paper:
    """Where the architecture comes from."""

    authors: str
    """``"Radford et al."``"""
    year: int
    title: str
    url: str


@dataclass(frozen=True)
class Deviation:
    """One thing that is done otherwise than in the paper."""

    what: str
    why: str


@dataclass(frozen=True)
class ModelSpec:
    """What the registry knows of an architecture without importing torch."""

    model: str
    """The class, as ``"package.module:Class"``."""
    summary: str
    """One sentence: what the model is."""
    paper: Paper
    license: str
    """SPDX identifier of the code's licence."""
    presets: Mapping[str, Preset]
    """By name; the first is what the bare architecture name means."""
    deviations: tuple[Deviation, ...] = ()
    healthy: str = ""
    """What the losses look like when training goes well."""
    task: str = "unconditional-image-generation"
    """The Hub's name of the task."""
    api: int = API


@dataclass(frozen=True)
class DatasetSpec:
    """What the registry knows of a data set without importing torch; ``--data NAME`` finds it."""

    load: str
    """The function, as ``"package.module:function"``: it takes ``"train"`` or ``"test"`` and
    returns a `ganzoo.Dataset`, or raises `ganzoo.errors.DataError` where it has no such split."""
    summary: str
    """One sentence: what the rows are."""
    license: str
    """SPDX identifier of the data's licence, or a word for it."""
    url: str = ""
    """Where the data comes from."""
    api: int = API


@dataclass(frozen=True)
class ExtractorSpec:
    """What the registry knows of a feature extractor without importing torch; protocols name it."""

    build: str
    """The function, as ``"package.module:function"``: it takes nothing and returns an
    ``nn.Module`` that maps float samples, (N, ...), to `ganzoo.evaluation.extractors.Features`."""
    summary: str
    """One sentence: what the features are."""
    license: str
    """SPDX identifier of the weights' licence."""
    sha256: str = ""
    """Hash of its weights; empty if it has none. It is part of a protocol's hash."""
    shape: tuple[int, ...] | None = None
    """What one sample must be, e.g. (3, 32, 32); None for any."""
    api: int = API

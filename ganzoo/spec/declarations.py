"""Declarations of a plugin: frozen dataclasses that import no torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from ganzoo.errors import ConfigError
from ganzoo.spec.fields import Above, AtLeast, Below, ModelConfig, check_fields
from ganzoo.spec.protocol import Protocol

API = 2
"""Version of the contract with plugins; a spec of another version is refused."""


@dataclass(frozen=True)
class Optimizer:
    """Optimizer of one module."""

    name: Annotated[Literal["adam", "adamw", "sgd", "rmsprop"], "update rule"] = "adam"
    lr: Annotated[float, Above(0), "learning rate"] = 2e-4
    betas: Annotated[
        tuple[float, float], AtLeast(0), Below(1), "decay of the moment estimates (adam, adamw)"
    ] = (0.5, 0.999)
    eps: Annotated[float, AtLeast(0), "added to the denominator (adam, adamw, rmsprop)"] = 1e-8
    momentum: Annotated[float, AtLeast(0), "momentum (sgd, rmsprop)"] = 0.0
    alpha: Annotated[float, AtLeast(0), "decay of the squared average (rmsprop)"] = 0.99
    weight_decay: Annotated[float, AtLeast(0), "weight decay"] = 0.0
    schedule: Annotated[
        Literal["constant", "linear", "cosine"], "decay of lr to lr_end over the run"
    ] = "constant"
    lr_end: Annotated[float, AtLeast(0), "learning rate at the end of the run, unless constant"] = (
        0.0
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Recipe:
    """Training of a preset. Durations are thousands of images (kimg), never steps or epochs."""

    data: Annotated[str, "data set to train on"]
    kimg: Annotated[float, Above(0), "length of the training, in thousands of images"]
    batch: Annotated[int, AtLeast(1), "batch size, over all processes"] = 64
    optimizer: Annotated[Optimizer, "of every phase that `optimizers` does not name"] = field(
        default_factory=Optimizer
    )
    optimizers: Annotated[Mapping[str, Optimizer], "by phase, where they differ"] = field(
        default_factory=dict, metadata={"like": "optimizer"}
    )
    ema_kimg: Annotated[float, AtLeast(0), "half-life of the averaged generator; 0: no average"] = (
        10.0
    )
    ema_ramp: Annotated[
        float, AtLeast(0), "half-life at most this fraction of the images seen; 0: no limit"
    ] = 0.05
    fresh_fakes: Annotated[bool, "new fakes for each phase, even where they could be shared"] = (
        False
    )
    mirror: Annotated[bool, "flip half of the images left to right"] = False
    augment: Annotated[
        Literal["none", "diff", "ada"],
        "augmentation of what the discriminator sees, for few images: DiffAugment, or ADA",
    ] = "none"
    augment_kimg: Annotated[
        float, Above(0), "images in which ADA's strength grows from 0 to 1 at most, in thousands"
    ] = 500.0
    sync_batch_norm: Annotated[bool, "batch norm over the batch of all processes"] = False

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Weights:
    """Trained weights of a preset, identified by their hash.

    Weights without `converter` are ganzoo's own: the plugin's package carries them, or a Hub
    repository with a model folder. Weights with one are a file that others published.
    """

    sha256: str
    """Hash of ``model.safetensors``, or of the published file: 64 hexadecimal digits, at least the
    first 8 where the publisher states no more, none if no hash is known. A file without a known
    hash is never downloaded."""
    license: str = ""
    """SPDX identifier of the weights' license, or its name; empty: that of the recipe's data."""
    repo: str = ""
    """Hub repository, ``user/name``; empty: the plugin's package, or `url`."""
    revision: str = ""
    """Full commit of the repository, 40 hexadecimal digits; a published file with a full hash
    needs none."""
    size: int = 0
    """Bytes; 0: not stated."""
    path: str = ""
    """Path of the published file in the repository."""
    url: str = ""
    """Address of the published file, https; http only for a file without a known hash."""
    converter: str = ""
    """The function that converts the published file, as ``"package.module:function"``; see
    `ganzoo.hub.conversion`."""
    origin: str = ""
    """Page of the publication."""
    terms: str = ""
    """Address of a license that must be accepted first (research only); empty: none."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Published scores by the name of the metric, e.g. ``{"FID50k": 2.79}``; not measured here."""
    page: bool = False
    """True if `url` is a page that links the file, for people alone: the file is never downloaded,
    but its hash is verified when it is imported."""
    classes: str = ""
    """The function that names the classes of a published file by label, as
    ``"package.module:function"``; it takes nothing and returns a tuple. Empty: no names."""

    def __post_init__(self) -> None:
        if self.converter:
            self._check_published()
        elif not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ConfigError(
                f"Weights(sha256={self.sha256!r}): must be 64 hexadecimal digits, as `ganzoo push`"
                " prints them"
            )
        elif bool(self.repo) != bool(re.fullmatch("[0-9a-f]{40}", self.revision)):
            raise ConfigError(
                f"Weights(repo={self.repo!r}, revision={self.revision!r}): must be a repository and"
                " its full commit, 40 hexadecimal digits, or neither"
            )

    def _check_published(self) -> None:
        if not re.fullmatch("([0-9a-f]{8,64})?", self.sha256):
            raise ConfigError(
                f"Weights(sha256={self.sha256!r}): must be 8 to 64 hexadecimal digits, or empty"
            )
        unfetched = () if self.sha256 else ("http://",)  # listed only, never downloaded
        if bool(self.url) == bool(self.repo and self.path):
            raise ConfigError("Weights: a published file needs a url, or a repo and a path in it")
        if self.url and not self.url.startswith(("https://", "http://127.0.0.1", *unfetched)):
            raise ConfigError(f"Weights(url={self.url!r}): must begin with https://")
        if not re.fullmatch("([0-9a-f]{40})?", self.revision):
            raise ConfigError(
                f"Weights(revision={self.revision!r}): must be a full commit, 40 hexadecimal digits"
            )
        if not self.license:
            raise ConfigError("Weights: a published file needs a license")


@dataclass(frozen=True)
class Preset:
    """One published setting of an architecture: a recipe, a row in the benchmark, and weights."""

    config: ModelConfig
    """The config that the model is built from."""
    recipe: Recipe
    protocol: str | Protocol = "quick"
    """Protocol of its scores unless another one is asked for: a name, or the plugin's own."""
    weights: Weights | None = None
    description: str = ""
    few: bool = False
    """True for a recipe for hundreds of rows; `ganzoo recommend` names it for such data first."""


@dataclass(frozen=True)
class Paper:
    """Publication of the architecture."""

    authors: str
    """``"Radford et al."``"""
    year: int
    title: str
    url: str


@dataclass(frozen=True)
class Deviation:
    """One difference from the paper."""

    what: str
    why: str


@dataclass(frozen=True)
class ModelSpec:
    """Description of an architecture, read without importing torch."""

    model: str
    """The class, as ``"package.module:Class"``."""
    summary: str
    """One sentence about the model."""
    paper: Paper
    license: str
    """SPDX identifier of the code's license."""
    presets: Mapping[str, Preset]
    """By name; the bare name of the architecture is the first one."""
    deviations: tuple[Deviation, ...] = ()
    healthy: str = ""
    """Typical losses of a run that goes well."""
    task: str = "unconditional-image-generation"
    """The Hub's name of the task."""
    converters: tuple[str, ...] = ()
    """Functions that recognize and convert files of other programs, as
    ``"package.module:function"``; ``ganzoo import`` tries each. See `ganzoo.hub.conversion`."""
    pickled_classes: tuple[str, ...] = ()
    """Beginnings of class names in pickles of the published networks, e.g. ``"pg_modules."``, and
    full names of classes in files of ``torch.save``, e.g. of a config; they are read as plain data
    and never imported."""
    needs: str = ""
    """Extra, download or device that training needs and sampling does not, in words."""
    check_needs: str = ""
    """The function that is called before data are read, as ``"package.module:function"``: it takes
    the config, and raises a `ganzoo.errors.GanzooError` if the needs are not met."""
    api: int = API


@dataclass(frozen=True)
class DatasetSpec:
    """Description of a data set, read without importing torch; ``--data NAME`` finds it."""

    load: str
    """The function, as ``"package.module:function"``: it takes ``"train"`` or ``"test"`` and
    returns a `ganzoo.Dataset`, or raises `ganzoo.errors.DataError` where it has no such split."""
    summary: str
    """One sentence about the rows."""
    license: str
    """SPDX identifier of the data's license, or a word for it."""
    url: str = ""
    """Home page of the data."""
    api: int = API


@dataclass(frozen=True)
class ExtractorSpec:
    """Description of a feature extractor, read without importing torch; protocols name it."""

    build: str
    """The function, as ``"package.module:function"``: it takes nothing and returns an
    ``nn.Module`` that maps float samples, (N, ...), to `ganzoo.evaluation.extractors.Features`."""
    summary: str
    """One sentence about the features."""
    license: str
    """SPDX identifier of the weights' license."""
    sha256: str = ""
    """Hash of its weights; empty if it has none. It is part of a protocol's hash."""
    shape: tuple[int, ...] | None = None
    """Shape of one sample, e.g. (3, 32, 32); None: any."""
    api: int = API

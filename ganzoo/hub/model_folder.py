"""Model folder: config.json describes a model, model.safetensors holds its generator's weights."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ganzoo import registry
from ganzoo.errors import ConfigError, UnknownNameError, UsageError, WeightsError, first_problems
from ganzoo.gan import GAN, build
from ganzoo.gan.sample_inputs import label_number
from ganzoo.runtime import checkpoint, seeds, tensor_files
from ganzoo.runtime import file_formats as formats
from ganzoo.runtime.devices import without_memory
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.memory import total_memory
from ganzoo.spec import Recipe
from ganzoo.spec.config import from_json, to_json

log = logging.getLogger("ganzoo")

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
METRICS = "metrics.json"
STEPS: tuple[formats.Step, ...] = ()
"""Upgrades of config.json from format 1 to 2, and so on; there is one format so far."""
FORMAT = formats.current_format(STEPS)


@dataclass(frozen=True)
class RunConfig:
    """Content of a model folder's config.json: everything that determines a run."""

    model: str
    """``arch.preset``"""
    distribution: str
    version: str
    config: Mapping[str, Any]
    """The model's config, as JSON."""
    recipe: Recipe
    seed: int
    editable: bool = False
    """True if the plugin was installed in place, where its version does not identify its code."""
    classes: tuple[str, ...] = ()
    """Names of the data set's classes by label; empty if it has none."""
    budget: float | None = None
    """Seconds after which the run stops; None for no limit."""
    origin: Mapping[str, str] = field(default_factory=dict)
    """License, terms, address and sha256 of weights that others published; empty for our own."""

    init: str = ""
    """Source of the weights that the run started from; empty for random ones."""
    freeze: tuple[str, ...] = ()
    """Layers that are not trained, e.g. ``discriminator:4``."""

    @property
    def provider(self) -> str:
        """Distribution and version of the plugin, as they are shown."""
        return registry.provider(self.distribution, self.version, self.editable)

    def label(self, text: str) -> int:
        """The label of a class as typed: its name, else its number.

        Raises:
            UnknownNameError: neither a name of a class nor a number.
        """
        return label_number(text, self.classes, self.model)

    def labels(self, text: str) -> tuple[int, ...]:
        """The labels of one or several classes as typed, separated by commas.

        Raises:
            UsageError: a comma with nothing before or after it.
            UnknownNameError: as `label`.
        """
        if text in self.classes:
            return (self.label(text),)
        parts = [
            part.strip()
            for part in next(csv.reader([" ".join(text.split())], skipinitialspace=True), [])
        ]
        if not all(parts) or not parts:
            raise UsageError(f"--label {text!r}: write classes by number or name, e.g. 3,7,cat")
        return tuple(map(self.label, parts))

    def class_name(self, label: int) -> str:
        """A label as it is shown: with the name of its class, where that is known."""
        known = 0 <= label < len(self.classes) and self.classes[label] != str(label)
        return f"{label} ({self.classes[label]})" if known else str(label)

    def resolve(self) -> registry.Model:
        """The installed model.

        Raises:
            WeightsError: the plugin is not installed; the message names its distribution.
        """
        for name in (f"{self.distribution}/{self.model}", self.model):
            try:
                return registry.resolve(name)
            except UnknownNameError:
                continue
        architecture = self.model.partition(".")[0]
        try:
            known = registry.resolve(architecture).spec.presets
        except UnknownNameError:
            raise WeightsError(
                f"{self.model} needs a plugin that is not installed:"
                f" pip install {self.distribution}"
            ) from None
        raise WeightsError(
            str(UnknownNameError("model", self.model, [f"{architecture}.{name}" for name in known]))
        )

    def build(self, model: registry.Model | None = None) -> GAN:
        """A new model of this config, with random weights.

        Args:
            model: the installed model; left out, `resolve` finds it.
        """
        model = model or self.resolve()
        try:
            config = from_json(type(model.preset.config), self.config)
        except (ConfigError, UnknownNameError) as error:
            raise WeightsError(
                f"the config of {self.model} does not fit its plugin: {error}"
            ) from None
        return build(model, config)


def write_config(folder: Path, run: RunConfig) -> None:
    """Write a folder's config.json.

    Raises:
        OSError: it cannot be written.
    """
    content = {"ganzoo_format": FORMAT, **to_json(run)}
    for name in ("classes", "budget", "origin", "init", "freeze"):
        if not content[name]:
            del content[name]
    with atomic_write(folder / CONFIG) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_config(path: Path) -> RunConfig:
    """Read a config.json.

    Raises:
        WeightsError: missing, or not JSON.
        FormatError: a newer ganzoo wrote it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        version = content.pop("ganzoo_format")
    except FileNotFoundError:
        raise WeightsError(f"there is no {path}: {path.parent} is no model folder") from None
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise WeightsError(f"{path} is no model config: {_plain(error)}") from None
    content = formats.upgrade(content, version, STEPS, path)
    try:
        return from_json(RunConfig, content)
    except (ConfigError, UnknownNameError) as error:
        raise WeightsError(f"{path}: {error}") from None


def _plain(error: Exception) -> str:
    """A read error in words for a user."""
    if isinstance(error, OSError):
        return error.strerror or "it cannot be read"
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8 text"
    return "it lacks ganzoo_format" if isinstance(error, KeyError) else "it is no JSON object"


def save_weights(folder: Path, generator: nn.Module, facts: Mapping[str, str]) -> None:
    """Write a folder's model.safetensors.

    Raises:
        OSError: it cannot be written.
    """
    with atomic_write(folder / WEIGHTS) as temporary:
        tensor_files.write_tensors(
            temporary, tensor_files.cpu_copies(generator.state_dict()), facts
        )


def read_facts(path: Path) -> dict[str, str]:
    """Facts on the origin of a model.safetensors, from its header.

    Raises:
        WeightsError: missing or damaged.
    """
    try:
        return tensor_files.read_facts(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise WeightsError(f"{path} cannot be read: {error}") from None


def load_folder(folder: Path, *, raw: bool = False, model: registry.Model | None = None) -> GAN:
    """The model of a folder, built by the installed plugin, never by code of the folder.

    Args:
        folder: a run or model folder.
        raw: the generator as it was last updated, from the folder's checkpoint.
        model: the installed model; left out, the one that the folder's config.json names.
    """
    run = read_config(folder / CONFIG)
    model = model or run.resolve()
    _refuse_giants(run, model, folder)
    with seeds.fork_rng(torch.device("cpu")):
        gan = run.build(model)
    gan.class_names = run.classes
    if raw:
        found = checkpoint.load(folder)
        if found is None:
            raise WeightsError(f"{folder} has no checkpoint, and so no raw weights")
        prefix = "gan.generator."
        tensors = {k.removeprefix(prefix): v for k, v in found[0].items() if k.startswith(prefix)}
        fill(gan.generator, tensors, folder / checkpoint.NEWEST)
        return gan
    fill(gan.generator, read_weights(folder), folder / WEIGHTS)
    return gan


def read_weights(folder: Path) -> dict[str, Tensor]:
    """State dict of a folder's generator.

    Raises:
        WeightsError: missing or damaged.
    """
    path = folder / WEIGHTS
    try:
        return load_file(path)
    except FileNotFoundError:
        raise WeightsError(f"{folder} has no {WEIGHTS} yet: train on, or use another") from None
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} is damaged: {error}") from None


def _refuse_giants(run: RunConfig, model: registry.Model, folder: Path) -> None:
    """Refuse a config whose parameters exceed this machine's memory, before any is allocated.

    Raises:
        WeightsError: more than fit into this machine's memory.
    """
    with without_memory():
        sizes = [p.numel() * p.element_size() for p in run.build(model).parameters()]
    memory = total_memory()
    if sum(sizes) > memory:
        raise WeightsError(
            f"{folder / CONFIG} asks for a model of {sum(sizes) / 2**30:,.0f} GiB,"
            f" this machine has {memory / 2**30:,.0f} GiB of memory"
        )


def warn_not_finite(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Log a warning if weights hold NaN or infinity."""
    bad = [
        f"{(~value.isfinite()).sum()} of {value.numel():,} values of {name}"
        for name, value in tensors.items()
        if value.is_floating_point() and not value.isfinite().all()
    ]
    if bad:
        log.warning("%s holds NaN or infinity (%s)", path, first_problems(bad, 3))


def fill(module: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Load strictly, and name the first keys that do not fit.

    torch compares the names, after the module's own hooks have seen them: a plugin may rename keys
    of an earlier version there.
    """
    expected = module.state_dict()
    problems = [
        f"{key} is {tuple(tensors[key].shape)}, must be {tuple(value.shape)}"
        for key, value in expected.items()
        if key in tensors and tensors[key].shape != value.shape
    ]
    fitting = {key: value for key, value in tensors.items() if _fits(key, value, expected)}
    found = module.load_state_dict(fitting, strict=False)
    missing = [key for key in found.missing_keys if key not in tensors]
    problems[:0] = [f"unexpected {key}" for key in found.unexpected_keys]
    problems[:0] = [f"missing {key}" for key in missing]
    if problems:
        raise WeightsError(f"{path} is of another model: {first_problems(problems)}")
    warn_not_finite(tensors, path)


def _fits(key: str, value: Tensor, expected: Mapping[str, Tensor]) -> bool:
    return key not in expected or value.shape == expected[key].shape

"""Model folders: config.json and model.safetensors, and where they are found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ganzoo import checkpoint, registry, seeds
from ganzoo.config import from_json, to_json
from ganzoo.devices import pick, place
from ganzoo.errors import ConfigError, UnknownNameError, UsageError, WeightsError
from ganzoo.gan import GAN, build
from ganzoo.paths import replacing
from ganzoo.spec import Recipe

FORMAT = 1
CONFIG = "config.json"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class Provenance:
    """What a model folder says of itself in its config.json."""

    model: str
    """``arch.preset``"""
    distribution: str
    version: str
    config: Mapping[str, Any]
    """The model's config, as JSON."""
    recipe: Recipe
    seed: int

    def resolve(self) -> registry.Model:
        """The installed plugin's model.

        Raises:
            WeightsError: the plugin is not installed; the message says which distribution it is.
        """
        for name in (f"{self.distribution}/{self.model}", self.model):
            try:
                return registry.resolve(name)
            except UnknownNameError:
                continue
        raise WeightsError(
            f"{self.model} needs a plugin that is not installed: pip install {self.distribution}"
        )

    def build(self) -> GAN:
        """A fresh model of this config."""
        model = self.resolve()
        return build(model, from_json(type(model.preset.config), self.config))


def write_config(folder: Path, provenance: Provenance) -> None:
    """Write a folder's config.json.

    Raises:
        OSError: it cannot be written.
    """
    content = {"ganzoo_format": FORMAT, **to_json(provenance)}
    with replacing(folder / CONFIG) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n")


def read_config(path: Path) -> Provenance:
    """What a config.json says.

    Raises:
        WeightsError: missing, not JSON, or of a format that this ganzoo does not know.
    """
    try:
        content = json.loads(path.read_text())
        version = content.pop("ganzoo_format")
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise WeightsError(f"{path} is no model config ({type(error).__name__}: {error})") from None
    if version != FORMAT:
        raise WeightsError(f"{path} has format {version}, this ganzoo reads {FORMAT}: upgrade it")
    try:
        return from_json(Provenance, content)
    except (ConfigError, UnknownNameError) as error:
        raise WeightsError(f"{path}: {error}") from None


def save_weights(folder: Path, generator: nn.Module, facts: Mapping[str, str]) -> None:
    """Write a folder's model.safetensors.

    Raises:
        OSError: it cannot be written.
    """
    tensors = {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in generator.state_dict().items()
    }
    with replacing(folder / WEIGHTS) as temporary:
        save_file(tensors, temporary, {"format": "pt", **facts})


def load(source: str, *, device: str = "cpu", raw: bool = False) -> GAN:
    """A trained model, in evaluation mode. Only its generator is trained.

    Args:
        source: ``arch`` or ``arch.preset``, or ``local-dir:PATH`` for a run or model folder.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``.
        raw: the generator as it was last updated, not its average; run folders alone have it.

    Raises:
        UnknownNameError: no such model.
        UsageError: a source that could mean two things.
        WeightsError: no weights, damaged ones, or another model's.
    """
    gan = load_folder(find_folder(source), raw=raw)
    place(gan, pick(device)).eval()
    return gan


def provenance(source: str) -> Provenance:
    """What the model folder of a source says of itself."""
    return read_config(find_folder(source) / CONFIG)


def find_folder(source: str) -> Path:
    """The model folder that a source means."""
    kind, colon, rest = source.partition(":")
    if kind == "local-dir" and colon:
        folder = Path(rest)
        if not folder.is_dir():
            raise WeightsError(f"{source}: no such folder (you are in {Path.cwd()})")
        return folder
    if colon:
        raise UnknownNameError("kind of source", kind, ("local-dir",), "or a name: `ganzoo list`")
    if source.startswith((".", "/", "~")) or Path(source).is_dir():
        raise UsageError(f"is {source!r} a folder? write local-dir:{source}")
    return packaged_folder(registry.resolve(source))


def packaged_folder(model: registry.Model) -> Path:
    """Where a plugin's package carries the weights of a preset."""
    if model.packaged is None:
        raise WeightsError(
            f"{model.name} has no published weights: `ganzoo train {model.name}`,"
            f" then use local-dir:runs/{model.name}"
        )
    return model.packaged


def load_folder(folder: Path, *, raw: bool = False) -> GAN:
    """The model that a folder holds, built by the installed plugin, never by code of the folder."""
    with seeds.forked(torch.device("cpu")):
        gan = read_config(folder / CONFIG).build()
    if raw:
        found = checkpoint.load(folder)
        if found is None:
            raise WeightsError(f"{folder} has no checkpoint, and so no raw weights")
        prefix = "gan.generator."
        tensors = {k.removeprefix(prefix): v for k, v in found[0].items() if k.startswith(prefix)}
        _fill(gan.generator, tensors, folder / checkpoint.NEWEST)
        return gan
    path = folder / WEIGHTS
    try:
        tensors = load_file(path)
    except FileNotFoundError:
        raise WeightsError(f"{folder} has no {WEIGHTS} yet: train on, or use another") from None
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} is damaged: {error}") from None
    _fill(gan.generator, tensors, path)
    return gan


def _fill(module: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Load strictly, and name the first keys that do not fit."""
    expected = module.state_dict()
    problems = [f"missing {key}" for key in expected if key not in tensors]
    problems += [f"unexpected {key}" for key in tensors if key not in expected]
    problems += [
        f"{key} is {tuple(tensors[key].shape)}, must be {tuple(value.shape)}"
        for key, value in expected.items()
        if key in tensors and tensors[key].shape != value.shape
    ]
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise WeightsError(f"{path} is of another model: {'; '.join(problems[:5])}{more}")
    module.load_state_dict(tensors)

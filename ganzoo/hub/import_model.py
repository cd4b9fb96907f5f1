"""Model folder from a generator that another program trained."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from ganzoo import registry
from ganzoo.errors import RunError, WeightsError, first_problems
from ganzoo.hub.conversion import Converted, ForeignState
from ganzoo.hub.foreign import read_state, read_tensors
from ganzoo.hub.model_folder import RunConfig, save_weights, warn_not_finite, write_config
from ganzoo.hub.published import convert, facts_of, filename, write_converted
from ganzoo.runtime import seeds
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.tensor_files import file_sha256
from ganzoo.runtime.text import first_items
from ganzoo.spec import Recipe
from ganzoo.spec.config import from_json, to_json

log = logging.getLogger("ganzoo")

GENERATOR = re.compile(r"^(?:module\.|_orig_mod\.)*(?:generator|netG|G|g_ema)\.")
"""Names in the state dict of a whole GAN that belong to its generator."""
WRAPPERS = re.compile(r"^(?:(?:module|_orig_mod|main|model|generator|net|network|netG|G|g_ema)\.)+")
"""Prefixes that wrappers and attributes add to the name of a tensor."""
COUNTER = ".num_batches_tracked"
"""Buffer of batch norms that files of PyTorch before 0.4 lack; inference does not use it."""


def import_weights(
    file: Path, run: RunConfig, out: Path, model: registry.Model | None = None
) -> Path:
    """Write a model folder from a file with a generator's state dict.

    A converter of the model's plugin is used where one recognizes the file: then the file's config
    counts, and one warning names what differs from the preset's. Otherwise tensors are
    matched by name, wrappers such as ``module.`` peeled. Where the names are others altogether,
    they are matched in the order of the layers: then the shapes and the last part of each name
    (``weight``) must agree.

    Args:
        file: what ``torch.save(generator.state_dict())`` wrote, or a .safetensors file.
        run: config of the model to fill, e.g. from `ganzoo.training.planning`.
        out: the new folder.
        model: the installed model; left out, the one that ``run`` names.

    Raises:
        WeightsError: anything in the file but tensors by name, tensors of another model, or another
            value of a setting that ``run`` changes.
        RunError: ``out`` exists and is not empty, or cannot be written.
    """
    file, out = user_path(file), user_path(out)
    model = model or run.resolve()
    _require_empty(out)
    converted = _converted(file, model)
    if converted is not None:
        _write(out, model, _as_stated(converted, run, model, file), file, run.recipe)
        return out
    found = read_tensors(file)
    with seeds.fork_rng(torch.device("cpu")):
        generator = run.build(model).generator
    tensors = match(found, generator.state_dict(), f"{file} is of another model than {run.model}")
    generator.load_state_dict(tensors)
    warn_not_finite(tensors, file)
    try:
        out.mkdir(parents=True, exist_ok=True)
        save_weights(out, generator, {"model": run.model, "imported": file.name})
        write_config(out, run)
    except OSError as error:
        raise RunError(f"cannot write {out}: {error.strerror or error}") from error
    return out


def import_recognized(file: Path, out: Path) -> tuple[Path, registry.Model]:
    """Write a model folder from a file that a plugin's converter recognizes.

    Args:
        file: a file of another program.
        out: the new folder.

    Returns:
        The folder, and the preset whose recipe it has.

    Raises:
        WeightsError: no converter recognizes the file, or several do; the message names them.
        RunError: ``out`` exists and is not empty, or cannot be written.
    """
    file, out = user_path(file), user_path(out)
    _require_empty(out)
    state = read_state(file)
    found = [
        (model, converted)
        for plugin in registry.discover()
        if plugin.spec is not None and plugin.spec.converters
        for model in [registry.resolve(plugin.qualified)]
        if (converted := _first_converted(model, state)) is not None
    ]
    if len(found) != 1:
        names = ", ".join(model.plugin.name for model, _ in found)
        reason = f"several models recognize it ({names})" if found else "no model recognizes it"
        command = f"`ganzoo import {file.name} --model MODEL.PRESET -o FOLDER`"
        raise WeightsError(f"{file}: {reason}: name one, {command}")
    model, converted = _as_preset(*found[0], state, file)
    _write(out, model, converted, file)
    return out, model


def _converted(file: Path, model: registry.Model) -> Converted | None:
    """The file as a converter of the model's plugin reads it; None if none recognizes it."""
    if not model.spec.converters:
        return None
    return _first_converted(model, read_state(file))


def _as_stated(
    converted: Converted, run: RunConfig, model: registry.Model, file: Path
) -> Converted:
    """A converted file with the settings that it does not state from a run.

    Raises:
        WeightsError: the run changes a setting of its preset to another value than the file's.
    """
    preset = to_json(model.preset.config)
    changed = {key: value for key, value in run.config.items() if value != preset.get(key)}
    converted = converted.of_preset(from_json(type(model.preset.config), run.config))
    found = to_json(converted.config)
    for key, value in changed.items():
        if found[key] != value:
            raise WeightsError(f"{file} has {key}={found[key]}, not {key}={value}")
    other = [
        f"{key}={value}, not {preset[key]}"
        for key, value in found.items()
        if key not in changed and value != preset[key]
    ]
    if other:
        log.warning("%s differs from %s: %s", file, model.name, first_items(other, separator="; "))
    return converted


def _first_converted(model: registry.Model, state: ForeignState) -> Converted | None:
    weights = model.preset.weights
    own = [weights.converter] if weights and weights.converter else []
    for path in dict.fromkeys([*own, *model.spec.converters]):
        converted = convert(model.plugin, path, state)
        if converted is not None:
            return converted.of_preset(model.preset.config)
    return None


def _as_preset(
    model: registry.Model, converted: Converted, state: ForeignState, file: Path
) -> tuple[registry.Model, Converted]:
    """The preset that the file belongs to, and the file as that preset's converter reads it.

    It is the one that the file was published for, else the one whose config is most like the
    file's; of several, the one whose published file has its name.
    """
    every = [registry.resolve(f"{model.plugin.qualified}.{name}") for name in model.spec.presets]
    for preset in _published_for(every, file):
        own = _first_converted(preset, state)
        if own is not None and own.config == preset.preset.config:
            return preset, own
    likeness = [(_likeness(converted, each), each) for each in every]
    best = max(equal for equal, _ in likeness)
    likest = [each for equal, each in likeness if equal == best]
    chosen = next((each for each in likest if _is_named_as(each, file)), likest[0])
    return chosen, converted.of_preset(chosen.preset.config)


def _likeness(converted: Converted, model: registry.Model) -> int:
    """Number of settings that a preset has in common with a file."""
    config = to_json(model.preset.config)
    found = to_json(converted.of_preset(model.preset.config).config)
    return sum(config.get(key) == value for key, value in found.items())


def _is_named_as(model: registry.Model, file: Path) -> bool:
    """True if the published file of a preset has the name of a file."""
    return model.preset.weights is not None and filename(model.preset.weights) == file.name


def _published_for(models: list[registry.Model], file: Path) -> list[registry.Model]:
    """Presets with the hash of a file, or the one with its name among those without a hash."""
    published = [
        (model, model.preset.weights)
        for model in models
        if model.preset.weights and model.preset.weights.converter
    ]
    sha256 = file_sha256(file)
    hashed = [model for model, each in published if each.sha256 and sha256.startswith(each.sha256)]
    named = [model for model, each in published if not each.sha256 and filename(each) == file.name]
    return hashed or (named if len(named) == 1 else [])


def _origin(file: Path, model: registry.Model) -> dict[str, str]:
    """Facts on an imported file; those of the preset, where it is the published one."""
    sha256 = file_sha256(file)
    for preset in model.spec.presets.values():
        weights = preset.weights
        known = weights and weights.converter and weights.sha256
        if weights and known and sha256.startswith(weights.sha256):
            return {**facts_of(weights), "file": file.name, "sha256": sha256}
    return {"file": file.name, "sha256": sha256}


def _write(
    out: Path, model: registry.Model, converted: Converted, file: Path, recipe: Recipe | None = None
) -> None:
    """Write the model folder of a converted file."""
    try:
        write_converted(out, model, converted, _origin(file, model), recipe)
    except OSError as error:
        raise RunError(f"cannot write {out}: {error.strerror or error}") from error


def _require_empty(out: Path) -> None:
    try:
        if out.exists() and any(out.iterdir()):
            raise RunError(f"{out} is not empty: choose another -o")
    except OSError as error:
        raise RunError(f"cannot write {out}: {error.strerror or error}") from error


def match(
    found: Mapping[str, Tensor], expected: Mapping[str, Tensor], refusal: str
) -> dict[str, Tensor]:
    """The file's tensors under the model's names.

    Args:
        found: tensors of the file.
        expected: tensors of the model; batch norm counters that the file lacks are taken from it.
        refusal: how the message begins if they do not match.

    Raises:
        WeightsError: they do not match.
    """
    generator = {name: value for name, value in found.items() if GENERATOR.match(name)}
    found = generator or found
    counters = {name: value for name, value in expected.items() if name.endswith(COUNTER)}
    if not any(name.endswith(COUNTER) for name in found):
        expected = {name: value for name, value in expected.items() if name not in counters}
    theirs, ours = _by_peeled_name(found), _by_peeled_name(expected)
    if theirs.keys() == ours.keys():
        pairs = [(ours[name], theirs[name]) for name in ours]
    else:
        pairs = list(zip(expected, found, strict=False))
    problems = _differences(pairs, found, expected)
    if len(found) != len(expected):
        problems.append(f"{len(found)} tensors, must be {len(expected)}")
    if problems and len(theirs.keys() & ours.keys()) > len(ours) / 2:
        problems = [f"missing {ours[name]}" for name in ours if name not in theirs]
        problems += [f"unexpected {theirs[name]}" for name in theirs if name not in ours]
        problems += _differences(
            [(ours[n], theirs[n]) for n in ours if n in theirs], found, expected
        )
    if problems:
        raise WeightsError(f"{refusal}: {first_problems(problems, 3)}; another preset, or --set?")
    return {**counters, **{ours: found[theirs] for ours, theirs in pairs}}


def _by_peeled_name(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """Names of tensors by the same names without wrappers."""
    peeled = {WRAPPERS.sub("", name): name for name in tensors}
    return peeled if len(peeled) == len(tensors) else {name: name for name in tensors}


def _differences(
    pairs: list[tuple[str, str]], found: Mapping[str, Tensor], expected: Mapping[str, Tensor]
) -> list[str]:
    """Pairs of the model's and the file's names whose last parts or shapes differ."""
    return [
        f"{theirs} {tuple(found[theirs].shape)} where {ours} {tuple(expected[ours].shape)} must be"
        for ours, theirs in pairs
        if theirs.split(".")[-1] != ours.split(".")[-1]
        or found[theirs].shape != expected[ours].shape
    ]

"""Weights that others published: downloaded, verified and converted once to a model folder."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from ganzoo import registry
from ganzoo.errors import WeightsError
from ganzoo.gan import build
from ganzoo.hub.conversion import Converted, ForeignState
from ganzoo.hub.download import download_file
from ganzoo.hub.foreign import read_state
from ganzoo.hub.licenses import require_accepted
from ganzoo.hub.model_folder import CONFIG, RunConfig, fill, save_weights, write_config
from ganzoo.hub.rest import save_rest
from ganzoo.hub.url_download import download_url
from ganzoo.runtime import seeds
from ganzoo.runtime.paths import cache_dir, cache_problem
from ganzoo.runtime.progress import say
from ganzoo.spec import ModelSpec, Recipe, Weights
from ganzoo.spec.config import to_json


def published_folder(model: registry.Model, accept_license: bool = False) -> Path:
    """The model folder of published weights, from the cache or converted now.

    A second call makes no request and reads no file of others.

    Args:
        model: a model whose weights have a converter.
        accept_license: accept the license of the weights, where it must be accepted.

    Raises:
        UsageError: the license has not been accepted.
        WeightsError: not available, not the published file, or not what the preset describes.
    """
    weights = model.preset.weights
    assert weights is not None
    folder = _place(model, weights)
    if (folder / CONFIG).exists():
        return folder
    if weights.page or not weights.sha256:
        reason = "are on a web page" if weights.page else "have no known hash"
        raise WeightsError(
            f"the weights of {model.name} {reason}, so they are not downloaded: get"
            f" {address(weights)} yourself, then {import_command(model)}"
        )
    require_accepted(model.name, weights, accept_license)
    file, temporary = _fetch(model, weights)
    state = read_state(file, weights.sha256)
    converted = convert(model.plugin, weights.converter, state)
    if converted is None:
        raise WeightsError(f"{file} is not a file that {weights.converter} converts")
    converted = converted.of_preset(model.preset.config)
    if converted.config != model.preset.config:
        raise WeightsError(
            f"{file} holds another network than {model.name} describes:"
            f" {_first_difference(converted, model)}"
        )
    try:
        write_converted(folder, model, converted, facts_of(weights))
    except OSError as error:
        if not (folder / CONFIG).exists():  # else another process was faster
            raise WeightsError(cache_problem(folder, error)) from error
    if temporary:
        file.unlink(missing_ok=True)
    say(f"converted, and stored in {folder}")
    return folder


def convert(plugin: registry.Plugin[ModelSpec], path: str, state: ForeignState) -> Converted | None:
    """The result of a plugin's converter; None if the file is not of its kind.

    Args:
        plugin: the plugin.
        path: its converter, ``"package.module:function"``.
        state: the file.

    Raises:
        PluginError: the converter cannot be imported.
        WeightsError: the file is of its kind, but holds other tensors than it should.
    """
    converter: Callable[[ForeignState], Converted | None] = registry.import_object(plugin, path)
    try:
        return converter(state)
    except KeyError as error:
        raise WeightsError(f"{state.name} lacks the tensor {error}") from error


def write_converted(
    folder: Path,
    model: registry.Model,
    converted: Converted,
    origin: Mapping[str, str],
    recipe: Recipe | None = None,
) -> None:
    """Write a converted file as a model folder, which appears whole or not at all.

    Args:
        folder: the new folder.
        model: the installed model.
        converted: from a converter.
        origin: license, address and hash of the file.
        recipe: for further training; left out, the preset's.

    Raises:
        WeightsError: tensors that do not fit the network.
        OSError: the folder cannot be written.
    """
    with seeds.fork_rng(torch.device("cpu")):
        gan = build(model, converted.config)
    fill(gan.generator, converted.generator, Path(origin.get("file", "the file")))
    run = RunConfig(
        model=model.name,
        distribution=model.plugin.distribution,
        version=model.plugin.version,
        config=to_json(converted.config),
        recipe=recipe or model.preset.recipe,
        seed=0,
        editable=model.plugin.editable,
        classes=_class_names(model, gan.num_classes),
        origin=origin,
    )
    building = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        building.mkdir(parents=True, exist_ok=True)
        save_weights(building, gan.generator, {"model": model.name, **origin})
        if converted.rest:
            save_rest(building, _checked_rest(gan.state_dict(), converted.rest), origin)
        write_config(building, run)
        os.replace(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _class_names(model: registry.Model, count: int) -> tuple[str, ...]:
    """Names of the classes of published weights, if they have as many."""
    weights = model.preset.weights
    if weights is None or not weights.classes:
        return ()
    names: tuple[str, ...] = registry.import_object(model.plugin, weights.classes)()
    return names if len(names) == count else ()


def address(weights: Weights) -> str:
    """Address of a published file."""
    if weights.url:
        return weights.url
    return (
        f"https://huggingface.co/{weights.repo}/resolve/{weights.revision or 'main'}/{weights.path}"
    )


def filename(weights: Weights) -> str:
    """Name of a published file."""
    return (weights.path or weights.url).rpartition("/")[2].partition("?")[0]


def import_command(model: registry.Model) -> str:
    """The command that imports a downloaded file."""
    weights = model.preset.weights
    assert weights is not None
    name = filename(weights)
    name = name if "." in name else "FILE"  # addresses of Google Drive name no file
    return f"`{shlex.join(['ganzoo', 'import', name, '--model', model.name, '-o', 'FOLDER'])}`"


def facts_of(weights: Weights) -> dict[str, str]:
    """License, address and hash of a published file, as config.json states them."""
    facts = {
        "license": weights.license,
        "terms": weights.terms,
        "url": address(weights),
        "origin": weights.origin,
        "sha256": weights.sha256,
    }
    return {key: value for key, value in facts.items() if value}


def _place(model: registry.Model, weights: Weights) -> Path:
    """The folder in the cache; another hash, converter or config has another one."""
    facts = [weights.sha256, weights.converter, to_json(model.preset.config)]
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
    try:
        return cache_dir() / "models" / f"{model.name}-{key}"
    except OSError as error:
        raise WeightsError(str(error)) from None


def _fetch(model: registry.Model, weights: Weights) -> tuple[Path, bool]:
    """The published file, and True if it is a copy to delete after its conversion."""
    if weights.repo:
        revision = weights.revision or "main"
        return download_file(f"{weights.repo}@{revision}", weights.path), False
    name = filename(weights) or "weights"
    file = cache_dir() / "downloads" / f"{weights.sha256[:16]}-{name}"
    if not file.exists():
        download_url(weights.url, file, weights.sha256, model.name, import_command(model))
    return file, True


def _checked_rest(expected: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The networks beside the generator, with the names and shapes that the model has."""
    modules = {name.partition(".")[0] for name in found}
    wanted = {name: value for name, value in expected.items() if name.partition(".")[0] in modules}
    wrong = sorted(wanted.keys() ^ found.keys())
    wrong += [name for name in wanted if name in found and wanted[name].shape != found[name].shape]
    if wrong:
        raise WeightsError(f"the discriminator does not fit: {wrong[0]}, and {len(wrong) - 1} more")
    return {name: found[name].to(wanted[name].dtype) for name in wanted}


def _first_difference(converted: Converted, model: registry.Model) -> str:
    ours, theirs = to_json(model.preset.config), to_json(converted.config)
    name = next((key for key in ours if ours[key] != theirs.get(key)), "config")
    return f"{name}={theirs.get(name)}, it must be {ours.get(name)}"

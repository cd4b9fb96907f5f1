"""Sources of trained models: names, Hub repositories and local folders."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from ganzoo import registry
from ganzoo.errors import UnknownNameError, UsageError, WeightsError
from ganzoo.gan import GAN
from ganzoo.hub.card import read_card
from ganzoo.hub.download import download
from ganzoo.hub.model_folder import CONFIG, WEIGHTS, RunConfig, load_folder, read_config
from ganzoo.hub.published import published_folder
from ganzoo.runtime.arguments import check_given
from ganzoo.runtime.devices import move_to_device, resolve_device
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.tensor_files import file_sha256

PICKLES = (".pt", ".pth", ".pkl", ".bin", ".ckpt")


@dataclass(frozen=True)
class TrainedModel:
    """A model folder that was found, and the installed model that loads it."""

    folder: Path
    run: RunConfig
    model: registry.Model

    def load(self, *, device: str = "cpu", raw: bool = False) -> GAN:
        """The model in evaluation mode; see `load`."""
        gan = load_folder(self.folder, raw=raw, model=self.model)
        gan.card = read_card(self.folder, self.model)
        move_to_device(gan, resolve_device(device)).eval()
        return gan


def load(
    source: str | Path | registry.Model,
    *,
    device: str = "cpu",
    raw: bool = False,
    accept_license: bool = False,
) -> GAN:
    """A trained model in evaluation mode. Only its generator is trained.

    No code of the source is run: the architecture is that of the installed plugin.

    Args:
        source: ``arch`` or ``arch.preset``; ``hf-hub:user/repo`` or ``hf-hub:user/repo@revision``;
            ``local-dir:PATH``, or a `Path`, of a run or model folder; a model of the registry.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``.
        raw: weights after the last update instead of their average; run folders alone have them.
        accept_license: accept the license of weights that are for research only, once.

    Raises:
        UnknownNameError: no such model.
        UsageError: an ambiguous source, or a license that has not been accepted.
        WeightsError: no weights, damaged ones, or another model's.
    """
    trained = open_model(source, accept_license=accept_license)
    return trained.load(device=device, raw=raw)


def open_model(
    source: str | Path | registry.Model, *, accept_license: bool = False
) -> TrainedModel:
    """The model folder of a source and its installed model, not loaded yet.

    Raises:
        UnknownNameError: no such model.
        UsageError: an ambiguous source.
        WeightsError: no weights, damaged ones, or a plugin that is not installed.
    """
    folder = find_folder(source, accept_license=accept_license)
    run = read_config(folder / CONFIG)
    model = source if isinstance(source, registry.Model) else run.resolve()
    return TrainedModel(folder, run, model)


def run_config(source: str | Path | registry.Model) -> RunConfig:
    """The config.json of a source."""
    return read_config(find_folder(source) / CONFIG)


def find_folder(source: str | Path | registry.Model, *, accept_license: bool = False) -> Path:
    """The model folder of a source, downloaded if necessary and verified if its hash is known."""
    if isinstance(source, registry.Model):
        return _published(source, accept_license)
    expected = "the name of a model, hf-hub:user/repo, local-dir:PATH or a Path"
    check_given("source", source, (str, Path, registry.Model), expected)
    if isinstance(source, Path):
        return _local(user_path(source))
    kind, colon, rest = source.partition(":")
    if not source:
        raise UsageError("'' names nothing: write a name of `ganzoo list` or local-dir:PATH")
    if colon and not rest:
        raise UsageError(f"{source!r} names nothing: write {source}PATH or {source}user/repo")
    if colon and kind == "local-dir":
        return _local(user_path(rest))
    if colon and kind == "hf-hub":
        return download(rest)
    if colon:
        known = ("hf-hub", "local-dir")
        raise UnknownNameError("kind of source", kind, known, "or a name: `ganzoo list`")
    if source.endswith(PICKLES) and not Path(source).is_dir():
        raise UsageError(f"{source} is a pickle, which can run code: {_import_command(source)}")
    if source.startswith((".", "/", "~")) or Path(source).is_dir():
        raise UsageError(f"is {source!r} a folder? write {shlex.quote(f'local-dir:{source}')}")
    return _published(_resolve(source), accept_license)


def _local(folder: Path) -> Path:
    if folder.is_dir():
        return folder
    if folder.suffix in PICKLES:
        raise UsageError(f"{folder} is a pickle: {_import_command(str(folder))}")
    raise WeightsError(f"local-dir:{folder}: no such folder (you are in {Path.cwd()})")


def _import_command(file: str) -> str:
    return f"`ganzoo import {shlex.quote(file)} --model NAME -o FOLDER` reads only its tensors"


def _resolve(name: str) -> registry.Model:
    """The installed model of a name; a name with a slash may be meant as a repository or folder."""
    try:
        return registry.resolve(name)
    except UnknownNameError:
        if "/" not in name:
            raise
        raise UsageError(
            f"{name!r} is no installed model: write hf-hub:{name} for a repository of the Hub,"
            f" or {shlex.quote(f'local-dir:{name}')} for a folder"
        ) from None


def _published(model: registry.Model, accept_license: bool) -> Path:
    """The weights of a preset: any copy with the right hash will do."""
    weights = model.preset.weights
    if weights is None:
        raise WeightsError(
            f"{model.name} has no published weights: `ganzoo train {model.name}`,"
            f" then use local-dir:runs/{model.name}"
        )
    if weights.converter:
        return published_folder(model, accept_license)
    reinstall = f"pip install --force-reinstall {model.plugin.distribution}"
    packaged = model.packaged
    if packaged is not None and (packaged / WEIGHTS).exists():
        found = file_sha256(packaged / WEIGHTS)
        if found == weights.sha256:
            return packaged
        if not weights.repo:
            raise WeightsError(
                f"the weights of {model.name} in {packaged} are damaged (sha256 {found}, must be"
                f" {weights.sha256}): {reinstall}"
            )
    if not weights.repo:
        raise WeightsError(f"the weights of {model.name} are missing from its package: {reinstall}")
    return download(f"{weights.repo}@{weights.revision}", weights.sha256)

"""From what the user calls a trained model to the folder that holds it."""

from __future__ import annotations

from pathlib import Path

from ganzoo import registry
from ganzoo.errors import UnknownNameError, UsageError, WeightsError
from ganzoo.gan import GAN
from ganzoo.hub import download as remote
from ganzoo.hub.model_folder import CONFIG, WEIGHTS, RunConfig, load_folder, read_config
from ganzoo.runtime.devices import move_to_device, resolve_device
from ganzoo.runtime.tensor_files import file_sha256

PICKLES = (".pt", ".pth", ".pkl", ".bin", ".ckpt")


def load(source: str | registry.Model, *, device: str = "cpu", raw: bool = False) -> GAN:
    """A trained model, in evaluation mode. Only its generator is trained.

    No code of the source is ever run: the architecture is that of the installed plugin.

    Args:
        source: ``arch`` or ``arch.preset``; ``hf-hub:user/repo`` or ``hf-hub:user/repo@revision``;
            ``local-dir:PATH`` for a run or model folder; or a model of the registry.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``.
        raw: the generator as it was last updated, not its average; run folders alone have it.

    Raises:
        UnknownNameError: no such model.
        UsageError: a source that could mean two things.
        WeightsError: no weights, damaged ones, or another model's.
    """
    if isinstance(source, registry.Model):
        gan = load_folder(_published(source), raw=raw, model=source)
    else:
        gan = load_folder(find_folder(source), raw=raw)
    move_to_device(gan, resolve_device(device)).eval()
    return gan


def run_config(source: str) -> RunConfig:
    """What the model folder of a source says of itself."""
    return read_config(find_folder(source) / CONFIG)


def find_folder(source: str) -> Path:
    """The model folder that a source means, downloaded if need be, its hash verified if one is
    known."""
    kind, colon, rest = source.partition(":")
    if colon and not rest:
        raise UsageError(f"{source!r} names nothing: write {source}PATH or {source}user/repo")
    if kind == "local-dir" and colon:
        return _local(rest)
    if kind == "hf-hub" and colon:
        return remote.download(rest)
    if colon:
        known = ("hf-hub", "local-dir")
        raise UnknownNameError("kind of source", kind, known, "or a name: `ganzoo list`")
    if source.endswith(PICKLES):
        raise UsageError(
            f"{source} is a pickle, which can run code: `ganzoo import {source} --model NAME -o"
            " FOLDER` reads its tensors alone"
        )
    if source.startswith((".", "/", "~")) or Path(source).is_dir():
        raise UsageError(f"is {source!r} a folder? write local-dir:{source}")
    try:
        model = registry.resolve(source)
    except UnknownNameError:
        if "/" not in source:
            raise
        raise UsageError(
            f"{source!r} is no installed model: write hf-hub:{source} for a repository of the Hub,"
            f" or local-dir:{source} for a folder"
        ) from None
    return _published(model)


def _local(path: str) -> Path:
    folder = Path(path).expanduser()
    if folder.suffix in PICKLES:
        raise UsageError(f"{path} is a pickle: `ganzoo import {path} --model NAME -o FOLDER`")
    if not folder.is_dir():
        raise WeightsError(f"local-dir:{path}: no such folder (you are in {Path.cwd()})")
    return folder


def _published(model: registry.Model) -> Path:
    """The published weights of a preset: any copy that has their hash is right."""
    weights = model.preset.weights
    if weights is None:
        raise WeightsError(
            f"{model.name} has no published weights: `ganzoo train {model.name}`,"
            f" then use local-dir:runs/{model.name}"
        )
    packaged = model.packaged
    if packaged is not None and (packaged / WEIGHTS).exists():
        found = file_sha256(packaged / WEIGHTS)
        if found == weights.sha256:
            return packaged
        if not weights.repo:
            raise WeightsError(
                f"the weights of {model.name} in {packaged} are damaged (sha256 {found}, must be"
                f" {weights.sha256}): pip install --force-reinstall {model.plugin.distribution}"
            )
    if not weights.repo:
        raise WeightsError(
            f"the weights of {model.name} are missing from its package:"
            f" pip install --force-reinstall {model.plugin.distribution}"
        )
    return remote.download(f"{weights.repo}@{weights.revision}", weights.sha256)

"""State dicts of other people's training scripts, read as tensors and nothing else."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from ganzoo.errors import RunError, WeightsError
from ganzoo.hub.model_folder import RunConfig, save_weights, write_config
from ganzoo.runtime import seeds

_WRAPPERS = re.compile(r"^(?:module\.|_orig_mod\.|main\.|model\.|generator\.|net\.)+")


def import_weights(file: Path, run: RunConfig, out: Path) -> Path:
    """Write a model folder from a file with a generator's state dict.

    The tensors must be those of the model's generator, in its order: names may differ by a wrapper
    (``main.0.weight``) and by the numbers of their layers, shapes may not.

    Args:
        file: what ``torch.save(generator.state_dict())`` wrote.
        run: the model to be filled, e.g. from `ganzoo.training.planning`.
        out: the new folder.

    Raises:
        WeightsError: anything in the file but tensors by name, or tensors of another model.
        RunError: ``out`` exists and is not empty, or cannot be written.
    """
    found = _read(file)
    with seeds.fork_rng(torch.device("cpu")):
        generator = run.build().generator
    matched = _matched(found, generator.state_dict(), file, run.model)
    generator.load_state_dict(matched)
    try:
        if out.exists() and any(out.iterdir()):
            raise RunError(f"{out} is not empty: choose another -o")
        out.mkdir(parents=True, exist_ok=True)
        save_weights(out, generator, {"model": run.model, "imported": file.name})
        write_config(out, run)
    except OSError as error:
        raise RunError(f"cannot write {out}: {error.strerror or error}") from error
    return out


def _read(file: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise WeightsError(f"{file}: no such file (you are in {Path.cwd()})") from None
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
        raise WeightsError(
            f"{file} holds more than tensors, or is damaged ({type(error).__name__}):"
            " save the generator's state_dict() alone"
        ) from error
    if not isinstance(content, Mapping) or not content:
        raise WeightsError(f"{file} holds {type(content).__name__}, not a state dict")
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise WeightsError(
                f"{file}: {name!r} is no tensor: save the generator's state_dict() alone"
            )
    return dict(content)


def _matched(
    found: Mapping[str, Tensor], expected: Mapping[str, Tensor], file: Path, model: str
) -> dict[str, Tensor]:
    """The file's tensors under the model's names, both in the order of their layers."""
    pairs = list(zip(expected.items(), found.items(), strict=False))
    for (name, wanted), (theirs, value) in pairs:
        same_part = _WRAPPERS.sub("", theirs).split(".")[-1] == name.split(".")[-1]
        if not same_part or value.shape != wanted.shape:
            raise WeightsError(
                f"{file} is of another model than {model}: {theirs} {tuple(value.shape)} stands"
                f" where {name} {tuple(wanted.shape)} must be; another preset, or --set?"
            )
    if len(found) != len(expected):
        raise WeightsError(
            f"{file} is of another model than {model}: {len(found)} tensors, must be"
            f" {len(expected)}"
        )
    return {name: value for (name, _), (_, value) in pairs}

"""Checkpoints: whole or not there, verified when read, the one before kept."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ganzoo.errors import RunError
from ganzoo.paths import replacing

log = logging.getLogger("ganzoo")

NEWEST = "checkpoint.safetensors"
PREVIOUS = "checkpoint.previous.safetensors"


def save(folder: Path, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
    """Write a folder's newest checkpoint; the one that was newest becomes the previous one.

    Raises:
        OSError: the folder cannot be written; the older checkpoints are untouched.
    """
    plain = {
        name: value.detach().to("cpu").clone(memory_format=torch.contiguous_format)
        for name, value in tensors.items()
    }
    metadata = {"format": "pt", "numbers": json.dumps(numbers), "sha256": _digest(plain)}
    newest = folder / NEWEST
    with replacing(newest) as temporary:
        save_file(plain, temporary, metadata)
        if newest.exists():
            os.replace(newest, folder / PREVIOUS)


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The newest checkpoint that is whole, or None where there is none.

    Raises:
        RunError: there are checkpoints, and all are damaged.
    """
    there = [folder / name for name in (NEWEST, PREVIOUS) if (folder / name).exists()]
    for path in there:
        try:
            return _read(path)
        except (OSError, SafetensorError, ValueError, KeyError) as error:
            log.warning("%s is damaged (%s)", path, error)
    if there:
        raise RunError(f"no checkpoint in {folder} is whole: delete the folder to start anew")
    return None


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 # no dict
    if metadata["sha256"] != _digest(tensors):
        raise ValueError("its contents do not have the hash that it states")
    return tensors, json.loads(metadata["numbers"])


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()

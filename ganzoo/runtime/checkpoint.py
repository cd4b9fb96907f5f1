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
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ganzoo.errors import FormatError, RunError
from ganzoo.runtime import file_formats as formats
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.tensor_files import cpu_copies, read_facts, write_tensors

log = logging.getLogger("ganzoo")

NEWEST = "checkpoint.safetensors"
PREVIOUS = "checkpoint.previous.safetensors"
BEST = "checkpoint.best.safetensors"

_DAMAGE = (OSError, SafetensorError, ValueError, KeyError, TypeError)


def _without_data(content: dict[str, Any]) -> dict[str, Any]:
    """Format 1 did not say which data it was trained on."""
    return {**content, "numbers": {**content["numbers"], "data": None}}


STEPS: tuple[formats.Step, ...] = (_without_data,)
"""From format 1 to 2, and so on, of ``{"tensors": ..., "numbers": ...}``."""
FORMAT = formats.current_format(STEPS)


def save(
    folder: Path, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any], name: str = NEWEST
) -> None:
    """Write a folder's newest checkpoint; the one that was newest becomes the previous one.

    One that is damaged does not: the one before it is the better one to fall back on.

    Args:
        folder: a run's.
        tensors, numbers: the state.
        name: `BEST` writes the best one, which has no predecessor.

    Raises:
        OSError: the folder cannot be written; the older checkpoints are untouched.
    """
    plain = cpu_copies(tensors)
    facts = {
        "format": FORMAT,
        "numbers": numbers,
        "sha256": _digest(plain, numbers),
    }
    with atomic_write(folder / name) as temporary:
        write_tensors(temporary, plain, facts)
        if name == NEWEST and _is_whole(folder / NEWEST):
            os.replace(folder / NEWEST, folder / PREVIOUS)


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The newest checkpoint that is whole, or None where there is none.

    Raises:
        RunError: there are checkpoints, and all are damaged.
        FormatError: a newer ganzoo wrote them.
    """
    there = [folder / name for name in (NEWEST, PREVIOUS) if (folder / name).exists()]
    for path in there:
        try:
            return read(path)
        except _DAMAGE as error:
            log.warning("%s is damaged (%s)", path, error)
    if there:
        raise RunError(f"no checkpoint in {folder} is whole: delete the folder to start anew")
    return None


def read_best(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The best checkpoint, or None where there is none that is whole."""
    try:
        return read(folder / BEST)
    except _DAMAGE:
        return None


def _is_whole(path: Path) -> bool:
    try:
        read(path)
    except (*_DAMAGE, FormatError):
        return False
    return True


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """One checkpoint, verified.

    Raises:
        OSError, SafetensorError, ValueError, KeyError, TypeError: missing or damaged.
        FormatError: a newer ganzoo wrote it.
    """
    facts, tensors = read_facts(path), load_file(path)
    numbers, version = facts["numbers"], facts.get("format", 1)
    content = {"tensors": tensors, "numbers": numbers}
    content = formats.upgrade(content, version, STEPS, path)
    if facts["sha256"] != _digest(tensors, numbers if version > 1 else None):
        raise ValueError("its contents do not have the hash that it states")
    return content["tensors"], content["numbers"]


def _digest(tensors: Mapping[str, Tensor], numbers: Mapping[str, Any] | None) -> str:
    """Hash of all tensors, and of the numbers; format 1 left these out."""
    digest = hashlib.sha256(json.dumps(numbers, sort_keys=True).encode() if numbers else b"")
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()

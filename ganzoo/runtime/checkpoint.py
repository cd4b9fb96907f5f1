"""Checkpoint files: atomic, verified when read, with the previous one kept."""

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
    """Format 1 did not name its data."""
    return {**content, "numbers": {**content["numbers"], "data": None}}


STEPS: tuple[formats.Step, ...] = (_without_data,)
"""Upgrades from format 1 to 2, and so on, of ``{"tensors": ..., "numbers": ...}``."""
FORMAT = formats.current_format(STEPS)


def save(
    folder: Path, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any], name: str = NEWEST
) -> None:
    """Write a checkpoint. The newest one before becomes the previous one, unless it is damaged.

    Args:
        folder: of a run.
        tensors, numbers: the state.
        name: `NEWEST`; or `BEST`, which has no predecessor.

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
        if name == NEWEST and _is_undamaged(folder / NEWEST):
            os.replace(folder / NEWEST, folder / PREVIOUS)


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The newest undamaged checkpoint, or None if there is none.

    Raises:
        RunError: all checkpoints are damaged.
        FormatError: a newer ganzoo wrote them.
    """
    found = [folder / name for name in (NEWEST, PREVIOUS) if (folder / name).exists()]
    for path in found:
        try:
            return read(path)
        except _DAMAGE as error:
            log.warning("%s is damaged (%s)", path, error)
    if found:
        raise RunError(f"all checkpoints in {folder} are damaged: delete the folder to start anew")
    return None


def read_best(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The best checkpoint, or None if there is none or it is damaged."""
    try:
        return read(folder / BEST)
    except _DAMAGE:
        return None


def _is_undamaged(path: Path) -> bool:
    try:
        read(path)
    except (*_DAMAGE, FormatError):
        return False
    return True


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read and verify one checkpoint.

    Raises:
        OSError, SafetensorError, ValueError, KeyError, TypeError: missing or damaged.
        FormatError: a newer ganzoo wrote it.
    """
    facts, tensors = read_facts(path), load_file(path)
    numbers, version = facts["numbers"], facts.get("format", 1)
    content = {"tensors": tensors, "numbers": numbers}
    content = formats.upgrade(content, version, STEPS, path)
    if facts["sha256"] != _digest(tensors, numbers if version > 1 else None):
        raise ValueError("its hash does not match its contents")
    return content["tensors"], content["numbers"]


def _digest(tensors: Mapping[str, Tensor], numbers: Mapping[str, Any] | None) -> str:
    """Hash of all tensors and of the numbers, which format 1 left out."""
    digest = hashlib.sha256(json.dumps(numbers, sort_keys=True).encode() if numbers else b"")
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()

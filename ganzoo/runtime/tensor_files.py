"""Safetensors files with facts in their header, and hashes of tensors and files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor


def cpu_copies(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Contiguous copies on the CPU that share no memory, as `write_tensors` needs them."""
    return {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in tensors.items()
    }


def write_tensors(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write a safetensors file; equal contents give equal bytes.

    Args:
        path: file to write.
        tensors: contiguous CPU tensors that share no memory.
        facts: JSON values for the header; one entry, because safetensors orders several at random.

    Raises:
        OSError: the file cannot be written.
    """
    try:
        save_file(dict(tensors), path, {"ganzoo": json.dumps(facts)})
    except SafetensorError as error:
        raise OSError(str(error)) from error


def read_facts(path: Path) -> dict[str, Any]:
    """Facts that `write_tensors` put into a header; empty for a file of another program.

    Raises:
        OSError, SafetensorError, ValueError: missing or damaged.
    """
    with safe_open(path, "pt") as file:
        return dict(json.loads((file.metadata() or {}).get("ganzoo", "{}")))


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """Sha256 of tensors with their names, types and shapes; the same for any order and device."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name].detach().cpu().contiguous()
        dtype = str(value.dtype).removeprefix("torch.")
        digest.update(f"{name} {dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Sha256 of a file's bytes.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

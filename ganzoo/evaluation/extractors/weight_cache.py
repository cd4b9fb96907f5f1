"""Weights of networks that do not ship with ganzoo: checked once, kept, verified when read.

They are kept as ``extractors/NAME.safetensors`` in ganzoo's cache. Their hash is one of contents,
not of a file, so that it is the same on whatever way the tensors came.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.paths import cache_dir


def place(name: str) -> Path:
    """Where the weights of an extractor are kept."""
    return cache_dir() / "extractors" / f"{name.replace(':', '-')}.safetensors"


def read(file: Path, sha256: str = "") -> dict[str, Tensor]:
    """The tensors of a .safetensors file or of a pickled state dict, and nothing else of it.

    Args:
        file: whoever's.
        sha256: how the hash of its bytes must begin; empty for any.

    Raises:
        WeightsError: missing, another file than it must be, or more in it than tensors.
    """
    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest() if sha256 else ""
        if not found.startswith(sha256):
            raise WeightsError(
                f"{file} is not the published file: its sha256 is {found}, it must begin with"
                f" {sha256}"
            )
        if file.suffix == ".safetensors":
            return load_file(file)
        content = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise WeightsError(f"{file}: no such file (you are in {Path.cwd()})") from None
    except (
        *(OSError, RuntimeError, EOFError, ValueError, KeyError),
        *(SafetensorError, pickle.UnpicklingError),
    ) as error:
        raise WeightsError(
            f"{file} holds more than tensors, or is damaged ({type(error).__name__})"
        ) from error
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise WeightsError(f"{file} is no state dict: it holds more than tensors by name")
    return content


def require(found: Mapping[str, Tensor], expected: Mapping[str, Tensor], what: str) -> None:
    """Exactly the tensors that a network has.

    Args:
        found: a file's.
        expected: of the right shapes and types; their values do not matter.
        what: the file, for the message.

    Raises:
        WeightsError: others; the message names the first of them.
    """
    problems = [f"missing {name}" for name in expected if name not in found]
    problems += [f"unexpected {name}" for name in found if name not in expected]
    problems += [
        f"{name} is {_kind(found[name])}, must be {_kind(value)}"
        for name, value in expected.items()
        if name in found and _kind(found[name]) != _kind(value)
    ]
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise WeightsError(f"{what} is of another network: {'; '.join(problems[:5])}{more}")


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def digest(tensors: Mapping[str, Tensor]) -> str:
    """The sha256 of tensors, their names, types and shapes."""
    sha256 = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name].detach().cpu().contiguous()
        sha256.update(f"{name} {_kind(value)}\n".encode())
        sha256.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return sha256.hexdigest()


def keep(name: str, tensors: Mapping[str, Tensor]) -> str:
    """Store an extractor's tensors in the cache, whole or not at all, and return their hash.

    Raises:
        WeightsError: the cache cannot be written.
    """
    plain = {
        key: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for key, value in tensors.items()
    }
    sha256 = digest(plain)
    try:
        with atomic_write(place(name)) as temporary:
            save_file(plain, temporary, {"ganzoo": json.dumps({"sha256": sha256})})
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{place(name)} cannot be written: {error}") from error
    return sha256


def kept(name: str) -> tuple[dict[str, Tensor], str] | None:
    """An extractor's tensors and their hash, or None where there are none.

    Raises:
        WeightsError: damaged.
    """
    path = place(name)
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            stated = json.loads((file.metadata() or {}).get("ganzoo", "{}")).get("sha256")
        tensors = load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise WeightsError(f"{path} is damaged ({error}): delete it, import it again") from error
    if digest(tensors) != stated:
        raise WeightsError(f"{path} is damaged: not the hash it states; delete it, import it again")
    return tensors, stated

"""Cache of extractor weights that do not ship with ganzoo: checked once, verified on every load.

They are stored as ``extractors/NAME.safetensors`` in ganzoo's cache. The hash is one of the
tensors, not of a file, so that it is the same for every source of the tensors.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ganzoo.errors import WeightsError, first_problems
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.paths import cache_dir, cache_problem
from ganzoo.runtime.tensor_files import cpu_copies, read_facts, tensors_sha256, write_tensors


def cache_path(name: str) -> Path:
    """File of an extractor's weights in the cache."""
    return cache_dir() / "extractors" / f"{name.replace(':', '-')}.safetensors"


def require(found: Mapping[str, Tensor], expected: Mapping[str, Tensor], what: str) -> None:
    """Check that a file has exactly the tensors of a network.

    Args:
        found: tensors of the file.
        expected: of the right shapes and types; their values do not matter.
        what: the file, for the message.

    Raises:
        WeightsError: it has others; the message names the first of them.
    """
    problems = [f"missing {name}" for name in expected if name not in found]
    problems += [f"unexpected {name}" for name in found if name not in expected]
    problems += [
        f"{name} is {_kind(found[name])}, must be {_kind(value)}"
        for name, value in expected.items()
        if name in found and _kind(found[name]) != _kind(value)
    ]
    if problems:
        raise WeightsError(f"{what} is of another network: {first_problems(problems)}")


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def save(name: str, tensors: Mapping[str, Tensor]) -> str:
    """Store an extractor's tensors in the cache, whole or not at all, and return their hash.

    Raises:
        WeightsError: the cache cannot be written.
    """
    plain = cpu_copies(tensors)
    sha256 = tensors_sha256(plain)
    path = Path(name)
    try:
        path = cache_path(name)
        with atomic_write(path) as temporary:
            write_tensors(temporary, plain, {"sha256": sha256})
    except OSError as error:
        raise WeightsError(cache_problem(path, error)) from error
    return sha256


def load(name: str) -> tuple[dict[str, Tensor], str] | None:
    """An extractor's tensors and their hash, or None if the cache has none.

    Raises:
        WeightsError: damaged.
    """
    try:
        path = cache_path(name)
    except OSError:
        return None
    if not os.path.exists(path):  # False too where the folder cannot be read
        return None
    try:
        stated = read_facts(path).get("sha256")
        tensors = load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise WeightsError(f"{path} is damaged ({error}): delete it, import it again") from error
    if stated is None or tensors_sha256(tensors) != stated:
        raise WeightsError(f"{path} is damaged: not the hash it states; delete it, import it again")
    return tensors, stated

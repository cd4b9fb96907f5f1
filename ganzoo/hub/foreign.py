"""Reader of other people's weight files: tensors by name, and no code of theirs is run."""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ganzoo import registry
from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState
from ganzoo.hub.module_pickle import read_module_pickle
from ganzoo.hub.pickle_values import LEGACY
from ganzoo.hub.torchscript import is_torchscript, read_torchscript
from ganzoo.runtime.tensor_files import file_sha256

STATE_DICTS = (
    *("g_ema", "params_ema", "generator_ema", "G_ema", "netG_ema", "state_dict_ema"),
    *("netG", "G", "g", "generator", "params", "state_dict", "model_state_dict", "model"),
)
"""Keys under which training scripts store a generator's state dict, averaged weights first."""

NOT_WEIGHTS = (
    (b"<!doctype html", "a web page (HTML)", "download the file itself, not the page about it"),
    (b"<html", "a web page (HTML)", "download the file itself, not the page about it"),
    (b"<?xml", "an XML page", "download the file itself: the server answered with a message"),
    (
        b"version https://git-lfs",
        "a Git LFS pointer, which only names the file",
        "run `git lfs pull` in its repository, or download the file itself",
    ),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"\x89hdf", "an HDF5 file (Keras)", "convert it to a PyTorch state_dict first"),
    (b"\x93numpy", "a NumPy array", "save the generator's state_dict() with torch.save"),
)
"""First bytes in lower case, the kind of file, the remedy."""

SAVE_TENSORS = "save the generator's state_dict() alone with torch.save"

FACTS = (str, int, float, bool)
"""Types of the plain facts that a checkpoint states beside its tensors."""

HEADER_LIMIT = 100_000_000
"""Longest header, in bytes, that the safetensors format allows."""


def read_tensors(file: Path, sha256: str = "") -> dict[str, Tensor]:
    """Tensors by name of a .safetensors file, of what ``torch.save`` wrote, or of TorchScript.

    The format is recognized by content, not by suffix. Of a checkpoint that holds several state
    dicts, the generator's is returned, averaged weights first.

    Args:
        file: path of the file.
        sha256: how the hash of the file must begin; empty for any.

    Raises:
        WeightsError: missing, empty, cut short, another kind of file, another hash, or more in it
            than tensors.
    """
    head = _checked_head(file, sha256)
    if head[8:9] == b"{":
        return _read_safetensors(file, int.from_bytes(head[:8], "little"))
    return _state_dict(_unpickle(file), file)


def read_state(file: Path, sha256: str = "") -> ForeignState:
    """All tensors of another program's file by full name, and the plain facts beside them.

    Reads what `read_tensors` reads, and pickles of whole modules (`module_pickle`), which state
    their constructor arguments.

    Args:
        file: path of the file.
        sha256: how the hash of the file must begin; empty for any.

    Raises:
        WeightsError: as `read_tensors`.
    """
    head = _checked_head(file, sha256)
    if head[8:9] == b"{":
        length = int.from_bytes(head[:8], "little")
        return ForeignState(_read_safetensors(file, length), {}, str(file))
    if head[:1] == b"\x80" and not head.startswith(LEGACY):
        return read_module_pickle(file, _stand_ins())
    content = _unpickle(file)
    if not isinstance(content, Mapping):
        raise WeightsError(
            f"{file} holds {type(content).__name__}, not a state dict of tensors by name"
        )
    tensors: dict[str, Tensor] = {}
    _flatten(content, "", tensors)
    if not tensors:
        raise WeightsError(f"{file} holds no tensors by name: {SAVE_TENSORS}")
    facts = {key: value for key, value in content.items() if isinstance(value, FACTS)}
    return ForeignState(tensors, facts, str(file))


def _stand_ins() -> list[str]:
    """Beginnings of class names that installed plugins declare for pickles of their networks."""
    specs = [plugin.spec for plugin in registry.discover() if plugin.spec is not None]
    return [name for spec in specs for name in spec.pickled_classes]


def _flatten(content: Mapping[Any, Any], prefix: str, tensors: dict[str, Tensor]) -> None:
    """Collect the tensors of nested dictionaries; entries by number belong to optimizers."""
    for key, value in content.items():
        if not isinstance(key, str):
            continue
        if isinstance(value, Tensor):
            tensors[f"{prefix}{key}"] = value.detach()
        elif isinstance(value, Mapping):
            _flatten(value, f"{prefix}{key}.", tensors)


def _checked_head(file: Path, sha256: str) -> bytes:
    """First bytes of a file that may hold weights and has its hash."""
    head = _head(file)
    _refuse_other_kinds(file, head)
    if sha256 and not (found := file_sha256(file)).startswith(sha256):
        raise WeightsError(
            f"{file} is not the published file: its sha256 is {found}, it must begin with {sha256}"
        )
    return head


def _head(file: Path) -> bytes:
    """First bytes of a file."""
    if file.is_dir():
        inside = sorted(child.name for child in file.iterdir())[:5]
        raise WeightsError(f"{file} is a folder: name the file in it ({', '.join(inside)})")
    try:
        with open(file, "rb") as opened:
            head = opened.read(512)
    except FileNotFoundError:
        raise WeightsError(f"{file}: no such file (you are in {Path.cwd()})") from None
    except OSError as error:
        raise WeightsError(f"{file} cannot be read: {error.strerror or error}") from None
    if not head:
        raise WeightsError(f"{file} is empty (0 bytes): download it again")
    return head


def _refuse_other_kinds(file: Path, head: bytes) -> None:
    """Name a file that is no weights for what it is."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for magic, kind, remedy in NOT_WEIGHTS:
        if start.startswith(magic):
            raise WeightsError(f"{file} is {kind}, not weights: {remedy}")
    if head.startswith(b"PK\x03\x04") and not zipfile.is_zipfile(file):
        _cut(file)
    if _is_text(head):
        line = start.decode(errors="replace").splitlines()[0][:60]
        raise WeightsError(f"{file} is a text file that begins {line!r}, not weights")


def _is_text(head: bytes) -> bool:
    """True if all bytes are printable; pickles of protocol 0 are, but torch never wrote those."""
    return all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head) and len(head) > 8


def _cut(file: Path, whole: int = 0) -> NoReturn:
    size = file.stat().st_size
    of = f" of {whole:,}" if whole else ""
    raise WeightsError(f"{file} is cut short ({size:,}{of} bytes): download it again")


def _read_safetensors(file: Path, length: int) -> dict[str, Tensor]:
    size = file.stat().st_size
    if length <= HEADER_LIMIT and 8 + length > size:
        _cut(file)
    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        whole = _declared_size(file, length)
        if whole > size:
            _cut(file, whole)
        raise WeightsError(f"{file} is damaged ({error}): download it again") from error


def _declared_size(file: Path, length: int) -> int:
    """Bytes that a safetensors header declares; 0 if it is damaged itself."""
    try:
        with open(file, "rb") as opened:
            header = json.loads(opened.read(8 + min(length, HEADER_LIMIT))[8:])
        ends = [value["data_offsets"][1] for key, value in header.items() if key[:2] != "__"]
        return 8 + length + max(ends, default=0)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return 0


def _unpickle(file: Path) -> object:
    if is_torchscript(file):
        return read_torchscript(file)
    try:
        # an open file, as torch.load would look at the suffix of a name
        with open(file, "rb") as opened, torch.serialization.safe_globals(_harmless()):
            return torch.load(opened, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
        text = str(error)
        if blocked := re.search(r"(?:global:? GLOBAL|GLOBAL) ([\w.]+)", text, re.IGNORECASE):
            kind = f"a pickle of more than tensors ({blocked[1]})"
        elif isinstance(error, EOFError) or re.search("truncated|EOF|corrupt", text):
            _cut(file)
        else:
            kind = f"no file of torch.save, or damaged ({type(error).__name__})"
        raise WeightsError(f"{file} is {kind}: {SAVE_TENSORS}") from error


def _harmless() -> list[Any]:
    """Types beside tensors that published checkpoints hold and that run no code.

    Classes that plugins declare by their full name are read as namespaces.
    """
    numbers = [type(np.dtype(name)) for name in ("float32", "float64", "int32", "int64", "bool")]
    scalar = type(np.float64(0)).__reduce__(np.float64(0))[0]
    names = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
    plain = ((Namespace, name) for name in _stand_ins() if not name.endswith("."))
    return [Namespace, np.dtype, *numbers, *((scalar, name) for name in names), *plain]


def _state_dict(content: object, file: Path) -> dict[str, Tensor]:
    """The state dict in what a file holds."""
    if not isinstance(content, Mapping) or not content:
        kind = "nothing" if content == {} else type(content).__name__
        raise WeightsError(f"{file} holds {kind}, not a state dict of tensors by name")
    nested = {key: value for key, value in content.items() if isinstance(value, Mapping)}
    for key in STATE_DICTS:
        if nested.get(key):
            return _state_dict(nested[key], file)
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise WeightsError(f"{file}: {name!r} is no tensor: {SAVE_TENSORS}")
    return {name: value.detach() for name, value in content.items()}

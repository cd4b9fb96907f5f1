"""Tensors and NumPy values in pickles of modules, rebuilt without the functions that these name."""

from __future__ import annotations

import io
import math
import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any, Literal, NoReturn

import numpy as np
import torch
from torch import Tensor

LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""First bytes of a file of ``torch.save`` before PyTorch 1.6."""

DTYPES = re.compile(r"[<>|=]?(?:b1|[iu][1248]|f[248])")
"""NumPy dtypes of arrays and scalars in such files."""


class Function:
    """A function that a pickle may call; it cannot be changed by the pickle.

    Args:
        name: by which the pickle knows it.
        function: what is called.
    """

    __slots__ = ("_function", "_name")

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name, self._function = name, function

    def __setstate__(self, state: object) -> NoReturn:
        raise pickle.UnpicklingError(f"it changes {self._name}")

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)


def storage(data: object) -> torch.UntypedStorage | torch.TypedStorage:
    """Storage of a nested file, of the format before PyTorch 1.6."""
    if not isinstance(data, bytes) or not data.startswith(LEGACY):
        raise pickle.UnpicklingError("a storage is no plain bytes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    if not isinstance(found, torch.UntypedStorage | torch.TypedStorage):
        raise pickle.UnpicklingError("a storage holds something else")
    return found


def tensor(
    storage: Any, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any
) -> Tensor:
    """Tensor on a storage, refused where it has more values than the storage."""
    if not isinstance(storage, torch.TypedStorage):
        raise pickle.UnpicklingError("a tensor has no typed storage")
    whole = torch.tensor([], dtype=storage.dtype).set_(storage)
    if math.prod(size) > whole.numel():
        raise pickle.UnpicklingError("a tensor has more values than its storage")
    return whole.as_strided(size, stride, offset)


def parameter(data: object, *_: object) -> Tensor:
    """The tensor of a parameter."""
    if not isinstance(data, Tensor):
        raise pickle.UnpicklingError("a parameter is no tensor")
    return data


def encode(text: object, encoding: object = "latin1") -> bytes:
    """Bytes that Python 2 wrote as text."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("it encodes a text")
    return text.encode("latin1")


class Dtype:
    """NumPy dtype by its text."""

    def __init__(self, text: object = "", *_: object) -> None:
        self.text = text if isinstance(text, str) else ""
        self.order: Literal["<", ">", "|", "="] = "<"

    def __setstate__(self, state: object) -> None:
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">", "|", "="):
            self.order = state[1]

    @property
    def numpy(self) -> np.dtype[Any]:
        if not DTYPES.fullmatch(self.text):
            raise pickle.UnpicklingError(f"an array has the dtype {self.text[:20]!r}")
        return np.dtype(self.text).newbyteorder(self.order)


def scalar(dtype: object, data: object) -> float | int | bool:
    """A NumPy number as Python's."""
    if not isinstance(dtype, Dtype):
        raise pickle.UnpicklingError("a number has no dtype")
    value: float | int | bool = np.frombuffer(_bytes(data), dtype.numpy, count=1)[0].item()
    return value


class Array:
    """NumPy array, kept as a nested list."""

    def __init__(self, *_: object) -> None:
        self.values: object = []

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[2], Dtype):
            raise pickle.UnpicklingError("an array has no plain values")
        _, shape, dtype, _, data = state
        self.values = np.frombuffer(_bytes(data), dtype.numpy).reshape(shape).tolist()


def _bytes(data: object) -> bytes:
    return data if isinstance(data, bytes) else encode(data)

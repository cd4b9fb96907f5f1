"""Reader of pickles that hold whole PyTorch modules, as NVIDIA's GAN programs write them.

Such a file names classes and carries source code. Nothing of it is imported or run: tensors are
rebuilt here, every class becomes an inert stand-in, and any other name is refused.
"""

from __future__ import annotations

import os
import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub import pickle_values as values
from ganzoo.hub.conversion import ForeignState

STAND_INS = ("torch_utils.", "dnnlib.util.", "torch.nn.", "training.")
"""Beginnings of the names that become stand-ins in every pickle; none of them is imported."""

REFUSED_OPCODES = (
    *("EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID"),
    *("INST", "OBJ", "NEXT_BUFFER", "READONLY_BUFFER"),
)
"""Opcodes of pickles that no such program writes."""

LARGEST = 1_000_000
"""Most modules, tensors and arguments of a file; a loop in the data would have no end."""


def read_module_pickle(file: Path, stand_ins: Sequence[str] = ()) -> ForeignState:
    """State dicts and constructor arguments of the modules in a pickle.

    Args:
        file: a pickle of one dictionary with modules, e.g. ``G``, ``D``, ``G_ema``.
        stand_ins: beginnings of further names that become stand-ins, e.g. ``pg_modules.``.

    Raises:
        WeightsError: any other content, damaged or hostile.
    """
    try:
        content = _unpickle(file, (*STAND_INS, *stand_ins))
        if not isinstance(content, dict):
            _refuse(file, f"it holds {type(content).__name__}, not a dictionary of modules")
        tensors: dict[str, Tensor] = {}
        counter = _Counter()
        arguments: dict[str, Any] = {}
        for key, value in content.items():
            if not isinstance(key, str) or not isinstance(value, Inert):
                continue
            for name, tensor in _state(value.state, counter):
                tensors[f"{key}.{name}"] = tensor
            if stated := value.state.get("_init_kwargs"):
                arguments[key] = _plain(stated, counter)
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError) as error:
        _refuse(file, _reason(error))
    except (IndexError, KeyError, RuntimeError, RecursionError, OverflowError, OSError) as error:
        _refuse(file, _reason(error))
    except MemoryError:
        _refuse(file, "it asks for more memory than there is")
    if not tensors:
        _refuse(file, "it holds no module with tensors")
    return ForeignState(tensors, arguments, str(file))


def _refuse(file: Path, reason: str) -> NoReturn:
    raise WeightsError(f"{file} is no pickle of GAN networks that can be read safely: {reason}")


def _reason(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:120] if text else type(error).__name__


def _unpickle(file: Path, stand_ins: tuple[str, ...]) -> object:
    with open(file, "rb") as opened:
        for opcode, _, _ in pickletools.genops(cast(BinaryIO, _BoundedReader(opened))):
            if opcode.name in REFUSED_OPCODES:
                raise pickle.UnpicklingError(f"it uses the opcode {opcode.name}")
        content: object = _Unpickler(_BoundedReader(opened), stand_ins).load()
        return content


class _BoundedReader:
    """File read from its beginning, which allocates no more than the file has.

    A pickle states lengths of its own choice, and Python allocates them before it reads.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, os.SEEK_END)
        file.seek(0)

    def read(self, length: int = -1) -> bytes:
        left = self._size - self._file.tell()
        return self._file.read(left if length < 0 else min(length, left))

    def readline(self) -> bytes:
        return self._file.readline()


class Inert:
    """Stand-in of an object: keeps its state and does nothing."""

    def __new__(cls, *args: object, **kwargs: object) -> Inert:
        return super().__new__(cls)

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: object) -> None:
        self.state = state if isinstance(state, dict) else {}

    def __getattr__(self, name: str) -> Any:
        if name == "state":  # NEWOBJ makes objects without __init__
            return {}
        raise AttributeError(name)


class _Mapping(dict[Any, Any]):
    """Stand-in of a dictionary with attribute access."""

    def __setstate__(self, state: object) -> None:
        """Ignore attributes."""


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: Any, stand_ins: tuple[str, ...]) -> None:
        super().__init__(file)
        self._stand_ins = stand_ins

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in _FUNCTIONS:
            return values.Function(full, _FUNCTIONS[full])
        if full in _TYPES:
            return _TYPES[full]
        if full == "dnnlib.util.EasyDict":
            return type(name, (_Mapping,), {})
        if full.startswith("dnnlib.tflib."):
            raise pickle.UnpicklingError(
                "it is a TensorFlow pickle of 2019 or 2020; `ganzoo list --pretrained` shows"
                " copies that were converted to PyTorch"
            )
        if full.startswith(self._stand_ins):
            return type("StandIn", (Inert,), {})
        raise pickle.UnpicklingError(f"it names {full}")

    def persistent_load(self, pid: object) -> NoReturn:
        raise pickle.UnpicklingError("it refers to other files")


def _persistent_object(meta: object) -> Inert:
    """Module saved with its source code, which is not read."""
    found = Inert()
    if isinstance(meta, dict) and isinstance(meta.get("state"), dict):
        found.state = meta["state"]
    return found


_FUNCTIONS: dict[str, Any] = {
    "torch_utils.persistence._reconstruct_persistent_obj": _persistent_object,
    "torch.storage._load_from_bytes": values.storage,
    "torch._utils._rebuild_tensor_v2": values.tensor,
    "torch._utils._rebuild_parameter": values.parameter,
    "torch.nn.parameter.Parameter": values.parameter,
    "torch.Size": tuple,
    "torch.device": str,
    "_codecs.encode": values.encode,
    "numpy.core.multiarray.scalar": values.scalar,
    "numpy._core.multiarray.scalar": values.scalar,
    "numpy.core.multiarray._reconstruct": values.Array,
    "numpy._core.multiarray._reconstruct": values.Array,
}
"""Functions that a pickle may call, replaced by those of this module."""

_TYPES: dict[str, Any] = {
    "collections.OrderedDict": OrderedDict,
    "builtins.set": set,
    "__builtin__.set": set,
    "numpy.ndarray": values.Array,
    "numpy.dtype": values.Dtype,
    **{f"torch.{name}": name for name in ("float16", "bfloat16", "float32", "float64", "int64")},
}
"""Types and constants that a pickle may name."""


class _Counter:
    """Count of the items visited, so that a loop in the data ends."""

    def __init__(self) -> None:
        self.count = 0

    def add(self) -> None:
        self.count += 1
        if self.count > LARGEST:
            raise pickle.UnpicklingError("its modules or arguments have no end")


def _state(
    module: Mapping[str, Any], counter: _Counter, prefix: str = ""
) -> Iterator[tuple[str, Tensor]]:
    """State dict of a module from its ``__dict__``: parameters, persistent buffers, submodules."""
    left_out = module.get("_non_persistent_buffers_set") or ()
    for kind in ("_parameters", "_buffers"):
        for name, value in dict(module.get(kind) or {}).items():
            counter.add()
            if isinstance(value, Tensor) and not (kind == "_buffers" and name in left_out):
                yield f"{prefix}{name}", value.detach()
    for name, child in dict(module.get("_modules") or {}).items():
        counter.add()
        if isinstance(child, Inert):
            yield from _state(child.state, counter, f"{prefix}{name}.")


def _plain(value: object, counter: _Counter) -> Any:
    """Constructor arguments as dictionaries, lists, texts and numbers; anything else is None."""
    counter.add()
    if isinstance(value, dict):
        return {str(key): _plain(each, counter) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, counter) for each in value]
    if isinstance(value, values.Array):
        return value.values
    return value if isinstance(value, str | int | float | bool) else None

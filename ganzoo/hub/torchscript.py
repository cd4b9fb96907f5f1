"""Reader of TorchScript archives: tensors by name, and no code of theirs is read.

Such an archive holds a pickle of the module beside its code. Every class in the pickle becomes an
inert stand-in, tensors are rebuilt here, and any other name is refused.
"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub import pickle_values as values
from ganzoo.hub.module_pickle import LARGEST, Inert

STORAGES = {
    "torch.FloatStorage": torch.float32,
    "torch.DoubleStorage": torch.float64,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.BoolStorage": torch.bool,
}
"""Storages by the name of their class."""


def is_torchscript(file: Path) -> bool:
    """True if a file is a whole TorchScript archive."""
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def read_torchscript(file: Path) -> dict[str, Tensor]:
    """Parameters and buffers of the module in an archive, by name.

    Args:
        file: written by ``torch.jit.save``.

    Raises:
        WeightsError: any other content, damaged or hostile.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            root = next(name for name in archive.namelist()).partition("/")[0]
            content = io.BytesIO(archive.read(f"{root}/data.pkl"))
            module = _Unpickler(content, archive, root).load()
            return dict(_state(module))
    except (OSError, pickle.UnpicklingError, zipfile.BadZipFile, EOFError, RuntimeError) as error:
        reason = str(error)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = str(error)
    except MemoryError:
        reason = "it asks for more memory than there is"
    text = reason.strip().splitlines()[0][:120] if reason.strip() else "it is damaged"
    raise WeightsError(f"{file} is no TorchScript archive that can be read safely: {text}")


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: io.BytesIO, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(content)
        self._archive, self._root = archive, root
        self._storages: dict[str, Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in STORAGES:
            return STORAGES[full]
        if full in _FUNCTIONS:
            return values.Function(full, _FUNCTIONS[full])
        if full == "collections.OrderedDict":
            return OrderedDict
        if full.startswith("__torch__."):
            return type("StandIn", (Inert,), {})
        raise pickle.UnpicklingError(f"it names {full}")

    def persistent_load(self, pid: object) -> Tensor:
        """All values of a storage."""
        match pid:
            case ("storage", torch.dtype() as dtype, str() as key, str(), int()):
                if key not in self._storages:
                    data = self._archive.read(f"{self._root}/data/{key}")
                    empty = torch.empty(0, dtype=dtype)
                    whole = torch.frombuffer(bytearray(data), dtype=dtype) if data else empty
                    self._storages[key] = whole
                return self._storages[key]
        raise pickle.UnpicklingError("it refers to something that is no storage")


def _tensor(
    storage: object, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> Tensor:
    """Tensor on a storage, refused where it has more values than the storage."""
    if not isinstance(storage, Tensor) or math.prod(size) > storage.numel():
        raise pickle.UnpicklingError("a tensor has more values than its storage")
    return storage.as_strided(size, stride, offset)


def _same(value: object, *_: object) -> object:
    return value


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "torch._utils._rebuild_tensor_v2": _tensor,
    **{
        f"torch.jit._pickle.{name}": _same
        for name in (
            *("build_boollist", "build_doublelist", "build_intlist", "build_tensorlist"),
            "restore_type_tag",
        )
    },
}
"""Functions that an archive may call, replaced by those of this module."""


def _state(module: object) -> Iterator[tuple[str, Tensor]]:
    """Tensors of a module and of the modules in it."""
    waiting, visited = [("", module)], 0
    while waiting:
        prefix, each = waiting.pop()
        for name, value in each.state.items() if isinstance(each, Inert) else ():
            visited += 1
            if visited > LARGEST:
                raise pickle.UnpicklingError("its modules have no end")
            if isinstance(value, Tensor):
                yield f"{prefix}{name}", value.detach()
            elif isinstance(value, Inert):
                waiting.append((f"{prefix}{name}.", value))

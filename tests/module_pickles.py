"""Pickles of whole modules, as NVIDIA's GAN programs write them, and hostile variants of them."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import types
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor

SOURCE = "raise SystemExit('the source of a pickle was run')"


@contextmanager
def foreign_modules() -> Iterator[types.SimpleNamespace]:
    """The functions and classes that such a pickle names, importable while it is written."""
    persistence = types.ModuleType("torch_utils.persistence")
    util = types.ModuleType("dnnlib.util")

    def _reconstruct_persistent_obj(meta: object) -> None: ...

    class EasyDict(dict): ...

    _reconstruct_persistent_obj.__module__ = "torch_utils.persistence"
    _reconstruct_persistent_obj.__qualname__ = "_reconstruct_persistent_obj"
    EasyDict.__module__, EasyDict.__qualname__ = "dnnlib.util", "EasyDict"
    persistence._reconstruct_persistent_obj = _reconstruct_persistent_obj
    util.EasyDict = EasyDict
    added = {
        "torch_utils": types.ModuleType("torch_utils"),
        "torch_utils.persistence": persistence,
        "dnnlib": types.ModuleType("dnnlib"),
        "dnnlib.util": util,
    }
    sys.modules.update(added)
    try:
        yield types.SimpleNamespace(rebuild=_reconstruct_persistent_obj, EasyDict=EasyDict)
    finally:
        for name in added:
            del sys.modules[name]


class Persistent:
    """A module that is pickled by its source code and state."""

    def __init__(self, rebuild: Any, state: Mapping[str, Any]) -> None:
        self.meta = {
            "type": "class",
            "version": 6,
            "module_src": SOURCE,
            "class_name": "Generator",
            "state": dict(state),
        }
        self.rebuild = rebuild

    def __reduce__(self) -> tuple[Any, tuple[Any]]:
        return self.rebuild, (self.meta,)


def tree(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Tensors as nested dictionaries, by the parts of their names."""
    nested: dict[str, Any] = {}
    for name, value in tensors.items():
        *parts, last = name.split(".")
        place = nested
        for part in parts:
            place = place.setdefault(part, {})
        place[last] = value
    return nested


def persistent(names: Any, nested: Mapping[str, Any], arguments: Mapping[str, Any]) -> Persistent:
    """A module with its submodules; tensors that require no gradient become buffers."""
    tensors = {name: value for name, value in nested.items() if isinstance(value, Tensor)}
    state = {
        "training": False,
        "_parameters": {
            k: torch.nn.Parameter(v) for k, v in tensors.items() if v.is_floating_point()
        },
        "_buffers": {
            **{k: v for k, v in tensors.items() if not v.is_floating_point()},
            "left_out": torch.ones(1),
        },
        "_non_persistent_buffers_set": {"left_out"},
        "_forward_hooks": OrderedDict(),
        "_modules": {
            name: persistent(names, value, {})
            for name, value in nested.items()
            if isinstance(value, dict)
        },
        "_init_args": (),
        "_init_kwargs": names.EasyDict(arguments),
    }
    return Persistent(names.rebuild, state)


def legacy_storage(storage: torch.TypedStorage) -> tuple[Any, tuple[bytes]]:
    """A storage as old programs pickle it: a nested file of the format before PyTorch 1.6."""
    written = io.BytesIO()
    torch.save(storage, written, _use_new_zipfile_serialization=False)
    return torch.storage._load_from_bytes, (written.getvalue(),)


class Pickler(pickle.Pickler):
    def reducer_override(self, value: object) -> Any:
        if isinstance(value, torch.storage.TypedStorage):
            return legacy_storage(value)
        return NotImplemented


Network: TypeAlias = "tuple[Mapping[str, Tensor], Mapping[str, Any]]"


def write(file: Path, networks: Mapping[str, Network]) -> None:
    """Write a pickle of networks: tensors by name and constructor arguments, by key."""
    with foreign_modules() as names, open(file, "wb") as opened:
        content = {
            "training_set_kwargs": names.EasyDict(class_name="Dataset", resolution=8),
            **{
                key: persistent(names, tree(tensors), arguments)
                for key, (tensors, arguments) in networks.items()
            },
            "augment_pipe": None,
        }
        Pickler(opened, protocol=4).dump(content)


def call(module: str, name: str, *arguments: object) -> bytes:
    """Pickle that calls a function."""
    return b"\x80\x04" + _global(module, name) + pickle.dumps(arguments, 2)[2:-1] + b"R."


def _global(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def _text(text: str) -> bytes:
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def hostile(marker: Path) -> dict[str, bytes]:
    """Pickles that try to run code, read files or take all memory, by name.

    Args:
        marker: a file that the code would make.
    """
    touch = f"touch {marker}"
    code = f"open({str(marker)!r}, 'w')"
    rebuild = _global("torch_utils.persistence", "_reconstruct_persistent_obj")
    module = _global("torch.nn.modules.linear", "Linear")
    nested = pickle.dumps({"x": 1}, 2)
    large = struct.pack("<Q", 10 * 2**30)
    header = b"\x80\x04"
    return {
        "os.system": call("os", "system", touch),
        "posix.system": call("posix", "system", touch),
        "subprocess.Popen": call("subprocess", "Popen", ["touch", str(marker)]),
        "subprocess.check_output": call("subprocess", "check_output", ["touch", str(marker)]),
        "eval": call("builtins", "eval", code),
        "exec": call("builtins", "exec", code),
        "compile": call("builtins", "compile", code, "x", "exec"),
        "__import__": call("builtins", "__import__", "antigravity"),
        "getattr": call("builtins", "getattr", "x", "__class__"),
        "setattr": call("builtins", "setattr", "x", "y", "z"),
        "open": call("builtins", "open", str(marker), "w"),
        "bytearray": call("builtins", "bytearray", 10 * 2**30),
        "map": call("builtins", "map", "x", "y"),
        "python2 names": call("__builtin__", "eval", code),
        "io.open": call("io", "open", str(marker), "w"),
        "pathlib": call("pathlib", "PosixPath", str(marker)),
        "shutil.rmtree": call("shutil", "rmtree", str(marker.parent / "nothing")),
        "torch.load": call("torch", "load", str(marker)),
        "torch.serialization.load": call("torch.serialization", "load", str(marker)),
        "torch.hub.load": call("torch.hub", "load", "a/b", "c"),
        "torch.ops": call("torch.ops", "load_library", str(marker)),
        "torch.jit.load": call("torch.jit", "load", str(marker)),
        "torch.utils.cpp_extension": call("torch.utils.cpp_extension", "load_inline", "x", code),
        "codecs.encode": call("_codecs", "encode", "x", "rot13"),
        "codecs.decode": call("codecs", "decode", b"x", "zlib"),
        "operator.attrgetter": call("operator", "attrgetter", "system"),
        "operator.methodcaller": call("operator", "methodcaller", "system", touch),
        "functools.partial": call("functools", "partial", "x"),
        "importlib": call("importlib", "import_module", "os"),
        "runpy": call("runpy", "run_path", str(marker)),
        "pickle.loads": call("pickle", "loads", nested),
        "marshal.loads": call("marshal", "loads", nested),
        "types.FunctionType": call("types", "FunctionType", 1, {}),
        "code.interact": call("code", "interact"),
        "pty.spawn": call("pty", "spawn", "/bin/sh"),
        "numpy.load": call("numpy", "load", str(marker)),
        "numpy.fromfile": call("numpy", "fromfile", str(marker)),
        "dotted name": header + _text("os") + _text("system.__call__") + b"\x93" + b".",
        "stack global": header + _text("posix") + _text("system") + b"\x93" + _text(touch)
        + b"\x85R.",
        "memoized name": header + _text("os") + b"q\x00" + _text("system") + b"q\x01h\x00h\x01\x93"
        + _text(touch) + b"\x85R.",
        "inst": b"(S'" + touch.encode() + b"'\nios\nsystem\n.",
        "obj": b"(" + _global("os", "system") + _text(touch) + b"o.",
        "persistent id": header + _text(str(marker)) + b"Q.",
        "persistent id in text": b"P" + str(marker).encode() + b"\n.",
        "extension registry": header + b"\x82\x01.",
        "extension registry, 4 bytes": header + b"\x84\x01\x00\x00\x00.",
        "out-of-band buffer": b"\x80\x05\x97.",
        "state of a function": header + rebuild + b"}" + _text("__code__") + b"Nsb.",
        "state of a type": header + _global("collections", "OrderedDict") + b"}" + _text("x")
        + b"Nsb.",
        "state that is no state": header + module + b")\x81" + _text("x") + b"b.",
        "call of a number": header + b"K\x01)R.",
        "10 GB of bytes": header + b"\x8e" + large + b"x.",
        "10 GB of text": header + b"\x8d" + large + b"x.",
        "10 GB frame": header + b"\x95" + large + b"N.",
        "10 GB array": header + b"}" + _text("G") + _array_state((2**33,), b"x") + b"s.",
        "array of objects": header + _array_state((1,), b"x", "O8") + b".",
        "long with many digits": header + b"L" + b"9" * 100_000 + b"L\n.",
        "deep lists": header + b"]" * 50_000 + b"a" * 49_999 + b".",
        "loop": header + b"}q\x00" + _text("G") + b"h\x00s.",
        "loop of modules": header + b"}" + _text("G") + module + b")\x81q\x00}" + _text("_modules")
        + b"}(" + b"".join(_text(str(i)) + b"h\x00" for i in range(9)) + b"usbs.",
        "loop of arguments": header + b"}" + _text("G") + module + b")\x81}" + _text("_init_kwargs")
        + b"}q\x01(" + b"".join(_text(str(i)) + b"h\x01" for i in range(9)) + b"usbs.",
        "memo that is not there": header + b"h\x07.",
        "empty stack": header + b".",
        "cut short": header + _text("G")[:-1],
        "no pickle": header + b"\xff\xff\xff",
        "storage that runs code": call(
            "torch.storage", "_load_from_bytes", call("os", "system", touch)
        ),
        "storage that names a function": call(
            "torch.storage",
            "_load_from_bytes",
            b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + call("os", "system", touch),
        ),
        "storage in a zip": call("torch.storage", "_load_from_bytes", b"PK\x03\x04"),
        "tensor without storage": call("torch._utils", "_rebuild_tensor_v2", "x", 0, (1,), (1,)),
    }  # fmt: skip


def _array_state(shape: tuple[int, ...], data: bytes, dtype: str = "f4") -> bytes:
    """Opcodes that rebuild a NumPy array."""
    made = pickle.dumps(shape, 2)[2:-1]
    return (
        _global("numpy.core.multiarray", "_reconstruct")
        + _global("numpy", "ndarray") + b"K\x00\x85" + _text("b") + b"\x87R"
        + b"(K\x01" + made + _global("numpy", "dtype") + _text(dtype) + b"\x85R" + b"\x89"
        + b"C" + bytes([len(data)]) + data + b"tb"
    )  # fmt: skip

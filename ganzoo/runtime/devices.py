"""Devices: choose one, move modules to it, name it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ganzoo.errors import ConfigError


def resolve_device(name: str = "auto") -> torch.device:
    """Device by name; ``auto`` is CUDA if available, else Apple's MPS, else the CPU.

    Raises:
        ConfigError: no such device, or not on this machine.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next((kind for kind, there in available.items() if there), "cpu"))
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError):
        raise ConfigError(f"no device {name!r}: it is auto, cpu, cuda, cuda:N or mps") from None
    if not available.get(device.type, device.type == "cpu"):
        raise ConfigError(f"device {name} is not available here: use --device auto or cpu")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise ConfigError(f"no device {name}: there are {count} CUDA devices, counted from 0")
    return device


FILLS = {
    *(Tensor.normal_, Tensor.uniform_, Tensor.zero_, Tensor.fill_, Tensor.copy_),
    *(Tensor.mul_, Tensor.add_, Tensor.div_, Tensor.clamp_, Tensor.erfinv_),
    *(nn.init.normal_, nn.init.uniform_, nn.init.constant_, nn.init.kaiming_uniform_),
    F.normalize,  # of the vectors of spectral norm
}
"""Operations that initialize a tensor; on the meta device they only cost time."""


class _NoValues(TorchFunctionMode):
    """Skips the initialization of tensors on the meta device."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func in FILLS:
            filled = args[0] if args else (kwargs or {})["tensor"]  # as nn.init passes it
            if filled.is_meta:
                return filled
        return func(*args, **kwargs or {})


@contextmanager
def without_memory() -> Iterator[None]:
    """Build modules on the meta device: shapes and dtypes, but no values."""
    with torch.device("meta"), _NoValues():
        yield


def move_to_device(module: nn.Module, device: torch.device) -> nn.Module:
    """Move a module in place, with its 2-D convolutions in channels-last memory format.

    Their inputs follow. That is faster on every device.
    """
    for child in module.modules():
        if isinstance(child, nn.Conv2d | nn.ConvTranspose2d):
            child.to(memory_format=torch.channels_last)
    return module.to(device)


def device_name(device: torch.device) -> str:
    """Name of a device in benchmark rows: the GPU, or the processor and its threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type} ({_processor()}, {torch.get_num_threads()} threads)"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()

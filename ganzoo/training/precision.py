"""Precision, compilation and accumulation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import torch

from ganzoo.errors import ConfigError
from ganzoo.gan import GAN
from ganzoo.runtime.arguments import check_given, check_number

Precision = Literal["auto", "fp32", "tf32", "bf16", "fp16"]


@dataclass(frozen=True)
class ComputeConfig:
    """Settings of the computation that do not change the algorithm.

    Results agree with fp32 within rounding.

    Args:
        precision: ``fp32``; ``tf32`` (matrix products of CUDA); ``bf16`` or ``fp16`` (autocast:
            weights, losses and penalties stay fp32; fp16 scales its gradients); ``auto`` is bf16
            where the device is fast at it, else fp32.
        compile: compile generator and losses with torch.compile.
        accumulate: parts into which each batch is split, to save memory.

    Raises:
        ConfigError: a value that does not exist.
    """

    precision: Precision = "auto"
    compile: bool = False
    accumulate: int = 1

    def __post_init__(self) -> None:
        if self.precision not in get_args(Precision):
            known = ", ".join(get_args(Precision))
            raise ConfigError(f"no precision {self.precision!r}: it is {known}")
        check_given("compile", self.compile, (bool,), "True or False")
        check_number("accumulate", self.accumulate, whole=True, least=1)

    def on(self, device: torch.device) -> Precision:
        """Precision on a device, with ``auto`` resolved."""
        if self.precision != "auto":
            return self.precision
        if device.type == "cuda":
            return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
        return "bf16" if device.type == "cpu" and _has_amx() else "fp32"

    def dtype(self, device: torch.device) -> torch.dtype | None:
        """Data type of autocast, or None for no autocast."""
        return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(self.on(device))

    @contextmanager
    def sampling(self, gan: GAN) -> Iterator[GAN]:
        """Let a model generate samples with these settings inside the block.

        Samples in ``bf16`` and ``fp16`` differ from those in ``fp32`` by a gray level or two.
        """
        dtype, eager = self.dtype(gan.device), gan.generate
        autocast = torch.autocast(gan.device.type, dtype, enabled=dtype is not None)
        if self.compile:
            gan.generate = torch.compile(eager)  # type: ignore[method-assign] # undone below
        try:
            with self.matrix_products(gan.device), autocast:
                yield gan
        finally:
            if self.compile:
                del gan.generate

    @contextmanager
    def matrix_products(self, device: torch.device) -> Iterator[None]:
        """Use TF32 inside the block, if asked; torch has one such setting for the whole process."""
        before = torch.get_float32_matmul_precision()
        convolutions = torch.backends.cudnn.allow_tf32
        tf32 = self.on(device) == "tf32"
        torch.set_float32_matmul_precision("high" if tf32 else "highest")
        torch.backends.cudnn.allow_tf32 = tf32
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)
            torch.backends.cudnn.allow_tf32 = convolutions


@cache
def _has_amx() -> bool:
    """True if the processor multiplies bf16 matrices; else bf16 is 30 times slower than fp32."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False

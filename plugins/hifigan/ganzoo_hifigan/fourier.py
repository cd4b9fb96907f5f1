"""Convolutions over time with long kernels, through Fourier transforms of 32 samples.

A product of two complex numbers takes three real ones (Gauss), so 22 outputs of a kernel of 11 take
47 multiplications, not 242. Results differ from those of direct convolutions by rounding.
"""

from __future__ import annotations

from functools import cache
from math import pi

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LENGTH = 32
"""Samples of a transform."""
SMALLEST = 700
"""Kernel size times channels below which the transforms take longer than they save."""
SHORTEST = 1024
"""Samples below which the transformation of the weights takes longer than it saves."""


def is_faster(maps: Tensor, kernel: int) -> bool:
    """True where this was measured to be faster: long kernels, many channels, AVX2.

    Gradients and graphs are those of direct convolutions.
    """
    return (
        kernel * maps.shape[1] >= SMALLEST
        and maps.shape[0] * maps.shape[3] >= SHORTEST
        and maps.device.type == "cpu"
        and maps.dtype == torch.float32
        and torch.backends.cpu.get_cpu_capability() == "AVX2"
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


@cache
def _transforms() -> tuple[Tensor, Tensor, Tensor]:
    """Matrices from samples to factors, from taps to factors, and from products to samples.

    With X = c + di of the samples and the conjugate W = a + bi of the taps, the products are
    c (a + b), a (d - c) and b (c + d) for each frequency, and of the first and the last, which are
    real, one.
    """
    time = torch.arange(LENGTH, dtype=torch.float64)
    inputs, taps, outputs = [], [], []
    for frequency in range(LENGTH // 2 + 1):
        angle = 2 * pi * frequency * time / LENGTH
        cos, sin = angle.cos(), angle.sin()
        if frequency in (0, LENGTH // 2):
            inputs += [cos]
            taps += [cos]
            outputs += [cos / LENGTH]
        else:
            inputs += [cos, -sin - cos, cos - sin]
            taps += [cos + sin, cos, sin]
            outputs += [each * 2 / LENGTH for each in (cos - sin, -sin, -cos)]
    first, second, third = (torch.stack(rows).float() for rows in (inputs, taps, outputs))
    return first, second, third


def convolve(maps: Tensor, convolution: nn.Conv2d) -> Tensor:
    """A convolution over time that keeps the length, of maps (N, C, 1, T)."""
    weight, bias = convolution.weight, convolution.bias
    kernel, dilation = weight.shape[3], int(convolution.dilation[1])
    to_factors, taps, to_samples = _transforms()
    filters = taps[:, :kernel] @ weight[:, :, 0].permute(2, 0, 1).reshape(kernel, -1)
    filters = filters.view(-1, *weight.shape[:2])
    step, length = LENGTH - kernel + 1, maps.shape[3]
    frames = -(-length // (step * dilation))
    margin = kernel // 2 * dilation
    padded = F.pad(
        maps[:, :, 0].transpose(0, 1),
        (margin, ((frames - 1) * step + LENGTH) * dilation - margin - length),
    )
    channels, count = padded.shape[:2]
    windows = padded.as_strided(
        (channels, count, frames, dilation, LENGTH),
        (padded.stride(0), padded.stride(1), step * dilation, 1, dilation),
    )
    factors = to_factors @ windows.reshape(-1, LENGTH).t()
    products = torch.bmm(filters, factors.view(len(to_factors), channels, -1))
    samples = products.view(len(to_factors), -1).t() @ to_samples[:, :step]
    result = samples.view(-1, count, frames, dilation, step).transpose(3, 4).flatten(2)
    result = result[..., :length].transpose(0, 1)
    if bias is not None:
        result = result + bias[:, None]
    return result[:, :, None]

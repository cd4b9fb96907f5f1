"""Layers with an equalized learning rate (Karras et al. 2018, section 4.1).

Weights are stored with a standard deviation of 1 and scaled in each forward pass. A gain behind a
(leaky) ReLU equals one before it, so layers take it as ``gain`` and no pass over the maps is spent.
"""

from __future__ import annotations

from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2
"""Negative slope of leaky ReLU."""
RELU_GAIN = sqrt(2)
"""Gain of a layer with leaky ReLU."""


class EqualizedLinear(nn.Linear):
    """Linear layer whose weight is scaled by rate / sqrt(inputs), and its bias by the rate.

    Args:
        inputs, outputs: features.
        bias: initial value.
        rate: factor of the learning rate.
        gain: factor of the output.
    """

    def __init__(
        self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0, gain: float = 1.0
    ) -> None:
        super().__init__(inputs, outputs)
        nn.init.normal_(self.weight, 0, 1 / rate)
        nn.init.constant_(self.bias, bias)
        self.weight_scale, self.bias_scale = gain * rate / sqrt(inputs), gain * rate

    def forward(self, x: Tensor) -> Tensor:
        scaled = (x * self.weight_scale).to(self.weight.dtype)
        return F.linear(scaled, self.weight, self.bias * self.bias_scale)


class EqualizedConv2d(nn.Conv2d):
    """Convolution whose weight is scaled by 1 / sqrt(fan in).

    One of size 1 is a matrix product over the pixels, which is twice as fast on CPUs.

    Args:
        inputs, outputs: feature maps.
        size: of the kernel.
        stride: 1 keeps the size of the image; 2 pads nothing.
        bias: False for none.
        gain: factor of the output.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: int,
        stride: int = 1,
        bias: bool = True,
        gain: float = 1.0,
    ) -> None:
        padding = size // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, size, stride, padding, bias=bias)
        nn.init.normal_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        self.weight_scale, self.gain = gain / sqrt(inputs * size**2), gain

    def forward(self, x: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias * self.gain
        weight = self.weight * self.weight_scale
        if self.kernel_size == self.stride == (1, 1):
            return F.linear(x.movedim(1, -1), weight.flatten(1), bias).movedim(-1, 1)
        return F.conv2d(x, weight, bias, self.stride, self.padding)


class ClampedLeakyReLU(nn.Module):
    """Leaky ReLU with a slope of 0.2, then a clamp.

    Without gradients it changes its input in place.

    Args:
        clamp: largest absolute value; 0: none.
    """

    def __init__(self, clamp: float = 0.0) -> None:
        super().__init__()
        self.clamp = clamp

    def forward(self, x: Tensor) -> Tensor:
        in_place = not torch.is_grad_enabled()
        x = F.leaky_relu(x, SLOPE, in_place)
        return clamped(x, self.clamp, in_place) if self.clamp else x


def clamped(x: Tensor, limit: float, in_place: bool = False) -> Tensor:
    """Values between -limit and limit; the gradient is one pass, and three of `Tensor.clamp`."""
    return F.hardtanh(x, -limit, limit, in_place)

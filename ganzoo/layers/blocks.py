"""Residual blocks, class-conditional normalization, spectral norm, minibatch standard deviation.

Residual blocks as in Gulrajani et al. (2017), appendix F, and Miyato et al. (2018): convolutions of
3 x 3, shortcuts of 1 x 1, nearest-neighbor upsampling and 2 x 2 average pooling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from math import gcd
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations
from torch.overrides import TorchFunctionMode

from ganzoo.layers.initialization import glorot_init

SUMMED_ROWS = ((0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 0.0))
"""Rows of a 3 x 3 kernel whose sums are the rows of the 4 x 4 kernel of `UpsampledConv2d`."""
MANY_PIXELS = 128
"""Pixels of all rows from which `UpsampledConv2d` is faster in one step, for 64 to 1024 maps."""

Norm = Callable[[int], nn.Module]
"""Makes the normalization layer for a number of feature maps."""

M = TypeVar("M", bound=nn.Module)


class UpBlock(nn.Module):
    """Residual block of a generator: norm, ReLU, convolution, twice, plus a shortcut.

    Further arguments of `forward` are passed to the norms, e.g. the labels to
    `ConditionalBatchNorm2d`.

    Args:
        inputs, outputs: feature maps before and after.
        norm: makes the two norms; ``nn.Identity`` for none.
        upsample: double the size before the first convolution.
        upsampling: interpolation that doubles it, ``"nearest"`` or ``"bilinear"``.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        norm: Norm = nn.BatchNorm2d,
        *,
        upsample: bool = True,
        upsampling: str = "nearest",
    ) -> None:
        super().__init__()
        self.upsample, self.upsampling = upsample, upsampling
        self.norms = nn.ModuleList([norm(inputs), norm(outputs)])
        upsampled = upsample and upsampling == "nearest"
        self.convolutions = _convolutions(inputs, outputs, outputs, upsampled=upsampled)
        self.shortcut = _shortcut(inputs, outputs, upsample)

    def forward(self, x: Tensor, *conditions: Tensor) -> Tensor:
        h = F.relu(self.norms[0](x, *conditions))
        first = self.convolutions[0]
        h = first(h) if isinstance(first, UpsampledConv2d) else first(self._resized(h))
        h = self.convolutions[1](F.relu(self.norms[1](h, *conditions)))
        output: Tensor = h + self._resized(self.shortcut(x))
        return output

    def _resized(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2.0, mode=self.upsampling) if self.upsample else x


class UpsampledConv2d(nn.Conv2d):
    """Convolution of 3 x 3 on an image twice the size, upsampled by nearest neighbor.

    On CPUs both are one transposed convolution of 4 x 4, equal up to rounding: four pixels of the
    larger image are equal, so sums of the kernel can be multiplied with one of them. For few pixels
    the sums would take longer than they save; compiled and exported networks keep both steps.

    Args:
        inputs, outputs: feature maps before and after.
        bias: add a learned number to each feature map.
    """

    def __init__(self, inputs: int, outputs: int, *, bias: bool = True) -> None:
        super().__init__(inputs, outputs, 3, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, 2 H, 2 W)."""
        on_cpu = x.device.type == "cpu" and not torch.compiler.is_compiling()
        if not on_cpu or x.shape[0] * x.shape[2] * x.shape[3] < MANY_PIXELS:
            return super().forward(upsample_nearest(x))
        rows = self.weight.new_tensor(SUMMED_ROWS)
        sums = self.weight.flatten(2) @ torch.kron(rows, rows).T
        kernels = sums.view(*sums.shape[:2], 4, 4).transpose(0, 1)
        return F.conv_transpose2d(x, kernels, self.bias, stride=2, padding=1)


class DownBlock(nn.Module):
    """Residual block of a discriminator: ReLU, convolution, twice, plus a shortcut.

    Args:
        inputs, outputs: feature maps before and after.
        downsample: halve the size at the end, by average pooling.
        first: no ReLU before the first convolution, for the block that sees the image.
        relu_shortcut: the shortcut starts after the first ReLU, as in programs whose ReLU
            overwrites its input.
        hidden: feature maps between the convolutions; left out, as many as after them.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        downsample: bool = True,
        first: bool = False,
        relu_shortcut: bool = False,
        hidden: int | None = None,
    ) -> None:
        super().__init__()
        self.downsample, self.first, self.relu_shortcut = downsample, first, relu_shortcut
        self.convolutions = _convolutions(inputs, outputs, hidden or outputs)
        self.shortcut = _shortcut(inputs, outputs, downsample)

    def forward(self, x: Tensor) -> Tensor:
        rectified = x if self.first else F.relu(x)
        h = self.convolutions[0](rectified)
        shortcut = self.shortcut(rectified if self.relu_shortcut else x)
        output: Tensor = shortcut + self.convolutions[1](F.relu(h))
        return F.avg_pool2d(output, 2) if self.downsample else output


class ConditionalBatchNorm2d(nn.Module):
    """Class-conditional batch normalization: a gain and a shift per class (de Vries et al. 2017).

    Args:
        maps: number of feature maps.
        classes: number of classes.
        eps: added to the variance.
    """

    def __init__(self, maps: int, classes: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, eps, affine=False)
        self.gain = nn.Embedding(classes, maps)
        self.shift = nn.Embedding(classes, maps)
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        """Normalize (N, maps, H, W) for the labels (N,)."""
        gain, shift = self.gain(label)[:, :, None, None], self.shift(label)[:, :, None, None]
        output: Tensor = self.norm(x) * gain + shift
        return output


class MinibatchStd(nn.Module):
    """Minibatch standard deviation: one more map with the spread within a group of rows.

    A discriminator that sees it can tell fakes that are all alike (Karras et al. 2018, section 3).

    Args:
        group: consecutive rows that are compared; fewer if they do not divide the batch.
    """

    def __init__(self, group: int) -> None:
        super().__init__()
        self.group = group

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C + 1, H, W)."""
        group = gcd(self.group, len(maps))
        variance = maps.view(-1, group, *maps.shape[1:]).var(1, correction=0)
        std = (variance + 1e-8).sqrt().mean((1, 2, 3)).repeat_interleave(group)
        return torch.cat([maps, std[:, None, None, None].expand_as(maps[:, :1])], 1)


class _ShapesOnly(TorchFunctionMode):
    """Skips power iterations on the meta device, where they compute nothing."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.mv:
            return args[1]  # the wrong length is harmless: normalize and vdot are skipped too
        if func is torch.vdot:
            return args[0].new_empty(())
        if func is Tensor.div:
            return args[0].clone()
        if func is F.normalize and kwargs.get("out") is not None:
            return kwargs["out"]
        return func(*args, **kwargs)


def spectral_norm(layer: M) -> M:
    """Apply torch's spectral norm to the weight of a layer; returns the layer.

    On the meta device, torch's 15 first power iterations would take half a second per layer.
    """
    weight = layer.weight
    skipped = _ShapesOnly() if isinstance(weight, Tensor) and weight.is_meta else nullcontext()
    with skipped:
        parametrizations.spectral_norm(layer)
    return layer


def apply_spectral_norm(network: M) -> M:
    """Apply spectral norm to every convolution, linear layer and embedding; returns the network.

    Miyato et al. (2018), algorithm 1: one power iteration per forward pass in training. The vectors
    are buffers, so a resumed run continues with them.
    """
    for layer in list(network.modules()):
        if isinstance(layer, nn.Conv2d | nn.Linear | nn.Embedding):
            spectral_norm(layer)
    return network


def upsample_nearest(x: Tensor) -> Tensor:
    """Upsample by a factor of 2, nearest neighbor."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def _convolutions(
    inputs: int, outputs: int, hidden: int, *, upsampled: bool = False
) -> nn.ModuleList:
    if upsampled:
        first: nn.Conv2d = UpsampledConv2d(inputs, hidden)
    else:
        first = nn.Conv2d(inputs, hidden, 3, padding=1)
    glorot_init(first, gain=2**0.5)
    return nn.ModuleList(
        [first, glorot_init(nn.Conv2d(hidden, outputs, 3, padding=1), gain=2**0.5)]
    )


def _shortcut(inputs: int, outputs: int, resized: bool) -> nn.Module:
    """A 1 x 1 convolution where the shape changes, else the identity."""
    if resized or inputs != outputs:
        return glorot_init(nn.Conv2d(inputs, outputs, 1))
    return nn.Identity()

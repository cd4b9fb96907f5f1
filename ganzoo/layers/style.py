"""Networks that the StyleGANs share: mapping network and discriminator (Karras et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from math import sqrt
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from ganzoo.layers.equalized import RELU_GAIN, ClampedLeakyReLU, EqualizedConv2d, EqualizedLinear
from ganzoo.layers.fir import Fir, FirDown

Architecture: TypeAlias = Literal["skip", "resnet", "orig"]
"""Connections to the image at each resolution, residual connections, or neither."""

MEAN_DECAY = 0.998
"""Decay of the running mean of w, per batch."""
EPS = 1e-8
HALF_PRECISION = 4
"""Resolutions, the finest first, that ``--precision bf16`` or ``fp16`` applies to (Karras et al.
2020b, appendix D)."""


def precision(device: torch.device, half: bool) -> AbstractContextManager[object]:
    """Context in which operations are in float32 unless `half`; then autocast stays as it is."""
    if half or not torch.is_autocast_enabled(device.type):
        return nullcontext()
    return torch.autocast(device.type, enabled=False)


class MappingNetwork(nn.Module):
    """Latents and conditions to w, the intermediate latent, (N, w).

    In training it keeps the running mean of w in ``w_avg``.

    Args:
        latent: latent dimension; 0: the condition alone is mapped.
        condition: dimension of the condition, e.g. number of classes; 0: none.
        width: dimension of w and of each layer.
        layers: number of layers.
    """

    w_avg: Tensor

    def __init__(self, latent: int, condition: int, width: int, layers: int) -> None:
        super().__init__()
        if condition:
            self.embed = EqualizedLinear(condition, width)
        widths = [latent + width * bool(condition), *[width] * layers]
        self.layers = nn.Sequential()
        for inputs, outputs in pairwise(widths):
            self.layers.append(EqualizedLinear(inputs, outputs, rate=0.01, gain=RELU_GAIN))
            self.layers.append(ClampedLeakyReLU())
        if latent:
            self.register_buffer("w_avg", torch.zeros(width))

    def forward(self, latent: Tensor | None, condition: Tensor | None = None) -> Tensor:
        given = latent if latent is not None else condition
        assert given is not None
        with precision(given.device, half=False):
            parts = [] if latent is None else [normalized(latent)]
            if condition is not None:
                parts.append(normalized(self.embed(condition.float())))
            w: Tensor = self.layers(torch.cat(parts, 1))
        if self.training and latent is not None:
            mean = w.detach().mean(0).to(self.w_avg.dtype)
            self.w_avg.copy_(mean.lerp(self.w_avg, MEAN_DECAY))
        return w


def normalized(x: Tensor) -> Tensor:
    """Rows with a mean square of 1."""
    x = x.float()
    return x * (x.square().mean(1, keepdim=True) + EPS).rsqrt()


class StyleDiscriminator(nn.Module):
    """(N, channels, size, size), and conditions (N, classes), to (N, 1) logits.

    With classes, a logit is the inner product of the features and the mapped condition (Miyato and
    Koyama 2018).

    Args:
        channels: of the image.
        size: of the image; halved between the widths.
        widths: feature maps at each resolution, the coarsest first.
        architecture: ``resnet`` in the paper.
        classes: dimension of the condition; 0: none.
        mapping: layers of the condition's mapping network.
        clamp: largest absolute activation; 0: no limit.
        group: rows that the minibatch standard deviation compares.
        group_maps: maps with the minibatch standard deviation; 0: none.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        widths: Sequence[int],
        architecture: Architecture = "resnet",
        classes: int = 0,
        mapping: int = 8,
        clamp: float = 0.0,
        group: int = 4,
        group_maps: int = 1,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleDict()
        for index in reversed(range(1, len(widths))):
            coarse, fine = widths[index - 1 : index + 1]
            colors = channels if architecture == "skip" or index == len(widths) - 1 else 0
            block = DiscriminatorBlock(colors, fine, coarse, architecture, clamp)
            self.blocks[str(size >> (len(widths) - 1 - index))] = block
        self.down = FirDown() if architecture == "skip" else None
        width, last = widths[0], size >> (len(widths) - 1)
        self.image = _from_image(channels, width) if architecture == "skip" else None
        self.statistics = GroupedStd(group, group_maps)
        self.convolution = EqualizedConv2d(width + group_maps, width, 3, gain=RELU_GAIN)
        self.activation = ClampedLeakyReLU(clamp)
        self.linear = EqualizedLinear(width * last**2, width, gain=RELU_GAIN)
        self.last = ClampedLeakyReLU()
        self.output = EqualizedLinear(width, width if classes else 1)
        self.mapping = MappingNetwork(0, classes, width, mapping) if classes else None

    def forward(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        x = self.features(images)
        with precision(images.device, half=len(self.blocks) < HALF_PRECISION):
            return self._logits(x, condition)

    def _logits(self, x: Tensor, condition: Tensor | None) -> Tensor:
        x = self.statistics(x if len(self.blocks) < HALF_PRECISION else x.float())
        x = self.activation(self.convolution(x)).flatten(1)
        logits: Tensor = self.output(self.last(self.linear(x)))
        if self.mapping is None:
            return logits
        mapped: Tensor = self.mapping(None, condition) / sqrt(logits.shape[1])
        return (logits * mapped).sum(1, keepdim=True)

    def features(self, images: Tensor) -> Tensor:
        """Feature maps of the coarsest resolution."""
        x: Tensor | None = None
        for index, block in enumerate(self.blocks.values()):
            half = index < HALF_PRECISION
            with precision(images.device, half):
                x = block(x if half or x is None else x.float(), images)
            images = images if self.down is None else self.down(images)
        assert x is not None
        if self.image is not None:
            x = x + self.last(self.image(images))
        return x


class DiscriminatorBlock(nn.Module):
    """Two convolutions, the second with a stride of 2.

    Args:
        channels: of the image that the block sees; 0: it sees none.
        inputs, outputs: feature maps.
        architecture: as for `StyleDiscriminator`.
        clamp: largest absolute activation; 0: no limit.
    """

    def __init__(
        self, channels: int, inputs: int, outputs: int, architecture: Architecture, clamp: float
    ) -> None:
        super().__init__()
        share = sqrt(0.5) if architecture == "resnet" else 1.0
        self.image = _from_image(channels, inputs) if channels else None
        self.first = EqualizedConv2d(inputs, inputs, 3, gain=RELU_GAIN)
        self.blur = Fir(padding=2)
        self.second = EqualizedConv2d(inputs, outputs, 3, stride=2, gain=share * RELU_GAIN)
        self.activation, self.last = ClampedLeakyReLU(clamp), ClampedLeakyReLU(clamp * share)
        self.skip: nn.Module | None = None
        if architecture == "resnet":
            self.down = FirDown()
            self.skip = EqualizedConv2d(inputs, outputs, 1, bias=False, gain=share)

    def forward(self, x: Tensor | None, images: Tensor) -> Tensor:
        if self.image is not None:
            seen: Tensor = self.activation(self.image(images))
            x = seen if x is None else x + seen
        assert x is not None
        y: Tensor = self.last(self.second(self.blur(self.activation(self.first(x)))))
        return y if self.skip is None else y + self.skip(self.down(x))


class GroupedStd(nn.Module):
    """Minibatch standard deviation over groups of rows, as further maps (Karras et al. 2018).

    Row i of N belongs to group i mod (N / group), so that neighbors are not compared.

    Args:
        group: rows of a group; fewer if they do not divide the batch.
        maps: maps to add, each of a share of the features.
    """

    def __init__(self, group: int, maps: int) -> None:
        super().__init__()
        self.group, self.maps = group, maps

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C + maps, H, W)."""
        if not self.maps:
            return x
        n, channels, height, width = x.shape
        group = next(size for size in range(min(self.group, n), 0, -1) if n % size == 0)
        y = x.float().reshape(group, n // group, self.maps, channels // self.maps, height, width)
        variance = (y - y.mean(0)).square().mean(0)
        y = (variance + EPS).sqrt().mean((2, 3, 4)).to(x.dtype)
        y = y.repeat(group, 1)[:, :, None, None].expand(-1, -1, height, width)
        return torch.cat([x, y], 1)


def _from_image(channels: int, width: int) -> EqualizedConv2d:
    return EqualizedConv2d(channels, width, 1, gain=RELU_GAIN)

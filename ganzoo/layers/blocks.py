"""Blocks that several families of networks share: residual blocks, norms that hear a class.

They are those of Gulrajani et al. (2017), appendix F, and of Miyato et al. (2018): convolutions of
3 x 3, shortcuts of 1 x 1, nearest neighbours up and means of 2 x 2 down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

Norm = Callable[[int], nn.Module]
"""Makes the normalisation of so many feature maps."""

M = TypeVar("M", bound=nn.Module)


class UpBlock(nn.Module):
    """Norm, ReLU, convolution, norm, ReLU, convolution, beside a shortcut; it doubles the image.

    What is passed to it beside the image goes on to its norms: `ConditionalBatchNorm2d` wants the
    classes.

    Args:
        inputs, outputs: feature maps before and after.
        norm: makes the two norms; ``nn.Identity`` for none.
        doubles: whether the image becomes twice as large, before the first convolution.
    """

    def __init__(
        self, inputs: int, outputs: int, norm: Norm = nn.BatchNorm2d, *, doubles: bool = True
    ) -> None:
        super().__init__()
        self.doubles = doubles
        self.norms = nn.ModuleList([norm(inputs), norm(outputs)])
        self.convolutions = _convolutions(inputs, outputs)
        self.shortcut = _shortcut(inputs, outputs, doubles)

    def forward(self, x: Tensor, *conditions: Tensor) -> Tensor:
        h = F.relu(self.norms[0](x, *conditions))
        h = self.convolutions[0](upsample_nearest(h) if self.doubles else h)
        h = self.convolutions[1](F.relu(self.norms[1](h, *conditions)))
        beside = self.shortcut(x)
        output: Tensor = h + (upsample_nearest(beside) if self.doubles else beside)
        return output


class DownBlock(nn.Module):
    """ReLU, convolution, ReLU, convolution, beside a shortcut; it halves the image.

    Args:
        inputs, outputs: feature maps before and after.
        halves: whether the mean over 2 x 2 pixels is taken at the end.
        first: the block sees the image itself, which is not rectified.
    """

    def __init__(
        self, inputs: int, outputs: int, *, halves: bool = True, first: bool = False
    ) -> None:
        super().__init__()
        self.halves, self.first = halves, first
        self.convolutions = _convolutions(inputs, outputs)
        self.shortcut = _shortcut(inputs, outputs, halves)

    def forward(self, x: Tensor) -> Tensor:
        h = self.convolutions[0](x if self.first else F.relu(x))
        output: Tensor = self.shortcut(x) + self.convolutions[1](F.relu(h))
        return F.avg_pool2d(output, 2) if self.halves else output


class ConditionalBatchNorm2d(nn.Module):
    """Batch norm whose gain and shift are a class's own (de Vries et al. 2017).

    Args:
        maps: feature maps.
        classes: how many.
    """

    def __init__(self, maps: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, affine=False)
        self.gain = nn.Embedding(classes, maps)
        self.shift = nn.Embedding(classes, maps)
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        """Normalise (N, maps, H, W) for the classes (N,)."""
        gain, shift = self.gain(label)[:, :, None, None], self.shift(label)[:, :, None, None]
        output: Tensor = self.norm(x) * gain + shift
        return output


def apply_spectral_norm(network: M) -> M:
    """The same network, with a largest singular value of 1 in each of its layers that has a weight.

    For the discriminator of Miyato et al. (2018), algorithm 1: one power iteration a pass in
    training; its vectors are buffers, and so a resumed run goes on with them.
    """
    for layer in list(network.modules()):
        if isinstance(layer, nn.Conv2d | nn.Linear | nn.Embedding):
            spectral_norm(layer)
    return network


def upsample_nearest(x: Tensor) -> Tensor:
    """Twice as large, nearest neighbour."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def glorot_init(layer: M, gain: float = 1.0) -> M:
    """The same layer, uniform with standard deviation gain sqrt(2 / (fan in + fan out)), bias 0
    (Glorot and Bengio 2010)."""
    assert isinstance(layer.weight, Tensor)
    nn.init.xavier_uniform_(layer.weight, gain)
    if isinstance(bias := getattr(layer, "bias", None), Tensor):
        nn.init.zeros_(bias)
    return layer


def _convolutions(inputs: int, outputs: int) -> nn.ModuleList:
    return nn.ModuleList(
        [
            glorot_init(nn.Conv2d(inputs, outputs, 3, padding=1), gain=2**0.5),
            glorot_init(nn.Conv2d(outputs, outputs, 3, padding=1), gain=2**0.5),
        ]
    )


def _shortcut(inputs: int, outputs: int, resized: bool) -> nn.Module:
    """A convolution of 1 x 1 where the shape changes; else the input itself."""
    if resized or inputs != outputs:
        return glorot_init(nn.Conv2d(inputs, outputs, 1))
    return nn.Identity()

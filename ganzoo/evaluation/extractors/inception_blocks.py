"""Layers of the Inception network of the FID (Szegedy et al. 2016, figures 5 to 10)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-3


class Unit(nn.Conv2d):
    """Convolution, batch norm and ReLU, the norm being part of the convolution.

    Args:
        name: its name in the published weights, within its block; empty if it is the block.
        inputs, outputs: channels.
        kernel: height and width.
        stride: 2 halves the image, which is then not padded.
        same: True for padding that keeps the image's size.
    """

    def __init__(
        self,
        name: str,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int] = (1, 1),
        stride: int = 1,
        same: bool = True,
    ) -> None:
        padded = (kernel[0] // 2, kernel[1] // 2) if same and stride == 1 else (0, 0)
        super().__init__(inputs, outputs, kernel, stride, padded)
        self.name = name

    def forward(self, images: Tensor) -> Tensor:
        return F.relu_(super().forward(images))

    def published(self, prefix: str) -> dict[str, Tensor]:
        """Its tensors in the published weights, empty, on the meta device."""
        norm = ("weight", "bias", "running_mean", "running_var")
        vector = torch.empty(self.out_channels, device="meta")
        kernel = torch.empty(self.weight.shape, device="meta")
        return {f"{prefix}.conv.weight": kernel, **{f"{prefix}.bn.{key}": vector for key in norm}}

    def fold(self, prefix: str, tensors: Mapping[str, Tensor]) -> None:
        """Load a convolution with the batch norm behind it folded in, in float64."""
        norm = {key.rpartition(".")[2]: v.double() for key, v in tensors.items() if ".bn." in key}
        scale = norm["weight"] / (norm["running_var"] + EPSILON).sqrt()
        kernel = tensors[f"{prefix}.conv.weight"].double() * scale[:, None, None, None]
        bias = norm["bias"] - norm["running_mean"] * scale
        self.load_state_dict({"weight": kernel.float(), "bias": bias.float()})


class Averaged(Unit):
    """A `Unit` behind an average over 3x3 pixels, in which the padding does not count.

    The average is taken of the convolution's output, which has fewer channels: one acts on pixels,
    the other on channels, both are linear, so their order does not matter.
    """

    def forward(self, images: Tensor) -> Tensor:
        mixed = F.conv2d(images, self.weight, self.bias)
        return F.relu_(F.avg_pool2d(mixed, 3, 1, 1, count_include_pad=False))


class Mixed(nn.Module):
    """Branches on one input, their outputs joined along the channels."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, images: Tensor) -> Tensor:
        return torch.cat([branch(images) for branch in self.branches], 1)


def _at_35(inputs: int, pooled: int) -> Mixed:
    """Figure 5 of Szegedy et al. 2016, with one 5x5 left."""
    return Mixed(
        Unit("branch1x1", inputs, 64),
        nn.Sequential(Unit("branch5x5_1", inputs, 48), Unit("branch5x5_2", 48, 64, (5, 5))),
        nn.Sequential(
            Unit("branch3x3dbl_1", inputs, 64),
            Unit("branch3x3dbl_2", 64, 96, (3, 3)),
            Unit("branch3x3dbl_3", 96, 96, (3, 3)),
        ),
        Averaged("branch_pool", inputs, pooled),
    )


def _to_17() -> Mixed:
    """Figure 10: half the size, by strides and by pooling side by side."""
    return Mixed(
        Unit("branch3x3", 288, 384, (3, 3), stride=2),
        nn.Sequential(
            Unit("branch3x3dbl_1", 288, 64),
            Unit("branch3x3dbl_2", 64, 96, (3, 3)),
            Unit("branch3x3dbl_3", 96, 96, (3, 3), stride=2),
        ),
        nn.MaxPool2d(3, 2),
    )


def _at_17(width: int) -> Mixed:
    """Figure 6: 7x7 in two steps, 1x7 and 7x1."""
    across, down = (1, 7), (7, 1)
    return Mixed(
        Unit("branch1x1", 768, 192),
        nn.Sequential(
            Unit("branch7x7_1", 768, width),
            Unit("branch7x7_2", width, width, across),
            Unit("branch7x7_3", width, 192, down),
        ),
        nn.Sequential(
            Unit("branch7x7dbl_1", 768, width),
            Unit("branch7x7dbl_2", width, width, down),
            Unit("branch7x7dbl_3", width, width, across),
            Unit("branch7x7dbl_4", width, width, down),
            Unit("branch7x7dbl_5", width, 192, across),
        ),
        Averaged("branch_pool", 768, 192),
    )


def _to_8() -> Mixed:
    halved = Unit("branch3x3_2", 192, 320, (3, 3), stride=2)
    return Mixed(
        nn.Sequential(Unit("branch3x3_1", 768, 192), halved),
        nn.Sequential(
            Unit("branch7x7x3_1", 768, 192),
            Unit("branch7x7x3_2", 192, 192, (1, 7)),
            Unit("branch7x7x3_3", 192, 192, (7, 1)),
            Unit("branch7x7x3_4", 192, 192, (3, 3), stride=2),
        ),
        nn.MaxPool2d(3, 2),
    )


def _at_8(inputs: int, pooled: nn.Module) -> Mixed:
    """Figure 7: branches that fork."""
    across, down = (1, 3), (3, 1)

    def fork(name: str, kernel: tuple[int, int]) -> Unit:
        return Unit(f"branch3x3{name}", 384, 384, kernel)

    return Mixed(
        Unit("branch1x1", inputs, 320),
        nn.Sequential(
            Unit("branch3x3_1", inputs, 384),
            Mixed(fork("_2a", across), fork("_2b", down)),
        ),
        nn.Sequential(
            Unit("branch3x3dbl_1", inputs, 448),
            Unit("branch3x3dbl_2", 448, 384, (3, 3)),
            Mixed(fork("dbl_3a", across), fork("dbl_3b", down)),
        ),
        pooled,
    )


def stem() -> dict[str, nn.Module]:
    """From 299 to 35 pixels."""
    return {
        "Conv2d_1a_3x3": Unit("", 3, 32, (3, 3), stride=2),
        "Conv2d_2a_3x3": Unit("", 32, 32, (3, 3), same=False),
        "Conv2d_2b_3x3": Unit("", 32, 64, (3, 3)),
        "pool_1": nn.MaxPool2d(3, 2),
        "Conv2d_3b_1x1": Unit("", 64, 80),
        "Conv2d_4a_3x3": Unit("", 80, 192, (3, 3), same=False),
        "pool_2": nn.MaxPool2d(3, 2),
    }


def blocks() -> dict[str, nn.Module]:
    """From 35 to 8 pixels, by the names of the published weights."""
    largest = nn.Sequential(nn.MaxPool2d(3, 1, 1), Unit("branch_pool", 2048, 192))
    return {
        "Mixed_5b": _at_35(192, pooled=32),
        "Mixed_5c": _at_35(256, pooled=64),
        "Mixed_5d": _at_35(288, pooled=64),
        "Mixed_6a": _to_17(),
        "Mixed_6b": _at_17(128),
        "Mixed_6c": _at_17(160),
        "Mixed_6d": _at_17(160),
        "Mixed_6e": _at_17(192),
        "Mixed_7a": _to_8(),
        "Mixed_7b": _at_8(1280, Averaged("branch_pool", 1280, 192)),
        "Mixed_7c": _at_8(2048, largest),
    }

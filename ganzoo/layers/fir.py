"""Resampling by a factor of 2 with the FIR filter [1, 3, 3, 1] (Karras et al. 2020, appendix B)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Fir(nn.Module):
    """The separable filter [1, 3, 3, 1], applied to each map, with zeros around the image.

    Args:
        padding: zeros on each side; 1 shrinks the image by one pixel, 2 enlarges it by one.
        gain: sum of the filter's weights.
    """

    kernel: Tensor

    def __init__(self, padding: int = 1, gain: float = 1.0) -> None:
        super().__init__()
        self.padding = padding
        row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
        kernel = gain * torch.outer(row, row)[None, None]
        self.register_buffer("kernel", kernel, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernels(x), padding=self.padding, groups=x.shape[1])

    def kernels(self, x: Tensor) -> Tensor:
        """The filter of each map, (C, 1, 4, 4)."""
        return self.kernel.to(x.dtype).expand(x.shape[1], 1, 4, 4)


class FirUp(Fir):
    """Upsample by a factor of 2."""

    def __init__(self) -> None:
        super().__init__(gain=4.0)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv_transpose2d(x, self.kernels(x), stride=2, padding=1, groups=x.shape[1])


class FirDown(Fir):
    """Downsample by a factor of 2."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernels(x), stride=2, padding=1, groups=x.shape[1])

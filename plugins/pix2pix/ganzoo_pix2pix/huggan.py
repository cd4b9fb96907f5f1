"""U-Net generator of huggan's published weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo_pix2pix.config import Config

FIRST_NOISY = 4
"""Encoder layers with dropout begin with this number."""


class HugganUNet(nn.Module):
    """U-Net that differs from the authors': (N, channels, size, size) to the same, in [-1, 1].

    Skip connections start after the activation and are not activated again; the last layer is
    upsampling and a convolution; instance norm has no gain and shift; dropout is active in
    training only.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = (config.channels, *config.widths)
        last = len(config.widths)
        self.downs = nn.ModuleList(
            _down(
                widths[level - 1],
                widths[level],
                norm=1 < level < last,
                dropout=config.dropout if level >= FIRST_NOISY else 0.0,
            )
            for level in range(1, last + 1)
        )
        self.ups = nn.ModuleList(
            _up(
                widths[level + 1] * (1 if level + 1 == last else 2),
                widths[level],
                dropout=config.dropout if level >= FIRST_NOISY else 0.0,
            )
            for level in reversed(range(1, last))
        )
        self.last = nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.ZeroPad2d((1, 0, 1, 0)),
            nn.Conv2d(2 * widths[1], config.channels, 4, padding=1),
            nn.Tanh(),
        )

    def forward(self, source: Tensor, kept: Tensor) -> Tensor:
        """``kept`` is unused, (N, 0): the prior draws no masks for these networks."""
        levels = [source]
        for down in self.downs:
            levels.append(down(levels[-1]))
        x = levels.pop()
        for up in self.ups:
            x = torch.cat([up(x), levels.pop()], 1)
        output: Tensor = self.last(x)
        return output


def _down(inputs: int, outputs: int, *, norm: bool, dropout: float) -> nn.Sequential:
    """Halve the size."""
    convolution = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
    normed = [nn.InstanceNorm2d(outputs)] if norm else []
    return nn.Sequential(convolution, *normed, nn.LeakyReLU(0.2), nn.Dropout(dropout))


def _up(inputs: int, outputs: int, *, dropout: float) -> nn.Sequential:
    """Double the size."""
    convolution = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(convolution, nn.InstanceNorm2d(outputs), nn.ReLU(), nn.Dropout(dropout))

"""U-Net generator (Isola et al. 2017, appendix 6.1)."""

import torch
from torch import Tensor, nn

from ganzoo import layers
from ganzoo_pix2pix import Config


class UNet(nn.Module):
    """U-Net: sources, (N, channels, size, size), to images of that shape in [-1, 1].

    The encoder halves the size down to one pixel; skip connections lead to the decoder layers of
    the same size. Odd sizes are rounded down, and restored in the decoder.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = (config.channels, *config.widths)
        last = len(config.widths)
        self.noise = config.noise
        self.keep = 1 - config.dropout
        self.downs = nn.ModuleList(
            _down(*widths[level - 1 : level + 1], first=level == 1, last=level == last)
            for level in range(1, last + 1)
        )
        self.ups = nn.ModuleList(
            _up(
                widths[level + 1] * (1 if level + 1 == last else 2),
                widths[level],
                odd=(config.size >> level) % 2,
                last=level == 0,
            )
            for level in reversed(range(last))
        )

    def forward(self, source: Tensor, kept: Tensor) -> Tensor:
        """``kept``: dropout masks of all noisy layers, (N, features), the innermost first."""
        levels = [source]
        for down in self.downs:
            levels.append(down(levels[-1]))
        x = levels.pop()
        masks = dict(enumerate(torch.split(kept, list(self.noise), 1)))
        for number, up in enumerate(self.ups):
            x = up(x)
            if number in masks:
                x = x * (masks[number].view_as(x) / self.keep).to(x.dtype)
            if len(levels) > 1:
                x = torch.cat([levels.pop(), x], 1)
        return x


def _down(inputs: int, outputs: int, *, first: bool, last: bool) -> nn.Sequential:
    """Halve the size; no activation before the first layer, no norm after the first and last."""
    before = [] if first else [nn.LeakyReLU(0.2)]
    after = [] if first or last else [nn.InstanceNorm2d(outputs, affine=True)]
    convolution = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(*before, convolution, *after)


def _up(inputs: int, outputs: int, *, odd: int, last: bool) -> nn.Sequential:
    """Double the size, plus one pixel where it is odd."""
    convolution = nn.ConvTranspose2d(
        inputs, outputs, 4, stride=2, padding=1, output_padding=odd, bias=last
    )
    after = nn.Tanh() if last else nn.InstanceNorm2d(outputs, affine=True)
    return nn.Sequential(nn.ReLU(), convolution, after)


class PairDiscriminator(layers.PatchDiscriminator):
    """Patch discriminator of pairs of images."""

    def forward(self, images: Tensor, source: Tensor) -> Tensor:  # type: ignore[override] # pairs
        """Logits, (N, 1, H', W'), of images and their sources."""
        pairs = torch.cat([source, images], 1)
        for layer in self:
            pairs = layer(pairs)
        return pairs

"""U-Net generator (Isola et al. 2017, appendix 6.1)."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from ganzoo import layers
from ganzoo_pix2pix.config import Config


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
        self.first_noisy = config.skipped
        self.keep = 1 - config.dropout
        self.downs = nn.ModuleList(
            _down(widths[level - 1], widths[level], config, first=level == 1, last=level == last)
            for level in range(1, last + 1)
        )
        self.ups = nn.ModuleList(
            _up(
                widths[level + 1] * (1 if level + 1 == last else 2),
                widths[level],
                config,
                odd=(config.size >> level) % 2,
                last=level == 0,
            )
            for level in reversed(range(last))
        )

    def forward(self, source: Tensor, kept: Tensor) -> Tensor:
        """``kept``: dropout masks of all noisy layers, (N, features), the innermost first.

        Without features, (N, 0), nothing is dropped, and the image may have any size that the
        encoder halves to whole pixels.
        """
        levels = [source]
        for down in self.downs:
            levels.append(down(levels[-1]))
        x = levels.pop()
        parts = torch.split(kept, list(self.noise), 1) if kept.shape[1] else ()
        masks = dict(enumerate(parts, self.first_noisy))
        for number, up in enumerate(self.ups):
            x = up(x)
            if number in masks:
                x = x * (masks[number].view_as(x) / self.keep).to(x.dtype)
            if len(levels) > 1:
                x = torch.cat([levels.pop(), x], 1)
        return x


def norm(width: int, config: Config) -> nn.Module:
    """Normalization of feature maps."""
    if config.norm == "batch":
        return nn.BatchNorm2d(width)
    return nn.InstanceNorm2d(width, affine=config.norm == "affine")


def _down(inputs: int, outputs: int, config: Config, *, first: bool, last: bool) -> nn.Sequential:
    """Halve the size; no activation before the first layer, no norm after the first and last."""
    before = [] if first else [nn.LeakyReLU(0.2)]
    after = [] if first or last else [norm(outputs, config)]
    bias = config.norm == "instance"
    convolution = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=bias)
    return nn.Sequential(*before, convolution, *after)


def _up(inputs: int, outputs: int, config: Config, *, odd: int, last: bool) -> nn.Sequential:
    """Double the size, plus one pixel where it is odd."""
    bias = last or config.norm == "instance"
    convolution = nn.ConvTranspose2d(
        inputs, outputs, 4, stride=2, padding=1, output_padding=odd, bias=bias
    )
    after = nn.Tanh() if last else norm(outputs, config)
    return nn.Sequential(nn.ReLU(), convolution, after)


def pair_discriminator(config: Config) -> PairDiscriminator:
    """Patch discriminator of pairs: of the authors, or of huggan, with padding and more bias."""
    huggan = config.networks == "huggan"
    return PairDiscriminator(
        2 * config.channels,
        config.discriminator_width or config.width,
        config.halvings,
        nn.InstanceNorm2d if huggan else partial(norm, config=config),
        bias=huggan or config.norm == "instance",
        last_bias=not huggan,
        padded=huggan,
    )


class PairDiscriminator(layers.PatchDiscriminator):
    """Patch discriminator of pairs of images."""

    def forward(self, images: Tensor, source: Tensor) -> Tensor:  # type: ignore[override] # pairs
        """Logits, (N, 1, H', W'), of images and their sources."""
        pairs = torch.cat([source, images], 1)
        for layer in self:
            pairs = layer(pairs)
        return pairs

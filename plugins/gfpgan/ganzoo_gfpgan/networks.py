"""Networks of GFPGAN: a U-Net whose features modulate StyleGAN2's decoder (Wang et al. 2021).

The "clean" version of the authors: no custom operators, no equalized learning rate, and bilinear
interpolation in the place of FIR filters.
"""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_gfpgan.config import Config

SLOPE = 0.2
EPS = 1e-8


class Generator(nn.Module):
    """Faces, (N, channels, size, size), to restored ones of the same shape; unbounded."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.encoder, self.decoder = Encoder(config), Decoder(config)

    def forward(self, images: Tensor) -> Tensor:
        styles, maps = self.encoder(images)
        restored: Tensor = self.decoder(styles, self.encoder.conditions(maps))
        return restored


class Encoder(nn.Module):
    """U-Net: images to styles, (N, layers, style), and to maps of each resolution."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths, self.layers, self.style = config.encoder_widths, config.layers, config.style
        steps = list(pairwise(widths))
        self.first = nn.Conv2d(config.channels, widths[-1], 1)
        self.downs = nn.ModuleList(Resample(fine, coarse, 0.5) for coarse, fine in reversed(steps))
        self.middle = nn.Conv2d(widths[0], widths[0], 3, padding=1)
        count = 1 if config.one_style else config.layers
        self.to_styles = nn.Linear(widths[0] * config.start**2, count * config.style)
        self.ups = nn.ModuleList(Resample(coarse, fine, 2.0) for coarse, fine in steps)
        self.to_images = nn.ModuleList(nn.Conv2d(w, config.channels, 1) for w in widths[1:])
        halves = [width // 2 for width in config.widths[1:]]
        pairs = list(zip(widths[1:], halves, strict=True))
        self.scales = nn.ModuleList(_condition(own, half, 1.0) for own, half in pairs)
        self.shifts = nn.ModuleList(_condition(own, half, 0.0) for own, half in pairs)

    def forward(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        x = F.leaky_relu(self.first(images), SLOPE)
        skips: list[Tensor] = []
        for down in self.downs:
            x = down(x)
            skips.append(x)
        x = F.leaky_relu(self.middle(x), SLOPE)
        styles = self.to_styles(x.flatten(1)).view(x.shape[0], -1, self.style)
        maps = []
        for up, skip in zip(self.ups, reversed(skips), strict=True):
            x = up(x + skip)
            maps.append(x)
        return styles.expand(-1, self.layers, -1), maps

    def conditions(self, maps: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
        """Scale and shift of half of the decoder's maps, for each resolution but the coarsest."""
        modules = zip(self.scales, self.shifts, maps, strict=True)
        return [(scale(x), shift(x)) for scale, shift, x in modules]

    def images(self, images: Tensor) -> list[Tensor]:
        """Restored images of each resolution but the coarsest, without the decoder."""
        _, maps = self(images)
        return [layer(x) for layer, x in zip(self.to_images, maps, strict=True)]


class Resample(nn.Module):
    """Residual block with bilinear resampling between two convolutions.

    Args:
        inputs, outputs: feature maps.
        scale: factor of height and width.
    """

    def __init__(self, inputs: int, outputs: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.first = nn.Conv2d(inputs, inputs, 3, padding=1)
        self.second = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = resized(F.leaky_relu(self.first(x), SLOPE), self.scale)
        y = F.leaky_relu(self.second(y), SLOPE)
        output: Tensor = y + self.skip(resized(x, self.scale))
        return output


class Decoder(nn.Module):
    """StyleGAN2's synthesis: styles, (N, layers, style), and conditions to images."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        first, sizes = config.widths[0], [config.start << i for i in range(len(config.widths))]
        self.maps = nn.Parameter(torch.randn(1, first, config.start, config.start))
        self.first = StyledConv2d(first, first, config.start, config.style)
        self.image = ModulatedConv2d(first, config.channels, 1, config.style)
        self.ups, self.convolutions = nn.ModuleList(), nn.ModuleList()
        self.images = nn.ModuleList()
        for (inputs, outputs), size in zip(pairwise(config.widths), sizes[1:], strict=True):
            self.ups.append(StyledConv2d(inputs, outputs, size, config.style))
            self.convolutions.append(StyledConv2d(outputs, outputs, size, config.style))
            self.images.append(ModulatedConv2d(outputs, config.channels, 1, config.style))

    def forward(self, styles: Tensor, conditions: list[tuple[Tensor, Tensor]]) -> Tensor:
        w = styles.unbind(1)
        x = self.first(self.maps.expand(len(styles), -1, -1, -1), w[0])
        image: Tensor = self.image(x, w[1])
        modules = zip(self.ups, self.convolutions, self.images, conditions, strict=True)
        for level, (up, convolution, to_image, (scale, shift)) in enumerate(modules):
            x = up(resized(x, 2.0), w[2 * level + 1])
            kept, changed = x.chunk(2, 1)
            x = torch.cat([kept, changed * scale + shift], 1)
            x = convolution(x, w[2 * level + 2])
            image = resized(image, 2.0) + to_image(x, w[2 * level + 3])
        return image


class ModulatedConv2d(nn.Conv2d):
    """Convolution whose input maps are scaled by an affine function of a style."""

    def __init__(self, inputs: int, outputs: int, kernel: int, style: int) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)
        assert self.bias is not None
        nn.init.zeros_(self.bias)
        self.affine = nn.Linear(style, inputs)
        nn.init.ones_(self.affine.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:  # type: ignore[override] # of a style too
        return super().forward(x * self.affine(style)[:, :, None, None])


class StyledConv2d(ModulatedConv2d):
    """Modulated and demodulated 3 x 3 convolution, noise, bias and leaky ReLU.

    All rows share one convolution: the style scales its input, demodulation its output. In training
    noise is fresh; otherwise it is that of the file.
    """

    noise: Tensor

    def __init__(self, inputs: int, outputs: int, size: int, style: int) -> None:
        super().__init__(inputs, outputs, 3, style)
        nn.init.kaiming_normal_(self.weight, SLOPE)
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise", torch.randn(size, size))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:  # type: ignore[override] # of a style too
        factors = self.affine(style).float()
        energy = factors.square() @ self.weight.float().square().sum((2, 3)).t()
        x = F.conv2d(x * factors.to(x.dtype)[:, :, None, None], self.weight, padding=1)
        x = x * (sqrt(2) * (energy + EPS).rsqrt()).to(x.dtype)[:, :, None, None]
        noise = torch.randn_like(x[:, :1]) if self.training else self.noise
        assert self.bias is not None
        return F.leaky_relu(x + self.noise_strength * noise + self.bias[:, None, None], SLOPE)


def resized(x: Tensor, scale: float) -> Tensor:
    """Maps with height and width multiplied, bilinear."""
    return F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)


def _condition(inputs: int, outputs: int, start: float) -> nn.Sequential:
    """Two convolutions; at first their output is about a constant."""
    last = nn.Conv2d(inputs, outputs, 3, padding=1)
    assert last.bias is not None
    nn.init.constant_(last.bias, start)
    return nn.Sequential(nn.Conv2d(inputs, inputs, 3, padding=1), nn.LeakyReLU(SLOPE), last)

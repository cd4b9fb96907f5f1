"""Networks of super-resolution: RRDB, compact, and a U-Net discriminator. Images in [0, 1]."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo import layers
from ganzoo_esrgan import Config, winograd

RESIDUAL = 0.2
"""Factor of every residual (Wang et al. 2018, section 3.1)."""
START = 0.1
"""Factor of the initial weights of dense blocks (Wang et al. 2018, section 3.1)."""


class RRDBNet(nn.Module):
    """Residual-in-residual dense blocks, then nearest-neighbor upsampling (Wang et al. 2018).

    With `Config.unshuffle`, pixels of the source first become channels (Wang et al. 2021), and the
    size of the source must be a multiple of it.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.width
        self.unshuffle = config.unshuffle
        self.dense_width = width + 4 * config.growth
        self.conv_first = Convolution(config.channels * config.unshuffle**2, width)
        self.body = nn.Sequential(*(RRDB(width, config.growth) for _ in range(config.blocks)))
        self.conv_body = Convolution(width, width)
        self.ups = nn.ModuleList(Convolution(width, width) for _ in range(config.doublings))
        self.conv_hr = Convolution(width, width)
        self.conv_last = Convolution(width, config.channels)

    def forward(self, source: Tensor) -> Tensor:
        x = self.features(source)
        for convolution in self.ups:
            x = _leaky(convolution(layers.upsample_nearest(x)))
        output: Tensor = self.conv_last(_leaky(self.conv_hr(x)))
        return output

    def features(self, source: Tensor) -> Tensor:
        """Feature maps before the upsampling, (N, width, H / unshuffle, W / unshuffle)."""
        if self.unshuffle > 1:
            source = F.pixel_unshuffle(source, self.unshuffle)
        x = self.conv_first(source)
        body = self.winograd_body if winograd.is_faster(x) else self.body
        output: Tensor = x + self.conv_body(body(x))
        return output

    def winograd_body(self, x: Tensor) -> Tensor:
        """The same as `body`, up to rounding."""
        blocks = winograd.Blocks(x, self.dense_width)
        x = blocks.split(x)
        for rrdb in self.body:
            assert isinstance(rrdb, RRDB)
            x = rrdb.winograd(x, blocks)
        return blocks.join(x)


class RRDB(nn.Module):
    """Three dense blocks with a residual around them."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(DenseBlock(width, growth) for _ in range(3)))

    def forward(self, x: Tensor) -> Tensor:
        return x.add(self.blocks(x), alpha=RESIDUAL)

    def winograd(self, x: Tensor, blocks: winograd.Blocks) -> Tensor:
        """The same for blocks of maps, up to rounding."""
        dense = x
        for block in self.blocks:
            assert isinstance(block, DenseBlock)
            dense = block.winograd(dense, blocks)
        return x.add(dense, alpha=RESIDUAL)


class DenseBlock(nn.Module):
    """Five convolutions, each of which gets the outputs of all before it."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        outputs = (growth, growth, growth, growth, width)
        self.convolutions = nn.ModuleList(
            _small(Convolution(width + number * growth, maps))
            for number, maps in enumerate(outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        maps = x
        *first, last = self.convolutions
        for convolution in first:
            maps = torch.cat([maps, _leaky(convolution(maps))], 1)
        return x.add(last(maps), alpha=RESIDUAL)

    def winograd(self, x: Tensor, blocks: winograd.Blocks) -> Tensor:
        """The same for blocks of maps, up to rounding."""
        maps, start = x, 0
        for convolution in self.convolutions:
            assert isinstance(convolution, Convolution)
            if start:
                maps = _leaky(maps)
            following = blocks.convolve(maps, convolution, start)
            maps, start = following, start + maps.shape[2]
        return x.add(maps, alpha=RESIDUAL)


class CompactNet(nn.Module):
    """Convolutions and PReLUs, all at the source's size; adds to the nearest-neighbor result."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.width
        self.scale = config.scale
        body: list[nn.Module] = [Convolution(config.channels, width), nn.PReLU(width)]
        for _ in range(config.blocks):
            body += [Convolution(width, width), nn.PReLU(width)]
        self.body = nn.Sequential(*body, Convolution(width, config.channels * config.scale**2))

    def forward(self, source: Tensor) -> Tensor:
        first, *rest = self.body
        x = first(source)
        if winograd.is_faster(x):
            x = self.winograd_body(x)
        else:
            for layer in rest:
                x = layer(x)
        residual = F.pixel_shuffle(x, self.scale)
        return residual + F.interpolate(source, scale_factor=self.scale, mode="nearest")

    def winograd_body(self, x: Tensor) -> Tensor:
        """The same as the layers after the first, up to rounding."""
        blocks = winograd.Blocks(x, x.shape[1])
        x = blocks.split(x)
        for layer in self.body[1:]:
            if isinstance(layer, nn.Conv2d):
                x = blocks.convolve(x, layer)
            else:
                x = layer(x.flatten(0, 1)).view(x.shape)
        return blocks.join(x)


class UNetDiscriminator(nn.Module):
    """U-Net with spectral norm: logits of all pixels, (N, 1, H, W) (Wang et al. 2021).

    Args:
        channels: of the images.
        width: feature maps next to the image; doubled with each of three halvings.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        maps = [width * 2**level for level in range(4)]
        self.conv_first = Convolution(channels, width)
        self.downs = nn.ModuleList(
            layers.spectral_norm(nn.Conv2d(maps[i], maps[i + 1], 4, 2, 1, bias=False))
            for i in range(3)
        )
        self.ups = nn.ModuleList(
            layers.spectral_norm(nn.Conv2d(maps[i + 1], maps[i], 3, 1, 1, bias=False))
            for i in reversed(range(3))
        )
        self.convs = nn.ModuleList(
            layers.spectral_norm(nn.Conv2d(width, width, 3, 1, 1, bias=False)) for _ in range(2)
        )
        self.conv_last = Convolution(width, 1)

    def forward(self, images: Tensor) -> Tensor:
        x = _leaky(self.conv_first(images))
        levels = []
        for convolution in self.downs:
            levels.append(x)
            x = _leaky(convolution(x))
        for convolution in self.ups:
            skip = levels.pop()
            x = F.interpolate(x, skip.shape[2:], mode="bilinear", align_corners=False)
            x = _leaky(convolution(x)) + skip
        for convolution in self.convs:
            x = _leaky(convolution(x))
        output: Tensor = self.conv_last(x)
        return output


class Convolution(nn.Conv2d):
    """3 x 3, the size stays."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, padding=1)

    def reset_parameters(self) -> None:
        if not self.weight.is_meta:  # a network of 351 layers took a second there, for no values
            super().reset_parameters()


def _small(convolution: nn.Conv2d) -> nn.Conv2d:
    """Small initial weights and no bias."""
    if convolution.weight.is_meta:
        return convolution
    nn.init.kaiming_normal_(convolution.weight)
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    with torch.no_grad():
        convolution.weight.mul_(START)
    return convolution


def _leaky(x: Tensor) -> Tensor:
    """Leaky ReLU; in place where no gradient needs its input."""
    return F.leaky_relu(x, 0.2, inplace=not torch.is_grad_enabled())

"""Generator of AuraSR: GigaGAN's upsampler without text (Kang et al. 2023). Images in [0, 1]."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import sqrt
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo import layers
from ganzoo_aurasr.config import Config

exporting = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)
"""True while torch.export traces. PyTorch 2.6 has only `is_compiling`."""

EPS = 1e-8
SLOPE = 0.2
RATE = 0.1
"""Factor of the mapping network's weights and biases: its learning rate."""
NOISE = 0.001
"""Standard deviation of the noise that is added to a source."""

Modulation: TypeAlias = Tensor
"""Rows of a convolution's modulation: factors of its input maps, then weights of its kernels."""


class Generator(nn.Module):
    """U-Net of modulated convolutions, whose upper half has more levels than the lower one."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths, halvings = config.widths, config.halvings
        self.mapping = Mapping(config)
        self.first = nn.Conv2d(config.channels, widths[halvings], 7, padding=3)
        self.downs = nn.ModuleList(
            Down(config, inputs, outputs)
            for outputs, inputs in reversed(list(pairwise(widths[: halvings + 1])))
        )
        middle = widths[0]
        self.middle_first = Block(config, middle, middle)
        self.middle_attention = transformer(config, middle, config.attention[0])
        self.middle_second = Block(config, middle, middle)
        self.ups = nn.ModuleList(
            Up(config, inputs, outputs, depth, skips=level < halvings)
            for level, ((inputs, outputs), depth) in enumerate(
                zip(pairwise(widths), config.attention[1:], strict=True)
            )
        )
        self.last = Block(config, widths[-1], widths[-1])
        self.to_image = nn.Conv2d(widths[-1], config.channels, 1)
        self.sizes = [
            each.modulation for each in self.modules() if isinstance(each, ModulatedConv2d)
        ]
        self.to_modulations = nn.Linear(config.style, sum(self.sizes))

    def forward(self, source: Tensor, latent: Tensor) -> Tensor:
        """Images, (N, channels, scale H, scale W).

        Args:
            source: (N, channels, H, W); H and W are multiples of 2^halvings.
            latent: (N, latent), or (1, latent) for all of them.
        """
        modulations = iter(torch.split(self.to_modulations(self.mapping(latent)), self.sizes, 1))
        x = self.first(source)
        skips: list[Tensor] = []
        for down in self.downs:
            x = down(x, modulations, skips)
        x = self.middle_attention(self.middle_first(x, modulations))
        x = self.middle_second(x, modulations)
        for up in self.ups:
            x = up(x, modulations, skips)
        image: Tensor = self.to_image(self.last(x, modulations))
        return image


def noisy(source: Tensor, noise: Tensor) -> Tensor:
    """Sources with a little noise; noise of a patch, (N, C, patch, patch), is repeated."""
    height, width = source.shape[2:]
    down, right = (
        -(-have // own) for have, own in zip((height, width), noise.shape[2:], strict=True)
    )
    repeated = noise.repeat(1, 1, down, right)[:, :, :height, :width]
    return (source + NOISE * repeated).clamp(0, 1)


class Mapping(nn.Module):
    """Latents of length 1 to styles."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = (config.latent, *[config.style] * config.mapping)
        self.layers = nn.ModuleList(_mapping_layer(*pair) for pair in pairwise(widths))

    def forward(self, latent: Tensor) -> Tensor:
        x = F.normalize(latent, dim=1)
        for layer in self.layers:
            x = F.leaky_relu(RATE * layer(x), SLOPE)
        return x


def _mapping_layer(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=sqrt(2 / inputs) / RATE)
    nn.init.zeros_(layer.bias)
    return layer


class ModulatedConv2d(nn.Module):
    """Convolution of 3 x 3 whose kernel a style mixes of several, scales and normalizes."""

    def __init__(self, inputs: int, outputs: int, kernels: int) -> None:
        super().__init__()
        self.modulation = inputs + kernels
        self.weights = nn.Parameter(torch.empty(kernels, outputs, inputs, 3, 3))
        nn.init.normal_(self.weights, std=sqrt(2 / (9 * inputs)))

    def forward(self, x: Tensor, modulation: Modulation) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W), by one modulation for all rows or one each."""
        count, outputs, inputs = self.weights.shape[:3]
        factors, shares = torch.split(modulation, [inputs, count], 1)
        mixed = shares.softmax(1) @ self.weights.flatten(1)
        weight = mixed.view(-1, outputs, inputs, 9) * (factors + 1)[:, None, :, None]
        energy = weight.square().sum((2, 3), keepdim=True)
        weight = weight * energy.clamp(min=EPS).rsqrt()
        n, _, height, width = x.shape
        if weight.shape[0] == 1:
            return F.conv2d(x, weight.view(outputs, inputs, 3, 3), padding=1)
        if exporting():  # the number of groups of a graph is fixed
            y = weight.flatten(2) @ F.unfold(x, 3, padding=1)
        else:
            kernels = weight.view(n * outputs, inputs, 3, 3)
            y = F.conv2d(x.reshape(1, n * inputs, height, width), kernels, padding=1, groups=n)
        return y.view(n, outputs, height, width)


class Block(nn.Module):
    """Two modulated convolutions, each followed by SiLU, with a residual around them."""

    def __init__(self, config: Config, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = ModulatedConv2d(inputs, outputs, config.kernels)
        self.second = ModulatedConv2d(outputs, outputs, config.kernels)
        changes = inputs != outputs
        self.residual = nn.Conv2d(inputs, outputs, 1) if changes else nn.Identity()

    def forward(self, x: Tensor, modulations: Iterator[Modulation]) -> Tensor:
        y = F.silu(self.first(x, next(modulations)))
        y = F.silu(self.second(y, next(modulations)))
        output: Tensor = y + self.residual(x)
        return output


class Down(nn.Module):
    """Residual blocks, then half the size. The output of each block is a skip connection."""

    def __init__(self, config: Config, inputs: int, outputs: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(config, inputs, inputs) for _ in range(config.blocks))
        self.down = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)

    def forward(self, x: Tensor, modulations: Iterator[Modulation], skips: list[Tensor]) -> Tensor:
        for block in self.blocks:
            x = block(x, modulations)
            skips.append(x)
        output: Tensor = self.down(x)
        return output


class Up(nn.Module):
    """Twice the size, residual blocks, and attention.

    Args:
        config: of the generator.
        inputs, outputs: feature maps.
        depth: transformer layers.
        skips: each block also gets a skip connection, the last one first.
    """

    def __init__(
        self, config: Config, inputs: int, outputs: int, depth: int, *, skips: bool
    ) -> None:
        super().__init__()
        self.skips = skips
        maps = outputs * (1 + skips)
        self.up = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.blocks = nn.ModuleList(Block(config, maps, outputs) for _ in range(config.blocks))
        self.attention = transformer(config, outputs, depth)

    def forward(self, x: Tensor, modulations: Iterator[Modulation], skips: list[Tensor]) -> Tensor:
        x = self.up(layers.upsample_nearest(x))
        for block in self.blocks:
            if self.skips:
                x = torch.cat([x, skips.pop() * sqrt(0.5)], 1)
            x = block(x, modulations)
        output: Tensor = self.attention(x)
        return output


def transformer(config: Config, maps: int, depth: int) -> nn.Sequential:
    """Attention over all pixels and a perceptron per pixel, with residuals, so many times."""
    blocks: Sequence[nn.Module] = [
        nn.Sequential(Attention(maps, config.heads, config.head), FeedForward(maps))
        for _ in range(depth)
    ]
    return nn.Sequential(*blocks)


class RMSNorm(nn.Module):
    """Maps whose mean square over the channels is the square of a gain."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1, maps, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x, dim=1) * self.gain * sqrt(x.shape[1])


class Attention(nn.Module):
    """Self-attention of pixels, added to its input."""

    def __init__(self, maps: int, heads: int, head: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = RMSNorm(maps)
        self.to_qkv = nn.Conv2d(maps, 3 * heads * head, 1, bias=False)
        self.output = nn.Conv2d(heads * head, maps, 1)

    def forward(self, x: Tensor) -> Tensor:
        qkv = self.to_qkv(self.norm(x)).flatten(2).chunk(3, 1)
        n, heads, pixels = x.shape[0], self.heads, x.shape[2] * x.shape[3]
        q, k, v = (each.reshape(n, heads, -1, pixels).transpose(2, 3) for each in qkv)
        y = F.scaled_dot_product_attention(q, k, v).transpose(2, 3)
        output: Tensor = x + self.output(y.reshape(n, -1, *x.shape[2:]))
        return output


class FeedForward(nn.Module):
    """Perceptron of each pixel, added to its input."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            RMSNorm(maps), nn.Conv2d(maps, 4 * maps, 1), nn.GELU(), nn.Conv2d(4 * maps, maps, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)  # type: ignore[no-any-return]

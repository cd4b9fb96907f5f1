"""Generator of Lightweight GAN: FastGAN's with pixel shuffle, global context and attention.

After Liu et al. (2021); global context blocks by Cao et al. (2019).
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_lightweight.config import Config

HEADS, HEAD_WIDTH = 8, 64
EPS = 1e-5


class Generator(nn.Module):
    """Latents, (N, latent), and noise, (N, M), to images in [0, 1]; unbounded.

    M is the number of pixels of all maps after a doubling.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.sizes, self.excited = config.sizes, config.excited
        self.first = nn.Sequential(
            nn.Unflatten(1, (config.latent, 1, 1)),
            nn.ConvTranspose2d(config.latent, 2 * config.latent, self.sizes[0]),
            nn.BatchNorm2d(2 * config.latent),
            nn.GLU(dim=1),
        )
        steps = list(pairwise((config.latent, *config.widths)))
        self.doublings = nn.ModuleList(Doubling(inputs, outputs) for inputs, outputs in steps)
        self.excitations = nn.ModuleDict(
            {
                str(source): GlobalContext(config.widths[source], config.widths[target])
                for source, target in self.excited.items()
            }
        )
        self.attention = nn.ModuleDict(
            {
                str(number): Attention(inputs)
                for number, ((inputs, _), size) in enumerate(zip(steps, self.sizes, strict=False))
                if size in config.attention
            }
        )
        self.image = nn.Conv2d(config.widths[-1], config.channels, 3, padding=1)

    def forward(self, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        x = F.normalize(self.first(latent), dim=1)
        pixels = [size**2 for size in self.sizes[1:]]
        planes = None if noise is None else torch.split(noise, pixels, 1)
        gates: dict[int, Tensor] = {}
        for number, double in enumerate(self.doublings):
            if str(number) in self.attention:
                x = x + self.attention[str(number)](x)
            x = double(x, None if planes is None else planes[number])
            if number in self.excited:
                gates[self.excited[number]] = self.excitations[str(number)](x)
            if number in gates:
                x = x * gates[number]
        image: Tensor = self.image(x)
        return image


class Doubling(nn.Module):
    """Pixel shuffle and blur, then a gated convolution with noise of learned strength."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(inputs, 4 * inputs, 1)
        self.convolution = nn.Conv2d(inputs, 2 * outputs, 4)
        self.strength = nn.Parameter(torch.zeros(()))
        self.norm = nn.BatchNorm2d(2 * outputs)

    def forward(self, x: Tensor, noise: Tensor | None) -> Tensor:
        x = blurred(F.pixel_shuffle(F.silu(self.spread(x)), 2))
        x = self.convolution(F.pad(x, (2, 1, 2, 1)))
        if noise is not None:
            x = x + self.strength * noise.view(x.shape[0], 1, *x.shape[2:])
        return F.glu(self.norm(x), dim=1)


class GlobalContext(nn.Module):
    """Maps to a factor in (0, 1) for each of other maps, (N, outputs, 1, 1)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weights = nn.Conv2d(inputs, 1, 1)
        hidden = max(3, outputs // 2)
        self.first, self.second = nn.Conv2d(inputs, hidden, 1), nn.Conv2d(hidden, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        shares = self.weights(x).flatten(1).softmax(1)
        mean = torch.einsum("ncp,np->nc", x.flatten(2), shares)[:, :, None, None]
        factors: Tensor = self.second(F.leaky_relu(self.first(mean), 0.1)).sigmoid()
        return factors


class Attention(nn.Module):
    """Linear attention over the whole map, beside attention of each pixel to its neighbors."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        width = HEADS * HEAD_WIDTH
        self.gain = nn.Parameter(torch.ones(maps, 1, 1))
        self.shift = nn.Parameter(torch.zeros(maps, 1, 1))
        self.linear_query = nn.Conv2d(maps, width, 1, bias=False)
        self.linear_rest = nn.Sequential(
            nn.Conv2d(maps, maps, 3, padding=1, groups=maps, bias=False),
            nn.Conv2d(maps, 2 * width, 1, bias=False),
        )
        self.query = nn.Conv2d(maps, width, 1, bias=False)
        self.rest = nn.Conv2d(maps, 2 * width, 1, bias=False)
        self.output = nn.Conv2d(2 * width, maps, 1)

    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x, dim=1, keepdim=True, correction=0)
        x = (x - mean) / (variance + EPS).sqrt() * self.gain + self.shift
        both = torch.cat([F.gelu(self.linear(x)), self.local(x)], 1)
        output: Tensor = self.output(both)
        return output

    def linear(self, x: Tensor) -> Tensor:
        """Keys are normalized over the pixels, queries over their width (Shen et al. 2021)."""
        key, value = self.linear_rest(x).chunk(2, 1)
        query, key, value = map(_heads, (self.linear_query(x), key, value))
        query, key = query.softmax(2) * HEAD_WIDTH**-0.5, key.softmax(3)
        context = torch.einsum("nhdp,nhep->nhde", key, value)
        return _map(torch.einsum("nhdp,nhde->nhep", query, context), x)

    def local(self, x: Tensor) -> Tensor:
        """Keys are the 3 x 3 pixels around a pixel; those outside the map are 0."""
        key, value = self.rest(x).chunk(2, 1)
        query = _heads(self.query(x)) * HEAD_WIDTH**-0.5
        key, value = (
            F.unfold(each, 3, padding=1).view(x.shape[0], HEADS, HEAD_WIDTH, 9, -1)
            for each in (key, value)
        )
        shares = torch.einsum("nhdp,nhdkp->nhkp", query, key).softmax(2)
        return _map(torch.einsum("nhkp,nhdkp->nhdp", shares, value), x)


def blurred(x: Tensor) -> Tensor:
    """Each map filtered by [1, 2, 1] / 4 in both directions, mirrored at the border."""
    row = x.new_tensor([0.25, 0.5, 0.25])
    kernel = torch.outer(row, row).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(F.pad(x, (1, 1, 1, 1), "reflect"), kernel, groups=x.shape[1])


def _heads(x: Tensor) -> Tensor:
    """(N, heads x width, H, W) to (N, heads, width, H x W)."""
    return x.reshape(x.shape[0], HEADS, HEAD_WIDTH, -1)


def _map(heads: Tensor, like: Tensor) -> Tensor:
    """(N, heads, width, H x W) to (N, heads x width, H, W)."""
    return heads.reshape(len(like), -1, *like.shape[2:])

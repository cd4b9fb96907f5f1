"""FastGAN generator: upsampling blocks with skip-layer excitation (Liu et al. 2021)."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from ganzoo.layers import UpsampledConv2d, spectral_norm
from ganzoo_projected.config import Config

SPAN = 4
"""Doublings between the two ends of an excitation, e.g. from 4 x 4 to 64 x 64."""
EXCITATIONS = 4
"""Number of excitations: from 4 x 4, 8 x 8, 16 x 16 and 32 x 32."""


class Generator(nn.Module):
    """(N, latent) to (N, channels, size, size).

    With classes it takes labels (N,); with noise, standard normal numbers (N, M), where M is the
    sum of `Config.noise_numbers`. The output is unbounded, and `decode` of the model clamps it,
    unless `Config.variant` is fastgan.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        widths, fastgan = config.widths, config.variant == "fastgan"
        self.first = nn.Sequential(
            nn.Unflatten(1, (config.latent, 1, 1)),
            spectral_norm(
                nn.ConvTranspose2d(config.latent, 2 * widths[0], config.start, bias=False)
            ),
            nn.BatchNorm2d(2 * widths[0]),
            nn.GLU(dim=1),
        )
        self.doublings = nn.ModuleList(
            Doubling(config, inputs, outputs, count)
            for (inputs, outputs), count in zip(pairwise(widths), config.convolutions, strict=True)
        )
        self.excitations = nn.ModuleList(
            excitation(small, large)
            for small, large in zip(widths[:EXCITATIONS], widths[SPAN:], strict=False)
        )
        image = nn.Conv2d(widths[-1], config.channels, 3, padding=1, bias=not fastgan)
        self.image = spectral_norm(image)
        if config.classes:
            self.classes = nn.Embedding(config.classes, config.latent)

    def forward(
        self, latent: Tensor, label: Tensor | None = None, noise: Tensor | None = None
    ) -> Tensor:
        fastgan = self.config.variant == "fastgan"
        if not fastgan:  # unit second moment (Karras et al. 2018)
            latent = latent * (latent.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        condition = None if label is None else self.classes(label)
        maps = [self.first(latent)]
        for number, double in enumerate(self.doublings):
            drawn = None if noise is None else self.noise_of(number, noise)
            large = double(maps[-1], drawn, condition)
            if 0 <= (small := number + 1 - SPAN) < len(self.excitations):
                large = large * self.excitations[small](maps[small])
            maps.append(large)
        image: Tensor = self.image(maps[-1])
        return image.tanh() if fastgan else image

    def noise_of(self, doubling: int, noise: Tensor) -> Tensor:
        """Noise of one doubling, (N, convolutions, height, width); it may take none."""
        numbers = self.config.noise_numbers
        start, size = sum(numbers[:doubling]), self.config.start << (doubling + 1)
        part = noise[:, start : start + numbers[doubling]]
        return part.reshape(noise.shape[0], numbers[doubling] // size**2, size, size)


class Doubling(nn.ModuleList):
    """Nearest-neighbor upsampling by 2, then gated convolutions.

    A gated convolution is one of 3 x 3, learned noise, batch norm and a gated linear unit.

    Args:
        config: of the model.
        inputs, outputs: feature maps before and after.
        convolutions: number of gated convolutions.
    """

    def __init__(self, config: Config, inputs: int, outputs: int, convolutions: int) -> None:
        layers: list[nn.Module] = [nn.Identity()]  # published files count upsampling as a layer
        for number in range(convolutions):
            convolution = (
                nn.Conv2d(outputs, 2 * outputs, 3, padding=1, bias=False)
                if number
                else UpsampledConv2d(inputs, 2 * outputs, bias=False)
            )
            layers += [spectral_norm(convolution), norm(config, 2 * outputs), nn.GLU(dim=1)]
        super().__init__(layers)
        noisy = config.noise and convolutions == 2
        self.strengths = nn.Parameter(torch.zeros(convolutions)) if noisy else None

    def forward(self, x: Tensor, noise: Tensor | None, condition: Tensor | None) -> Tensor:
        used = 0
        for layer in self:
            if isinstance(layer, nn.BatchNorm2d | ConditionalNorm):
                if self.strengths is not None and noise is not None:
                    x = x + self.strengths[used] * noise[:, used, None]
                used += 1
            x = layer(x, condition) if isinstance(layer, ConditionalNorm) else layer(x)
        return x


class ConditionalNorm(nn.Module):
    """Batch norm with gain and shift from a class embedding (Brock et al. 2019).

    Args:
        maps: feature maps.
        inputs: width of the embedding.
    """

    def __init__(self, maps: int, inputs: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, affine=False)
        self.gain = spectral_norm(nn.Linear(inputs, maps))
        self.shift = spectral_norm(nn.Linear(inputs, maps))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        gain, shift = (each(condition)[:, :, None, None] for each in (self.gain, self.shift))
        output: Tensor = self.norm(x) * (1 + gain) + shift
        return output


def norm(config: Config, maps: int) -> nn.Module:
    """Normalization of one convolution, class-conditional if there are classes."""
    return ConditionalNorm(maps, config.latent) if config.classes else nn.BatchNorm2d(maps)


def excitation(small: int, large: int) -> nn.Sequential:
    """Small maps to a weight in (0, 1) per channel of the large maps."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(4),
        spectral_norm(nn.Conv2d(small, large, 4, bias=False)),
        nn.SiLU(),
        spectral_norm(nn.Conv2d(large, large, 1, bias=False)),
        nn.Sigmoid(),
    )

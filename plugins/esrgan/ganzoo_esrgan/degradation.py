"""Degradation of images to sources: blur, resize, noise and JPEG (Wang et al. 2021, section 3)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, library

RESIZES = ("area", "bilinear", "bicubic")
KERNELS = range(7, 22, 2)
"""Edges of the kernels of blur and of the sinc filter, in pixels."""
ISOTROPIC = 0.6
"""Share of Gaussian blur that is the same in all directions."""
GRAY = 0.4
"""Share of noise that is the same in all channels."""
QUALITY = (30, 95)
"""Range of the JPEG quality."""
SINC = 0.8
"""Share of the images with ringing at the end."""


@dataclass(frozen=True)
class _Stage:
    """Ranges of one round of blur, resize and noise (Wang et al. 2021, section 4.1)."""

    blurred: float
    """Share of the images that are blurred."""
    sigma: tuple[float, float]
    """Standard deviation of the blur in pixels."""
    larger: float
    """Share of the images that are enlarged."""
    smaller: float
    """Share of the images that are scaled down; the others keep their size."""
    factor: tuple[float, float]
    gaussian: tuple[float, float]
    """Standard deviation of Gaussian noise, of 255 levels."""
    poisson: tuple[float, float]
    """Scale of Poisson noise."""


FIRST = _Stage(1.0, (0.2, 3.0), 0.2, 0.7, (0.15, 1.5), (1, 30), (0.05, 3.0))
SECOND = _Stage(0.8, (0.2, 1.5), 0.3, 0.4, (0.3, 1.2), (1, 25), (0.05, 2.5))


class _Random:
    """Random numbers of one image, drawn on the CPU."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=self.generator))

    def below(self, count: int) -> int:
        return int(torch.randint(count, (), generator=self.generator))

    def normal(self, like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=self.generator).to(like.device)

    def poisson(self, rates: Tensor) -> Tensor:
        return torch.poisson(rates.cpu(), generator=self.generator).to(rates.device)


SCHEMA = "(Tensor images, Tensor seeds, int scale, *, bool second) -> Tensor"


@library.custom_op("ganzoo_esrgan::degrade", mutates_args=(), schema=SCHEMA)
def degrade(images: Tensor, seeds: Tensor, scale: int, *, second: bool) -> Tensor:
    """Sources of images: small, blurred, noisy, with the artifacts of JPEG.

    Each row is a function of its image and its seed alone. JPEG is Pillow's, and the result has 256
    levels. An operator of its own: torch.compile calls it as it is and does not look inside, where
    each row takes other branches.

    Args:
        images: float, (N, 1 or 3, H, W), in [-1, 1].
        seeds: int64, (N,).
        scale: factor by which the height and width are divided.
        second: blur, resize, noise and JPEG twice, and a sinc filter (Real-ESRGAN); else once.
    """
    height, width = images.shape[2] // scale, images.shape[3] // scale
    rows = []
    for image, seed in zip(images.float().add(1).div(2), seeds.tolist(), strict=True):
        draw = _Random(seed)
        x = _stage(image[None], FIRST, draw)
        if not second:
            rows.append(_jpeg(_resized(x, (height, width), draw), draw))
            continue
        x = _stage(_jpeg(x, draw), SECOND, draw)
        if draw.below(2):
            x = _jpeg(_ringing(_resized(x, (height, width), draw), draw), draw)
        else:
            x = _ringing(_resized(_jpeg(x, draw), (height, width), draw), draw)
        rows.append(x)
    levels = torch.cat(rows).clamp(0, 1).mul(255).round()
    return levels.div(127.5).sub(1)


@degrade.register_fake
def _shape(images: Tensor, seeds: Tensor, scale: int, *, second: bool) -> Tensor:
    n, channels, height, width = images.shape
    size = n, channels, height // scale, width // scale
    return images.new_empty(size, dtype=torch.float)


def _stage(x: Tensor, stage: _Stage, draw: _Random) -> Tensor:
    """Blur, resize and noise."""
    if draw.uniform(0, 1) < stage.blurred:
        x = _filtered(x, _gaussian(stage.sigma, draw))
    chance, (least, most) = draw.uniform(0, 1), stage.factor
    factor = 1.0
    if chance < stage.larger:
        factor = draw.uniform(1, most)
    elif chance < stage.larger + stage.smaller:
        factor = draw.uniform(least, 1)
    height, width = (max(1, round(edge * factor)) for edge in x.shape[2:])
    return _noisy(_resized(x, (height, width), draw), stage, draw)


def _gaussian(sigmas: tuple[float, float], draw: _Random) -> Tensor:
    """Kernel of Gaussian blur: isotropic, or with two deviations and an angle."""
    edge = KERNELS[draw.below(len(KERNELS))]
    one = other = draw.uniform(*sigmas)
    angle = 0.0
    if draw.uniform(0, 1) >= ISOTROPIC:
        other, angle = draw.uniform(*sigmas), draw.uniform(-pi, pi)
    y, x = _places(edge)
    along, across = cos(angle) * x + sin(angle) * y, cos(angle) * y - sin(angle) * x
    kernel = torch.exp(-0.5 * ((along / one) ** 2 + (across / other) ** 2))
    return kernel / kernel.sum()


def _sinc(draw: _Random) -> Tensor:
    """Kernel of an ideal low-pass filter with a random cutoff, which rings (equation 6)."""
    edge, cutoff = KERNELS[draw.below(len(KERNELS))], draw.uniform(pi / 3, pi)
    y, x = _places(edge)
    distance = (x**2 + y**2).sqrt()
    kernel: Tensor = cutoff * torch.special.bessel_j1(cutoff * distance) / (2 * pi * distance)
    kernel[edge // 2, edge // 2] = cutoff**2 / (4 * pi)
    return kernel / kernel.sum()


def _places(edge: int) -> tuple[Tensor, Tensor]:
    """Offsets from the center of a kernel, downwards and to the right."""
    offsets = torch.arange(edge) - edge // 2.0
    y, x = torch.meshgrid(offsets, offsets, indexing="ij")
    return y, x


def _filtered(x: Tensor, kernel: Tensor) -> Tensor:
    """An image, (1, C, H, W), filtered channel by channel, with its border repeated."""
    margin, channels = len(kernel) // 2, x.shape[1]
    weight = kernel.to(x).expand(channels, 1, *kernel.shape)
    return F.conv2d(F.pad(x, [margin] * 4, mode="replicate"), weight, groups=channels)


def _ringing(x: Tensor, draw: _Random) -> Tensor:
    return _filtered(x, _sinc(draw)) if draw.uniform(0, 1) < SINC else x


def _resized(x: Tensor, size: tuple[int, int], draw: _Random) -> Tensor:
    """Another size by a random method, without antialiasing, as in the paper."""
    return F.interpolate(x, size, mode=RESIZES[draw.below(len(RESIZES))])


def _noisy(x: Tensor, stage: _Stage, draw: _Random) -> Tensor:
    """Gaussian or Poisson noise, in each channel or the same in all."""
    x = x.clamp(0, 1)
    base = x.mean(1, keepdim=True) if draw.uniform(0, 1) < GRAY else x
    if draw.below(2):
        noise = draw.normal(base) * (draw.uniform(*stage.gaussian) / 255)
    else:
        noise = draw.uniform(*stage.poisson) * (draw.poisson(base * 255) / 255 - base)
    return (x + noise).clamp(0, 1)


def _jpeg(x: Tensor, draw: _Random) -> Tensor:
    """An image, (1, 1 or 3, H, W), after JPEG of a random quality."""
    quality = QUALITY[0] + draw.below(QUALITY[1] - QUALITY[0] + 1)
    pixels = x[0].clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).cpu().numpy()
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if x.shape[1] == 1 else pixels).save(
        file, "JPEG", quality=quality
    )
    decoded = np.array(Image.open(file)).reshape(pixels.shape)
    return torch.from_numpy(decoded).to(x.device).permute(2, 0, 1)[None].float().div(255)

"""Low-pass filters of StyleGAN3 and resampling with them (Karras et al. 2021, appendix C)."""

from math import pi

import torch
import torch.nn.functional as F
from torch import Tensor


def low_pass(taps: int, cutoff: float, width: float, rate: float, radial: bool = False) -> Tensor:
    """Windowed sinc filter of sum 1, (taps,); radial: windowed jinc, (taps, taps).

    Args:
        taps: length.
        cutoff: passband limit.
        width: of the transition band.
        rate: sampling rate.
        radial: rotationally symmetric.
    """
    place = (torch.arange(taps, dtype=torch.float64) - (taps - 1) / 2) / rate
    window = torch.kaiser_window(
        taps, periodic=False, beta=kaiser_beta(taps, 2 * width / rate), dtype=torch.float64
    )
    if not radial:
        kernel = torch.sinc(2 * cutoff * place) * window
        return normalized(kernel)
    radius = torch.hypot(place[:, None], place[None])
    kernel = torch.special.bessel_j1(2 * cutoff * pi * radius) / (pi * radius)
    kernel = kernel * torch.outer(window, window)
    return normalized(kernel)


def normalized(kernel: Tensor) -> Tensor:
    """A filter of sum 1, in float32."""
    kernel = kernel / kernel.sum()
    return kernel.float()


def kaiser_beta(taps: int, width: float) -> float:
    """Shape of Kaiser's window for a transition band, relative to half the rate (Kaiser 1974)."""
    attenuation = 2.285 * (taps - 1) * pi * width + 7.95
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return float(0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21))
    return 0.0


def upsample(x: Tensor, kernel: Tensor | None, factor: int, padding: tuple[int, int]) -> Tensor:
    """Insert zeros, pad or crop, and filter along both axes; the mean is kept.

    Args:
        x: (N, C, H, W).
        kernel: (taps,); None: the image is only padded.
        factor: of the rate.
        padding: zeros before and after each axis, once zeros are inserted.
    """
    low, high = padding
    if kernel is None:
        return F.pad(x, (low, high, low, high))
    taps, maps = len(kernel), x.shape[1]
    filters = (factor * kernel).to(x.dtype)
    for axis, shape in ((2, (taps, 1)), (3, (1, taps))):
        size = x.shape[axis] * factor + low + high - taps + 1
        stride = (factor, 1) if axis == 2 else (1, factor)
        weight = filters.view(1, 1, *shape).expand(maps, 1, *shape)
        x = F.conv_transpose2d(x, weight, stride=stride, groups=maps)
        x = _cut(x, axis, taps - 1 - low, size)
    return x


def _cut(x: Tensor, axis: int, start: int, size: int) -> Tensor:
    """Part of an axis; zeros where it reaches beyond the ends."""
    before, after = max(0, -start), max(0, start + size - x.shape[axis])
    if before or after:
        pad = (0, 0, before, after) if axis == 2 else (before, after)
        x, start = F.pad(x, pad), start + before
    return x.narrow(axis, start, size)


def downsample(x: Tensor, kernel: Tensor | None, factor: int) -> Tensor:
    """Filter without padding, and keep every n-th pixel.

    Args:
        x: (N, C, H, W).
        kernel: (taps,), or (taps, taps); None: nothing is done.
        factor: n.
    """
    if kernel is None:
        return x
    maps, kernel = x.shape[1], kernel.to(x.dtype)
    if kernel.ndim == 2:
        weight = kernel.expand(maps, 1, *kernel.shape)
        return F.conv2d(x, weight, stride=factor, groups=maps)
    taps = len(kernel)
    for shape, stride in (((taps, 1), (factor, 1)), ((1, taps), (1, factor))):
        weight = kernel.view(1, 1, *shape).expand(maps, 1, *shape)
        x = F.conv2d(x, weight, stride=stride, groups=maps)
    return x

"""Resize of images to a network's size: the step in which evaluators of GANs differ most.

The same images and network give other distances under another resize: Parmar et al. 2022 measure
six points of FID on faces. So the method is named, and is part of a protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo.errors import DataError, UnknownNameError


def rgb(samples: Tensor, size: int, method: str) -> Tensor:
    """Images as networks for photographs take them.

    Args:
        samples: float, (N, 1 or 3, H, W), in [-1, 1]; one channel is repeated to three.
        size: height and width of the result.
        method: one of `METHODS`.

    Returns:
        Float, (N, 3, size, size), in [0, 255], where bicubic methods may reach a little beyond.

    Raises:
        DataError: samples of another shape.
        UnknownNameError: no such method.
    """
    if samples.ndim != 4 or samples.shape[1] not in (1, 3):
        raise DataError(
            f"this extractor takes images (N, 1 or 3, H, W), not {tuple(samples.shape)}:"
            " use --protocol quick"
        )
    pixels = resize(samples.float().add(1).mul(127.5), size, method)
    return pixels.expand(-1, 3, -1, -1)


def resize(images: Tensor, size: int, method: str) -> Tensor:
    """Images (N, C, H, W), float in [0, 255], as (N, C, size, size).

    Args:
        images: pixels, not yet normalized: some methods clip.
        size: height and width of the result.
        method: one of `METHODS`.

    Raises:
        UnknownNameError: no such method.
    """
    if method not in METHODS:
        raise UnknownNameError("resize", method, METHODS)
    return METHODS[method](images, size)


def _tensorflow(images: Tensor, size: int) -> Tensor:
    """Bilinear as TensorFlow 1 did it: pixel i of the result lies at i * in / out, without the
    half pixel that centers it, and nothing is averaged where images shrink."""
    first, second = (3, 2) if images.shape[2] < size else (2, 3)
    return _along(_along(images, first, size), second, size)


def _along(images: Tensor, dim: int, size: int) -> Tensor:
    length = images.shape[dim]
    where = torch.arange(size, dtype=torch.float32, device=images.device) * (length / size)
    below = where.long().clamp_max(length - 1)
    above = (below + 1).clamp_max(length - 1)
    share = (where - below).reshape([-1] + [1] * (images.ndim - 1 - dim))
    return images.index_select(dim, below).lerp(images.index_select(dim, above), share)


def _torch(mode: str, antialias: bool) -> Callable[[Tensor, int], Tensor]:
    """PyTorch's own, with centered pixels, unclipped."""

    def resized(images: Tensor, size: int) -> Tensor:
        return F.interpolate(
            images, (size, size), mode=mode, align_corners=False, antialias=antialias
        )

    return resized


def _pillow(images: Tensor, size: int) -> Tensor:
    """Pillow's bicubic on each channel as float, clipped and not rounded (Parmar et al. 2022)."""
    import numpy as np
    from PIL import Image

    n, channels, height, width = images.shape
    planes = images.detach().cpu().float().reshape(-1, height, width).numpy()
    made = [
        np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BICUBIC))
        for plane in planes
    ]
    pixels = torch.from_numpy(np.stack(made)).clamp_(0, 255)
    return pixels.reshape(n, channels, size, size).to(images.device)


METHODS: Mapping[str, Callable[[Tensor, int], Tensor]] = {
    "tf1-bilinear": _tensorflow,
    "torch-bilinear": _torch("bilinear", antialias=False),
    "torch-bilinear-aa": _torch("bilinear", antialias=True),
    "torch-bicubic-aa": _torch("bicubic", antialias=True),
    "pil-bicubic": _pillow,
}
"""Resize methods by their names in protocols."""

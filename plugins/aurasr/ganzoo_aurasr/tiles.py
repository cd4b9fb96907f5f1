"""Images of any size from a network for patches: overlapping tiles that fade into each other."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

OVERLAP = 4
"""Neighboring tiles share at least one part in so many of their edge."""
AT_ONCE = 2**19
"""Pixels of enlarged tiles in one pass, unless one alone has more."""


def upscale_in_tiles(
    upscale: Callable[[Tensor], Tensor], source: Tensor, tile: int, scale: int
) -> Tensor:
    """Enlarge tile by tile; where tiles overlap, one fades linearly into the next.

    Args:
        upscale: (N, C, tile, tile) to (N, C, scale tile, scale tile).
        source: images, (N, C, H, W); smaller ones are padded with their edges.
        tile: edge of a tile.
        scale: factor of the height and width.
    """
    height, width = source.shape[2:]
    padded = F.pad(source, (0, max(0, tile - width), 0, max(0, tile - height)), "replicate")
    places = [(y, x) for y in _starts(height, tile) for x in _starts(width, tile)]
    large = tile * scale
    ramp = _ramp(large, source)
    total = padded.new_zeros(*padded.shape[:2], padded.shape[2] * scale, padded.shape[3] * scale)
    weight = torch.zeros_like(total[:1, :1])
    count = max(1, AT_ONCE // large**2 // len(source))
    for first in range(0, len(places), count):
        part = places[first : first + count]
        tiles = torch.cat([padded[:, :, y : y + tile, x : x + tile] for y, x in part])
        for (y, x), made in zip(part, torch.split(upscale(tiles), len(source)), strict=True):
            area = (..., slice(y * scale, y * scale + large), slice(x * scale, x * scale + large))
            total[area] += made * ramp
            weight[area] += ramp
    return (total / weight)[:, :, : height * scale, : width * scale]


def _starts(length: int, tile: int) -> list[int]:
    """Evenly spaced first pixels of tiles that cover a length."""
    last = max(0, length - tile)
    count = -(-last // (tile - tile // OVERLAP))
    return [round(last * index / max(1, count)) for index in range(count + 1)]


def _ramp(edge: int, like: Tensor) -> Tensor:
    """Weight of each pixel of a tile: rises over the overlap from every edge."""
    distance = torch.arange(edge, device=like.device) + 0.5
    distance = torch.minimum(distance, edge - distance).to(like.dtype)
    rise = (distance * OVERLAP / edge).clamp(max=1)
    return rise[:, None] * rise

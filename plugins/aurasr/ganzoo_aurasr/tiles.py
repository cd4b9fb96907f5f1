"""Images of any size from a network for patches: overlapping tiles that fade into each other."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo_aurasr.networks import exporting

OVERLAP = 4
"""Neighboring tiles share at least one part in so many of their edge."""
AT_ONCE = 2**19
"""Pixels of enlarged tiles in one pass, unless one alone has more."""


def upscale_in_tiles(
    upscale: Callable[[Tensor, int], Tensor], source: Tensor, tile: int, scale: int
) -> Tensor:
    """Enlarge tile by tile; where tiles overlap, one fades linearly into the next.

    Args:
        upscale: K tiles of each image, (K N, C, tile, tile), and K to the same, enlarged.
        source: images, (N, C, H, W); smaller ones are padded with their edges.
        tile: edge of a tile.
        scale: factor of the height and width.
    """
    height, width = source.shape[2:]
    x = F.pad(source, (0, max(0, tile - width), 0, max(0, tile - height)), "replicate")
    places = [(top, left) for top in _starts(height, tile) for left in _starts(width, tile)]
    if len(places) == 1:
        return upscale(x, 1)[:, :, : height * scale, : width * scale]
    large = tile * scale
    ramp = _ramp(large, source)
    total = x.new_zeros(*x.shape[:2], x.shape[2] * scale, x.shape[3] * scale)
    weight = torch.zeros_like(total[:1, :1])
    count = len(places) if exporting() else max(1, AT_ONCE // (large**2 * source.shape[0]))
    for first in range(0, len(places), count):
        part = places[first : first + count]
        tiles = [x[:, :, top : top + tile, left : left + tile] for top, left in part]
        made = upscale(torch.cat(tiles), len(part))
        made = made.view(len(part), -1, *made.shape[1:])
        for each, (top, left) in zip(made, part, strict=True):
            rows, columns = (slice(scale * start, scale * start + large) for start in (top, left))
            total[:, :, rows, columns] += each * ramp
            weight[:, :, rows, columns] += ramp
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

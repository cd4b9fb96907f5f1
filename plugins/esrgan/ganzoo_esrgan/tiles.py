"""Large images in overlapping tiles, so that any size fits into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ganzoo.runtime.memory import available_memory
from ganzoo_esrgan import Config, winograd

ALIGNMENT = 4
"""Edges of tiles are multiples of it, and so of every pixel-unshuffle."""
SMALLEST = 64
"""Edge of the smallest automatic tile, in pixels of the source."""
SHARE = 0.5
"""Share of the free memory that one pass may take."""


def upscale_in_tiles(
    upscale: Callable[[Tensor], Tensor], source: Tensor, tile: int, overlap: int
) -> Tensor:
    """Upscale tile by tile; each tile is computed with a margin that is cut off again.

    Args:
        upscale: (N, C, H, W) to (N, C, scale H, scale W).
        source: the images.
        tile: edge of a tile, without its margins.
        overlap: margin on each side. The result is exact where it covers the receptive field.
    """
    tile, overlap = (-(-size // ALIGNMENT) * ALIGNMENT for size in (tile, overlap))
    height, width = source.shape[2:]
    rows = []
    for top, bottom, first, last in _spans(height, tile, overlap):
        pieces = []
        for left, right, start, stop in _spans(width, tile, overlap):
            piece = upscale(source[:, :, first:last, start:stop])
            scale = piece.shape[2] // (last - first)
            inner = slice(scale * (left - start), scale * (right - start))
            pieces.append(piece[:, :, scale * (top - first) : scale * (bottom - first), inner])
        rows.append(torch.cat(pieces, 3))
    return torch.cat(rows, 2)


def _spans(length: int, tile: int, overlap: int) -> Iterator[tuple[int, int, int, int]]:
    """Start and end of each tile, without and with its margins."""
    for start in range(0, length, tile):
        stop = min(start + tile, length)
        yield start, stop, max(0, start - overlap), min(length, stop + overlap)


def pixels_at_once(config: Config, device: torch.device) -> int:
    """Pixels of the source that one pass may have, by the free memory of the device."""
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else available_memory()
    return int(SHARE * free / bytes_per_pixel(config))


def bytes_per_pixel(config: Config) -> int:
    """Peak memory of a pass, per pixel of the source."""
    last, width = config.channels * config.scale**2, config.width
    if config.network == "compact":
        maps = 9 * width + 6 * last
    else:
        dense = winograd.GROWTH * (2 * width + 4 * config.growth) + 6 * width
        maps = max(int(dense / config.unshuffle**2), 4 * width * config.scale**2)
    return 4 * maps


def automatic_tile(pixels: int, overlap: int) -> int:
    """Edge of a tile whose pixels, margins included, are not more than so many."""
    edge = int(pixels**0.5) - 2 * overlap
    return max(SMALLEST, edge // ALIGNMENT * ALIGNMENT)

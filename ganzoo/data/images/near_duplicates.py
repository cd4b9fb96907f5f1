"""Images that are nearly the same, found among many without comparing each with each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT = 9, 8
"""Of a thumbnail: eight differences between neighbours in each of eight rows."""
BITS = 3
"""Differences whose sign may be another one."""
ROUNDING, CONTRAST = 0.5, 0.05
"""How far apart grey thumbnails may be on average: so many levels, and this part of the standard
deviation. Lossy copies of photographs stay below 0.04 of it, nearly all MNIST digits above."""
LEVELS = 8.0
"""How far apart their colours may be on average: lossy files keep these less well."""
NEIGHBOURS = 8
"""Of each image in each order that are compared with it: the bound on the work."""


def thumbnail(image: Image.Image) -> bytes:
    """All that is kept of an RGB image for `nearly_equal`: 216 bytes."""
    return image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).tobytes()


def nearly_equal(thumbnails: Sequence[bytes]) -> list[list[int]]:
    """Groups of images whose thumbnails look the same, by index.

    The signs of the differences between neighbours are a hash of 64 bits (Krawetz 2013). It is
    cut into five pieces: hashes that differ in three bits still agree in two whole pieces, so
    they lie side by side in one of the ten orders by two pieces.
    """
    if len(thumbnails) < 2:
        return []
    pixels = np.frombuffer(b"".join(thumbnails), np.uint8).reshape(-1, HEIGHT, WIDTH, 3)
    leader = list(range(len(pixels)))
    for one, other in _pairs(pixels):
        first, second = _find(leader, one), _find(leader, other)
        leader[max(first, second)] = min(first, second)
    groups: dict[int, list[int]] = {}
    for index in range(len(leader)):
        groups.setdefault(_find(leader, index), []).append(index)
    return [group for group in groups.values() if len(group) > 1]


def _find(leader: list[int], index: int) -> int:
    """The first of the group that an index is in (union-find, halving the way)."""
    while leader[index] != index:
        leader[index] = leader[leader[index]]
        index = leader[index]
    return index


def _pairs(pixels: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """Those that are alike, found in several orders."""
    grey = pixels.astype(np.float32).mean(-1)
    contrast = grey.std((1, 2))
    signs = (grey[:, :, 1:] > grey[:, :, :-1]).reshape(len(grey), 64)
    hashes = np.packbits(signs, axis=1).view(np.uint64)[:, 0]
    pieces = np.array_split(np.uint64(1) << np.arange(64, dtype=np.uint64), 5)
    masks = [piece.sum(dtype=np.uint64) for piece in pieces]
    for one, other in combinations(masks, 2):
        keys = hashes & (one | other)
        order = np.lexsort((hashes, keys))
        for step in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
            near, far = order[:-step], order[step:]
            together = keys[near] == keys[far]
            near, far = near[together], far[together]
            differing = np.ascontiguousarray(hashes[near] ^ hashes[far]).view(np.uint8)
            close = np.unpackbits(differing.reshape(-1, 8), axis=1).sum(1) <= BITS
            near, far = near[close], far[close]
            shift = np.abs(grey[near] - grey[far]).mean((1, 2))
            stain = np.abs(pixels[near].astype(np.int16) - pixels[far]).mean((1, 2, 3))
            close = (shift <= ROUNDING + CONTRAST * contrast[near]) & (stain <= LEVELS)
            yield from zip(near[close].tolist(), far[close].tolist(), strict=True)

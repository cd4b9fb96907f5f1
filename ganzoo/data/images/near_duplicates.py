"""Near duplicates among many images, by hashes of the library imagehash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BITS = 3
"""Different bits among 128 of near duplicates: lossy and smaller copies differ less."""
LEVELS = 8
"""Levels by which mean colors may differ: the hashes are of gray images."""
NEIGHBORS = 8
"""Images of each order that an image is compared with: the bound on the work."""
INSTALL = "pip install 'ganzoo-core[images]'"


def is_available() -> bool:
    """True if imagehash is installed."""
    return find_spec("imagehash") is not None


def fingerprint(image: Image.Image) -> bytes:
    """Difference hashes along both axes and the mean color of an RGB image, 19 bytes."""
    import imagehash

    gray = image.convert("L")
    hashes = [imagehash.dhash(gray).hash, imagehash.dhash_vertical(gray).hash]
    color = image.resize((1, 1), Image.Resampling.BOX).tobytes()
    return np.packbits(np.stack(hashes)).tobytes() + color


def group_near_duplicates(fingerprints: Sequence[bytes]) -> list[list[int]]:
    """Groups of images that look the same, by index."""
    if len(fingerprints) < 2:
        return []
    rows = np.frombuffer(b"".join(fingerprints), np.uint8).reshape(len(fingerprints), -1)
    leader = list(range(len(rows)))
    for one, other in _pairs(np.ascontiguousarray(rows[:, :16]), rows[:, 16:].astype(np.int16)):
        first, second = _find(leader, one), _find(leader, other)
        leader[max(first, second)] = min(first, second)
    groups: dict[int, list[int]] = {}
    for index in range(len(leader)):
        groups.setdefault(_find(leader, index), []).append(index)
    return [group for group in groups.values() if len(group) > 1]


def _find(leader: list[int], index: int) -> int:
    """The first of the group that an index is in (union-find with path halving)."""
    while leader[index] != index:
        leader[index] = leader[leader[index]]
        index = leader[index]
    return index


def _pairs(hashes: NDArray[np.uint8], colors: NDArray[np.int16]) -> Iterator[tuple[int, int]]:
    """Pairs that look the same. Hashes that differ in three bits agree in one of four pieces, so
    they lie side by side in one of the four orders by a piece."""
    pieces = hashes.view(np.uint32)
    for place in range(pieces.shape[1]):
        order = np.lexsort((*pieces.T, pieces[:, place]))
        for step in range(1, min(NEIGHBORS, len(order) - 1) + 1):
            near, far = order[:-step], order[step:]
            together = pieces[near, place] == pieces[far, place]
            near, far = near[together], far[together]
            differing = np.unpackbits(hashes[near] ^ hashes[far], axis=1).sum(1)
            stain = np.abs(colors[near] - colors[far]).max(1, initial=0)
            close = (differing <= BITS) & (stain <= LEVELS)
            yield from zip(near[close].tolist(), far[close].tolist(), strict=True)

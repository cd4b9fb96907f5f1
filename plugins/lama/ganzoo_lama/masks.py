"""Random masks for training: thick strokes and rectangles (Suvorov et al. 2022, section 2.3)."""

import torch
from torch import Tensor

STROKES = 3
"""Most segments of a stroke."""
SHARE = 0.5
"""Share of the masks that are strokes; the others are rectangles."""


def random_masks(n: int, size: int) -> Tensor:
    """Masks, (n, 1, size, size): 1 where a pixel is missing."""
    chosen = torch.rand(n, 1, 1) < SHARE
    return torch.where(chosen, _strokes(n, size), _rectangles(n, size))[:, None].float()


def _strokes(n: int, size: int) -> Tensor:
    """Segments one after the other, each as thick as the first: (n, size, size), bool."""
    corners = torch.rand(n, STROKES + 1, 2) * size
    count = torch.randint(1, STROKES + 1, (n, 1))
    radius = (torch.rand(n, 1, 1, 1) * 0.08 + 0.05) * size
    pixel = torch.arange(size) + 0.5
    grid = torch.stack(torch.meshgrid(pixel, pixel, indexing="ij"), 2)
    start, end = (each[:, :, None, None] for each in (corners[:, :-1], corners[:, 1:]))
    along = end - start
    length = along.square().sum(-1).clamp_min(1e-6)
    part = ((grid - start) * along).sum(-1) / length
    nearest = start + part.clamp(0, 1)[..., None] * along
    inside = (grid - nearest).square().sum(-1).sqrt() <= radius
    used = (torch.arange(STROKES) < count)[:, :, None, None]
    return (inside & used).any(1)


def _rectangles(n: int, size: int) -> Tensor:
    """Rectangles with sides of 1/4 to 1/2 of the image's: (n, size, size), bool."""
    smallest, largest = max(1, size // 4), max(1, size // 2)
    sides = torch.randint(smallest, largest + 1, (2, n, 1))
    starts = (torch.rand(2, n, 1) * (size - sides + 1)).long()
    places = torch.arange(size)
    spans = (places >= starts) & (places < starts + sides)
    return spans[0, :, :, None] & spans[1, :, None, :]

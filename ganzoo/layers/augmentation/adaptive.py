"""The augmentations of ADA (Karras et al. 2020b, appendix B), each with a probability.

Blits (flip, rotation by 90 degrees, translation by whole pixels), geometry (scale, rotation,
stretch, translation) and colors (brightness, contrast, luma flip, hue, saturation). Gray images
have no hue and no saturation.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ganzoo.layers.augmentation.resampling import resample

GATES = (
    *("flip", "turn", "shift"),
    *("scale", "rotate", "stretch", "rotate_again", "move"),
    *("brightness", "contrast", "luma", "hue", "saturation"),
)
"""Operations in order; each is done with the probability p, the two rotations as one."""
AMOUNTS = (
    *("flip", "turn", "shift_x", "shift_y"),
    *("scale", "rotate", "stretch", "rotate_again", "move_x", "move_y"),
    *("brightness", "contrast", "luma", "hue", "saturation"),
)
"""Random amounts of the operations."""
ADAPTIVE_NUMBERS = len(GATES) + len(AMOUNTS)
"""Random numbers per image that `adaptive_augment` takes."""
REACH = 1 / 8
"""Largest translation by whole pixels, and standard deviation of the one by fractions."""
SCALE, BRIGHTNESS, CONTRAST, SATURATION = 0.2 * math.log(2), 0.2, 0.5 * math.log(2), math.log(2)
"""Standard deviations: of the logarithm, except for brightness."""


class _Draws:
    """Random numbers by name; an operation that is not done has the amount ``idle``."""

    def __init__(self, numbers: Tensor, p: float) -> None:
        chances = {"rotate": 1 - math.sqrt(1 - p), "rotate_again": 1 - math.sqrt(1 - p)}
        gates, amounts = numbers[:, : len(GATES)], numbers[:, len(GATES) :]
        self.gates = {
            name: column < chances.get(name, p) for name, column in zip(GATES, gates.T, strict=True)
        }
        self.amounts = dict(zip(AMOUNTS, amounts.T, strict=True))

    def any(self, *names: str) -> Tensor:
        """Rows with at least one of these operations."""
        return torch.stack([self.gates[name] for name in names]).any(0)

    def uniform(self, amount: str, gate: str, low: float, high: float) -> Tensor:
        """A number from an interval; 0 where the operation is not done."""
        drawn: Tensor = self.gates[gate] * (low + (high - low) * self.amounts[amount])
        return drawn

    def below(self, amount: str, gate: str, count: int) -> Tensor:
        """A whole number from 0 to ``count - 1``; 0 where the operation is not done."""
        drawn: Tensor = self.gates[gate] * (self.amounts[amount] * count).long()
        return drawn

    def normal(self, amount: str, gate: str, deviation: float) -> Tensor:
        """A normal number; 0 where the operation is not done."""
        tail = 2.0**-25  # half of the smallest difference of random numbers: 0 is no infinity
        values = torch.special.ndtri(self.amounts[amount].clamp(tail, 1 - tail))
        drawn: Tensor = self.gates[gate] * deviation * values
        return drawn


def adaptive_augment(images: Tensor, numbers: Tensor, p: float) -> Tensor:
    """Each operation on each image (N, C, H, W) with the probability p; 0 changes nothing.

    Args:
        images: in [-1, 1], gray or RGB.
        numbers: (N, 28), uniform in [0, 1), on the CPU: images that nothing is done
            to cost no time.
        p: in [0, 1].
    """
    draws = _Draws(numbers, p)
    images = _on(draws.any("flip", "turn", "shift"), images, _blit, _blit_map(images, draws))
    matrix, offset = _geometry(images, draws)
    geometric = draws.any("scale", "rotate", "stretch", "rotate_again", "move")
    images = _on(geometric, images, resample, matrix, offset)
    colored = draws.any("brightness", "contrast", "luma", "hue", "saturation")
    return _on(colored, images, _recolor, *_colors(draws))


def _on(
    chosen: Tensor, images: Tensor, operation: Callable[..., Tensor], *arguments: Tensor
) -> Tensor:
    """The images with an operation on the chosen rows."""
    rows = chosen.nonzero().flatten()
    if not len(rows):
        return images
    place = rows.to(images.device)
    given = [argument[rows].to(images.device) for argument in arguments]
    return images.index_copy(0, place, operation(images[place], *given))


def _blit_map(images: Tensor, draws: _Draws) -> Tensor:
    """Quarter turns, flip and translations of each image, (N, 4); other than squares turn by 180
    degrees only."""
    height, width = images.shape[2:]
    turns = draws.below("turn", "turn", 4)
    turns = turns if height == width else turns // 2 * 2
    flips = draws.below("flip", "flip", 2)
    shifts = [
        (draws.uniform(f"shift_{axis}", "shift", -REACH, REACH) * size).round().long()
        for axis, size in (("x", width), ("y", height))
    ]
    return torch.stack([turns, flips, *shifts], 1)


def _blit(images: Tensor, moves: Tensor) -> Tensor:
    """Flip, turn, then shift; what is shifted in is reflected."""
    height, width = images.shape[2:]
    turns, flips, right, down = moves[:, :, None, None].unbind(1)
    y = torch.arange(height, device=images.device)[:, None]
    x = torch.arange(width, device=images.device)
    y, x = _mirrored(y - down, height), _mirrored(x - right, width)
    y, x = y.expand(-1, -1, width), x.expand(-1, height, -1)
    y, x = torch.where(turns >= 2, height - 1 - y, y), torch.where(turns >= 2, width - 1 - x, x)
    odd = turns % 2 == 1
    y, x = torch.where(odd, width - 1 - x, y), torch.where(odd, y, x)
    x = torch.where(flips == 1, width - 1 - x, x)
    places = (y * width + x).flatten(1)[:, None].expand(-1, images.shape[1], -1)
    return images.flatten(2).gather(2, places).view_as(images)


def _mirrored(places: Tensor, size: int) -> Tensor:
    """Places in 0 to ``size - 1``, after reflection at the border pixels."""
    last = size - 1
    return last - (last - places.abs()).abs()


def _geometry(images: Tensor, draws: _Draws) -> tuple[Tensor, Tensor]:
    """The inverse map of each image: matrices (N, 2, 2) and offsets (N, 2), see `resample`."""
    scale = draws.normal("scale", "scale", SCALE).neg().exp()
    stretch = draws.normal("stretch", "stretch", SCALE).exp()
    first, second = (
        _rotation(-draws.uniform(name, name, -math.pi, math.pi))
        for name in ("rotate", "rotate_again")
    )
    stretches = torch.diag_embed(torch.stack([1 / stretch, stretch], 1))
    matrix = scale[:, None, None] * first @ stretches @ second
    height, width = images.shape[2:]
    moves = [
        draws.normal(f"move_{axis}", "move", REACH) * size
        for axis, size in (("x", width), ("y", height))
    ]
    offset = -(matrix @ torch.stack(moves, 1)[:, :, None])[:, :, 0]
    return matrix, offset


def _rotation(angle: Tensor) -> Tensor:
    """(N,) to (N, 2, 2)."""
    cosine, sine = angle.cos(), angle.sin()
    return torch.stack([cosine, -sine, sine, cosine], 1).view(-1, 2, 2)


def _colors(draws: _Draws) -> tuple[Tensor, ...]:
    """Brightness, contrast, sign of the luma, hue in radians, factor of the saturation; (N,)."""
    return (
        draws.normal("brightness", "brightness", BRIGHTNESS),
        draws.normal("contrast", "contrast", CONTRAST).exp(),
        1 - 2.0 * draws.below("luma", "luma", 2),
        draws.uniform("hue", "hue", -math.pi, math.pi),
        draws.normal("saturation", "saturation", SATURATION).exp(),
    )


def _recolor(
    images: Tensor, brightness: Tensor, contrast: Tensor, luma: Tensor, hue: Tensor, chroma: Tensor
) -> Tensor:
    """A color matrix after a brightness.

    All operations turn, reflect or scale around the axis v of gray colors: along v the matrix
    scales by contrast and sign, across it by contrast and saturation, and it turns by the hue.
    """
    images = images + brightness[:, None, None, None]
    if images.shape[1] != 3:
        return images * (contrast * luma)[:, None, None, None]
    along = torch.full((3, 3), 1 / 3, device=images.device)
    across = torch.eye(3, device=images.device) - along
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=images.device)
    cosine, sine = hue.cos()[:, None, None], hue.sin()[:, None, None]
    turn = cosine * across + sine * cross / math.sqrt(3)
    matrix = contrast[:, None, None] * (luma[:, None, None] * along + chroma[:, None, None] * turn)
    return (matrix @ images.flatten(2)).view_as(images)

"""Notes on how images are brought to the shape that a model needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PIL import Image

RATIO = 0.02
"""Largest difference of aspect ratios for which cropping is not worth a word."""


def picture_shape(image: Image.Image) -> tuple[int, int, int]:
    """(C, H, W) of a plain image, gray or RGB."""
    return (1 if image.mode == "L" else 3, image.height, image.width)


def conversion_notes(shapes: Sequence[tuple[int, ...]], wanted: tuple[int, ...]) -> list[str]:
    """A note on what is done to images; none if they already have the shape.

    Args:
        shapes: (C, H, W) of each image.
        wanted: (C, H, W) of the rows.
    """
    channels, height, width = wanted
    colored = sum(shape[0] == 3 for shape in shapes) if channels == 1 else 0
    actions = _scaling(Counter(shape[1:] for shape in shapes), height, width)
    if colored:
        actions.append("made gray" if colored == len(shapes) else f"{colored:,} made gray")
    if not actions:
        return []
    kind = "color images" if colored == len(shapes) else "images"
    return [f"{kind} are {', '.join(actions)}"]


def _scaling(sizes: Counter[tuple[int, ...]], height: int, width: int) -> list[str]:
    """Words on how images of some sizes, (H, W), are brought to one."""
    others = Counter({size: n for size, n in sizes.items() if size != (height, width)})
    if not others:
        return []
    (high, wide), _ = others.most_common(1)[0]
    mostly = "mostly " if len(others) > 1 else ""
    actions = [f"scaled from {mostly}{wide} x {high} to {width} x {height} pixels"]
    if len(others) < len(sizes):
        actions = [f"scaled to {width} x {height} pixels ({others.total():,} of other sizes)"]
    if any(abs(w * height / (h * width) - 1) > RATIO for h, w in others):
        actions.append("cropped to the center")
    return actions

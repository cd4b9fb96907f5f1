"""Pictures of samples: grids, with sources beside their translations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

from ganzoo.data.dataset import as_uint8
from ganzoo.runtime.files import atomic_write

GRID = 64
"""Samples in a grid."""


def is_image_batch(samples: Tensor) -> bool:
    """True for float images, (N, 1 or 3, H, W)."""
    return samples.ndim == 4 and samples.shape[1] in (1, 3) and samples.is_floating_point()


def grid(images: Tensor, columns: int | None = None) -> Image.Image:
    """Images in a nearly square grid, a pixel apart; small ones are enlarged.

    Args:
        images: float, (N, 1 or 3, H, W), in [-1, 1].
        columns: left out, the square root of N, rounded up.
    """
    count, channels, height, width = images.shape
    columns = columns or int(np.ceil(count**0.5))
    rows = -(-count // columns)
    pixels = as_uint8(images).permute(0, 2, 3, 1).cpu().numpy()
    canvas = np.full((rows * (height + 1) + 1, columns * (width + 1) + 1, channels), 255, np.uint8)
    for index, image in enumerate(pixels):
        top = 1 + index // columns * (height + 1)
        left = 1 + index % columns * (width + 1)
        canvas[top : top + height, left : left + width] = image
    picture = Image.fromarray(canvas.squeeze(-1) if channels == 1 else canvas)
    factor = max(1, 600 // picture.width)
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.BOX)


def sample_grid(
    samples: Tensor, given: Mapping[str, Tensor | int | float], columns: int | None = None
) -> Image.Image:
    """A grid of samples; of translations, each source with its translation to the right.

    Args:
        samples: float images, (N, 1 or 3, H, W), in [-1, 1].
        given: inputs of the samples. A source is gray where its mask is not 0; a smaller one is
            enlarged.
        columns: samples in a row, for samples without a source.
    """
    source, mask = given.get("source"), given.get("mask")
    if not isinstance(source, Tensor) or source.ndim != 4:
        return grid(samples, columns)
    if source.shape[2:] != samples.shape[2:]:
        source = F.interpolate(source.float(), samples.shape[2:], mode="nearest")
    if source.shape != samples.shape:
        return grid(samples, columns)
    if isinstance(mask, Tensor):
        source = source.cpu().masked_fill(mask.cpu() != 0, 0)
    pairs = torch.stack([source.cpu(), samples.cpu()], 1).flatten(0, 1)
    return grid(pairs, 2 * max(1, round((len(samples) / 2) ** 0.5)))


def side_by_side(pictures: Mapping[str, Image.Image], columns: int = 4) -> Image.Image:
    """Several pictures in rows of ``columns``, each under its title."""
    titled = list(pictures.items())
    rows = [titled[first : first + columns] for first in range(0, len(titled), columns)]
    bar, gap = 24, 12
    widths = [sum(picture.width + gap for _, picture in row) + gap for row in rows]
    heights = [max(picture.height for _, picture in row) + bar + gap for row in rows]
    canvas = Image.new("RGB", (max(widths), sum(heights)), "white")
    draw = ImageDraw.Draw(canvas)
    top = 0
    for row, height in zip(rows, heights, strict=True):
        left = gap
        for title, picture in row:
            draw.text((left, top + 6), title, fill="black", font_size=14)
            canvas.paste(picture.convert("RGB"), (left, top + bar))
            left += picture.width + gap
        top += height
    return canvas


def save_png(picture: Image.Image, path: Path) -> None:
    """Write a picture.

    Raises:
        OSError: it cannot be written.
    """
    with atomic_write(path) as temporary:
        picture.save(temporary, "PNG")

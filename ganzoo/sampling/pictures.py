"""Pictures as files: colors of 8 or 16 bits, gray or RGB, and opacity that models never see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from ganzoo.data.dataset import as_uint8
from ganzoo.data.images.decode import read
from ganzoo.data.images.deep_png import DEEP, decode_deep_png, encode_deep_png
from ganzoo.runtime.files import atomic_write

GRAY = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in gray (ITU-R BT.601), as Pillow's."""
KEY = "ganzoo"
"""Name of the text in a PNG file that says what it was made from."""


@dataclass(frozen=True)
class Picture:
    """A decoded file, as a model takes it, and what its translation should keep."""

    color: Tensor
    """Float, (C, H, W), in [-1, 1]."""
    alpha: NDArray[np.float32] | None = None
    """Opacity, (H, W), in [0, 1]."""
    deep: bool = False
    """True if the file has 16 bits a value."""
    gray: bool = False
    """True if the file has no colors."""
    mask: Tensor | None = None
    """Float, (1, H, W), 1 where something is missing; None: no mask of its own."""


def read_picture(file: Path, channels: int) -> Picture:
    """Decode a file for a model that takes images of any size.

    Args:
        file: its path.
        channels: of the model: 1 (gray) or 3 (RGB).

    Raises:
        UnreadableError: the file cannot be used; no other error is raised.
    """
    found = read(file, keep_alpha=True)
    upright = "EXIF-rotated" not in found.traits
    if upright and "16-bit" in found.traits and (deep := _deep_values(file)) is not None:
        return _picture(*deep, channels, deep=True)
    pixels = torch.from_numpy(np.array(found.image)).float().div(255)
    values = pixels.view(*pixels.shape[:2], -1).permute(2, 0, 1)
    alpha = None if found.alpha is None else _opacity(found.alpha)
    return _picture(values, alpha, channels, deep=False)


def _opacity(alpha: Image.Image) -> NDArray[np.float32]:
    values: NDArray[np.float32] = np.asarray(alpha, np.float32) / np.float32(255)
    return values


def _picture(
    values: Tensor, alpha: NDArray[np.float32] | None, channels: int, *, deep: bool
) -> Picture:
    """Values in [0, 1], (1 or 3, H, W), with the model's number of channels."""
    gray = len(values) == 1
    if channels == 1 and not gray:
        values = _gray(values)
    return Picture(values.expand(channels, -1, -1).mul(2).sub(1), alpha, deep, gray)


def _gray(values: Tensor) -> Tensor:
    """One channel from three."""
    return (values * values.new_tensor(GRAY)[:, None, None]).sum(0, keepdim=True)


def _deep_values(file: Path) -> tuple[Tensor, NDArray[np.float32] | None] | None:
    """Values and opacity of a 16-bit PNG; None for other files."""
    pixels = decode_deep_png(file.read_bytes())
    if pixels is None:
        return None
    layers = torch.from_numpy(pixels.astype(np.float32) / np.float32(DEEP)).permute(2, 0, 1)
    if len(layers) % 2:
        return layers, None
    opacity: NDArray[np.float32] = layers[-1].numpy()
    return layers[:-1], opacity


def write_picture(sample: Tensor, source: Picture, path: Path, text: str = "") -> None:
    """Write a translation as PNG, with the depth and the opacity of its source; atomically.

    Args:
        sample: float, (1 or 3, H, W), in [-1, 1].
        source: what it is a translation of.
        path: the file.
        text: what it was made from; `read_text` finds it.

    Raises:
        OSError: it cannot be written.
    """
    if source.gray and len(sample) == 3:
        sample = _gray(sample)
    alpha = None if source.alpha is None else _resized(source.alpha, sample.shape[1:])
    with atomic_write(path) as temporary:
        if source.deep:
            temporary.write_bytes(encode_deep_png(_deep_pixels(sample, alpha), KEY, text))
            return
        pixels = as_uint8(sample).permute(1, 2, 0).numpy()
        if alpha is not None:
            pixels = np.dstack([pixels, np.round(alpha * 255).astype(np.uint8)])
        note = PngInfo()
        if text:
            note.add_text(KEY, text)
        Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(
            temporary, "PNG", pnginfo=note
        )


def read_text(path: Path) -> str:
    """Text of a PNG file that `write_picture` wrote; empty for any other file."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            return str(image.info.get(KEY, ""))
    except Exception:  # no file, or none of ours
        return ""


def _resized(alpha: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    """Opacity at another size, bicubic."""
    if alpha.shape == tuple(size):
        return alpha
    image = Image.fromarray(alpha).resize((size[1], size[0]), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float32).clip(0, 1)


def _deep_pixels(sample: Tensor, alpha: NDArray[np.float32] | None) -> NDArray[np.uint16]:
    """Pixels of 16 bits, (H, W, C)."""
    layers = sample.float().clamp(-1, 1).add(1).mul(DEEP / 2).round().permute(1, 2, 0).numpy()
    if alpha is not None:
        layers = np.dstack([layers, np.round(alpha * DEEP)])
    return layers.astype(np.uint16)

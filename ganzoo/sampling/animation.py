"""Animations: GIF and WebP by Pillow, MP4 by PyAV."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from ganzoo.data.dataset import as_uint8
from ganzoo.errors import RunError
from ganzoo.runtime.files import atomic_write
from ganzoo.sampling import grids

SUFFIXES = (".gif", ".webp", ".mp4")
FRAME_RATE = 25
"""Frames per second: GIF counts in hundredths of a second, and 4 of them are exact."""
SIDE = 256
"""Smaller frames are enlarged by whole numbers up to about this width."""
INSTALL = "pip install 'ganzoo-core[video]'"


def check_suffix(path: Path) -> None:
    """Refuse MP4 where PyAV is missing, before anything is computed.

    Raises:
        RunError: with the command that installs it.
    """
    if path.suffix.lower() == ".mp4":
        _pyav(path)


def frame(images: Tensor) -> Image.Image:
    """One image, or several in a grid, float in [-1, 1], as a frame."""
    if len(images) > 1:
        return grids.grid(images)
    pixels = as_uint8(images)[0].permute(1, 2, 0).cpu().numpy()
    picture = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
    factor = max(1, SIDE // picture.width)
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.BOX)


def save_animation(frames: Iterable[Image.Image], path: Path) -> None:
    """Write frames as they come; GIF and WebP repeat without end.

    Args:
        frames: pictures of one size, one or more.
        path: ``*.gif``, ``*.webp`` or ``*.mp4``.

    Raises:
        RunError: it cannot be written, or PyAV is missing.
    """
    suffix = path.suffix.lower()
    try:
        with atomic_write(path) as temporary:
            if suffix == ".mp4":
                _save_mp4(frames, path, temporary)
                return
            options: dict[str, Any] = {"quality": 90} if suffix == ".webp" else {}
            others = iter(frames)
            next(others).save(
                temporary,
                suffix[1:].upper(),
                save_all=True,
                append_images=others,
                duration=1000 // FRAME_RATE,
                loop=0,
                **options,
            )
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error


def _save_mp4(frames: Iterable[Image.Image], path: Path, temporary: Path) -> None:
    """H.264, whose sides are even."""
    av = _pyav(path)
    with av.open(str(temporary), "w", format="mp4") as container:
        stream = None
        for picture in frames:
            width, height = (side + side % 2 for side in picture.size)
            if stream is None:
                stream = container.add_stream("libx264", rate=FRAME_RATE)
                stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            pixels = np.asarray(picture.convert("RGB"))
            odd = ((0, height - picture.height), (0, width - picture.width), (0, 0))
            even = np.pad(pixels, odd, mode="edge")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        if stream is not None:
            container.mux(stream.encode())


def _pyav(path: Path) -> Any:
    try:
        return import_module("av")
    except ImportError:
        raise RunError(f"{path}: MP4 needs PyAV: {INSTALL}, or write .webp or .gif") from None

"""Samples to files, as they are made: a grid, an array, or a folder with a file each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from ganzoo import report
from ganzoo.data.dataset import as_uint8
from ganzoo.errors import ConfigError, RunError
from ganzoo.gan import GAN
from ganzoo.paths import replacing
from ganzoo.progress import bar

GRID_LIMIT = 4096
"""A grid of more samples than this is larger than any screen."""


def write(
    gan: GAN, n: int, path: Path, *, seed: int, given: Mapping[str, Tensor | int] | None = None
) -> str:
    """Sample and write; what was written, in words.

    Args:
        gan: the model.
        n: how many.
        path: ``*.png`` for one grid, ``*.npy`` for an array (images uint8, (N, H, W, C); anything
            else as it is), a name without suffix for a folder of ``000000.png`` ...
        seed: of the samples.
        given: what is not to be random.

    Raises:
        ConfigError: a suffix that is not known, or samples that are not pictures.
        RunError: the path cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (".png", ".npy", ""):
        raise ConfigError(f"{path}: samples go to a .png, a .npy or a folder (no suffix)")
    if suffix == ".png" and n > GRID_LIMIT:
        raise ConfigError(f"{n} samples in one grid: at most {GRID_LIMIT}; give a folder or .npy")
    try:
        if suffix == ".npy":
            return _array(gan, n, path, seed, given or {})
        if suffix == ".png":
            return _grid(gan, n, path, seed, given or {})
        return _folder(gan, n, path, seed, given or {})
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error


def _pictures(samples: Tensor) -> Tensor:
    if not report.is_picture(samples):
        raise ConfigError(f"samples of shape {tuple(samples.shape[1:])} are no pictures: use .npy")
    return samples


def _grid(gan: GAN, n: int, path: Path, seed: int, given: Mapping[str, Tensor | int]) -> str:
    report.save_png(report.grid(_pictures(gan.sample(n, seed=seed, **given))), path)
    return str(path)


def _folder(gan: GAN, n: int, path: Path, seed: int, given: Mapping[str, Tensor | int]) -> str:
    path.mkdir(parents=True, exist_ok=True)
    done = 0
    with bar("samples", n) as update:
        for batch in gan.samples(n, seed=seed, given=given):
            pixels = as_uint8(_pictures(batch)).permute(0, 2, 3, 1).cpu().numpy()
            for image in pixels:
                picture = Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image)
                picture.save(path / f"{done:06d}.png")
                done += 1
            update(done, "")
    return f"{path}/000000.png to {path}/{n - 1:06d}.png"


def _array(gan: GAN, n: int, path: Path, seed: int, given: Mapping[str, Tensor | int]) -> str:
    """Written through a memory map, so that any n fits."""
    array: np.memmap[tuple[int, ...], np.dtype[np.generic]] | None = None
    done = 0
    with replacing(path) as temporary, bar("samples", n) as update:
        for batch in gan.samples(n, seed=seed, given=given):
            if report.is_picture(batch):
                batch = as_uint8(batch).permute(0, 2, 3, 1)
            rows = batch.cpu().numpy()
            if array is None:
                shape = (n, *rows.shape[1:])
                array = np.lib.format.open_memmap(temporary, "w+", rows.dtype, shape)
            array[done : done + len(rows)] = rows
            done += len(rows)
            update(done, "")
        if array is not None:
            array.flush()
    return str(path)

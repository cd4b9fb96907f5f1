"""Samples of given latents, and walks: through seeds or latents, or along a direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganzoo.errors import ConfigError, RunError, UsageError
from ganzoo.gan import GAN
from ganzoo.gan.interpolation import Curve
from ganzoo.gan.latent_space import LatentSpace, Method
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.progress import progress_bar
from ganzoo.sampling import animation, grids, writers

STEPS, SHEET_STEPS = 50, 7
"""Steps from one point to the next in an animation, and on a sheet."""
COLUMNS = 7
"""Images along a direction."""

Given = Mapping[str, Tensor | int | float]


@dataclass(frozen=True)
class Walk:
    """A walk through the latent space, as a user states it: through points or along a direction."""

    points: str = ""
    """Seeds, ``1,5,9``, or a ``.npy`` file of latents."""
    direction: int | None = None
    """Number of a direction; 0 is the strongest."""
    method: Method = "pca"
    strength: str = "-3..3"
    """First and last factor of the direction."""
    steps: int | None = None
    how: Curve | None = None


def read_latents(option: str, path: str | Path) -> Tensor:
    """Latents from a ``.npy`` file.

    Raises:
        UsageError: no such file, or no array of numbers in it.
    """
    try:
        array = np.load(user_path(path), allow_pickle=False)
        return torch.from_numpy(np.asarray(array, np.float32))
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror or error}") from None
    except (ValueError, TypeError, EOFError, AttributeError):
        raise UsageError(f"{option} {path}: not a .npy file of numbers") from None


def write_walk(
    gan: GAN,
    walk: Walk,
    out: Path | None,
    *,
    n: int | None = None,
    seed: int = 0,
    latents: str | Path | None = None,
    given: Given | None = None,
    sheet: bool = False,
) -> tuple[int, str]:
    """Walk and write.

    Args:
        gan: the model.
        walk: the walk.
        out: ``*.gif``, ``*.webp`` or ``*.mp4``; ``*.png`` for one sheet with a row from each point
            to the next, or for each sample; ``*.npy`` or a folder for the samples one by one. Left
            out, ``walk.webp``, for directions ``direction.png``.
        n: samples that are moved along a direction; left out, 1.
        seed: of these samples.
        latents: file of latents that are moved instead.
        given: further inputs of `GAN.sample`.
        sheet: write a sheet.

    Returns:
        The number of samples, and the files in words.

    Raises:
        UsageError, ConfigError, RunError: a walk or a file that is not possible.
    """
    if walk.points and (n or latents or walk.direction is not None):
        raise UsageError("--interpolate takes neither -n, --latents nor --direction")
    out = out or Path("walk.webp" if walk.points and not sheet else _sheet_name(walk))
    suffix = writers.file_suffix(out)
    if suffix in (*animation.SUFFIXES, ".png") and gan.sample_spec.kind != "images":
        raise ConfigError(f"{out}: {gan.sample_spec.kind} go to .npy or a folder")
    if suffix not in (*animation.SUFFIXES, ".png", ".npy", ""):
        raise ConfigError(
            f"{out}: a walk goes to .gif, .webp, .mp4, .png (one sheet), .npy or a folder"
        )
    animation.check_suffix(out)
    given = given or {}
    if walk.points:
        space, points, steps = _through(gan, walk, given, suffix == ".png")
        path = space.interpolate(points, steps, walk.how)[:, None]
    else:
        space = LatentSpace(gan, seed, given)
        path, steps = _along(space, walk, n or 1, seed, latents), 0
    return _write(gan, space, path, out, given, steps)


def _sheet_name(walk: Walk) -> str:
    return "walk.png" if walk.points else "direction.png"


def _through(
    gan: GAN, walk: Walk, given: Given, sheet: bool
) -> tuple[LatentSpace, list[int] | Tensor, int]:
    """Latent space, points and steps of an interpolation."""
    steps = walk.steps or (SHEET_STEPS if sheet else STEPS)
    if walk.points.endswith(".npy"):
        return LatentSpace(gan, 0, given), read_latents("--interpolate", walk.points), steps
    try:
        seeds = [int(text) for text in walk.points.split(",")]
    except ValueError:
        raise UsageError(
            f"--interpolate {walk.points}: give seeds, e.g. 1,5,9, or a .npy file of latents"
        ) from None
    return LatentSpace(gan, seeds[0], given), seeds, steps


def _along(space: LatentSpace, walk: Walk, n: int, seed: int, latents: str | Path | None) -> Tensor:
    """Latents along a direction, (steps, n, ...)."""
    number = walk.direction or 0
    try:
        low, high = (float(text) for text in walk.strength.split(".."))
    except ValueError:
        raise UsageError(f"--strength {walk.strength}: give a range, e.g. -3..3") from None
    size = space.mean.numel()
    if not 0 <= number < size:
        raise UsageError(f"--direction {number}: this model has the directions 0 to {size - 1}")
    points = space.draw(n, seed)
    if latents is not None:
        points = space.points(read_latents("--latents", latents))
    direction = space.directions(number + 1, walk.method)[number]
    factors = torch.linspace(low, high, walk.steps or COLUMNS)
    return torch.stack([points + factor * direction for factor in factors])


def _write(
    gan: GAN, space: LatentSpace, path: Tensor, out: Path, given: Given, steps: int
) -> tuple[int, str]:
    """Write latents of a walk, (F, n, ...), as the suffix says."""
    total, suffix = len(path) * path.shape[1], writers.file_suffix(out)
    rows = {**space.inputs(path.flatten(0, 1)), **given}
    if suffix in ("", ".npy"):
        return total, writers.write(gan, total, out, seed=0, given=rows)
    if suffix == ".png":
        order = _rows_of_sheet(path, steps)
        if order.numel() > writers.GRID_LIMIT:
            raise ConfigError(f"{order.numel()} images on one sheet: at most {writers.GRID_LIMIT}")
        images = torch.cat(list(_samples(gan, rows, total)))
        picture = grids.grid(images[order.flatten()], order.shape[1])
        try:
            grids.save_png(picture, out)
        except OSError as error:
            raise RunError(f"cannot write {out}: {error.strerror or error}") from error
        return total, str(out)
    animation.save_animation(_frames(_samples(gan, rows, total), path.shape[1]), out)
    return total, str(out)


def _rows_of_sheet(path: Tensor, steps: int) -> Tensor:
    """Places in a walk of the images on a sheet, (rows, columns)."""
    frames, n = path.shape[:2]
    if not steps:
        return torch.arange(frames * n).view(frames, n).t()
    starts = torch.arange(0, frames - 1, steps)
    return starts[:, None] + torch.arange(steps + 1)


def _samples(gan: GAN, rows: Given, total: int) -> Iterator[Tensor]:
    done = 0
    with progress_bar("samples", total) as update:
        for batch in writers.warn_not_finite(gan.samples(total, seed=0, batch=64, given=rows)):
            yield batch.cpu()
            done += len(batch)
            update(done)


def _frames(batches: Iterator[Tensor], n: int) -> Iterator[Image.Image]:
    """Frames of n samples each."""
    waiting = torch.empty(0)
    for batch in batches:
        waiting = torch.cat([waiting, batch]) if len(waiting) else batch
        while len(waiting) >= n:
            yield animation.frame(waiting[:n])
            waiting = waiting[n:]

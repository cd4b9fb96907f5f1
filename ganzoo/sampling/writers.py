"""Samples to files, as they are made: a grid, a sound, a text, an array, or a file each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ganzoo.data.audio import write_wav
from ganzoo.data.dataset import as_uint8
from ganzoo.data.text_file import sentences
from ganzoo.errors import ConfigError, RunError
from ganzoo.gan import GAN
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.progress import progress_bar
from ganzoo.sampling import grids
from ganzoo.spec import SampleSpec

GRID_LIMIT = 4096
"""More samples than this in one file are larger than any screen, and longer than any patience."""
SUFFIXES = {"images": ".png", "waveforms": ".wav", "texts": ".txt", "arrays": ".npy"}
"""What each kind of samples is written as, unless the user wants something else."""
PAUSE = 0.25
"""Seconds between two waveforms in one file."""

Given = Mapping[str, Tensor | int]


def suffix(gan: GAN) -> str:
    """Of a file that holds what a model makes."""
    return SUFFIXES[gan.sample_spec.kind]


def write(
    gan: GAN,
    n: int,
    path: Path,
    *,
    seed: int,
    given: Given | None = None,
    names: Sequence[str] = (),
) -> str:
    """Sample and write; what was written, in words.

    Args:
        gan: the model.
        n: how many.
        path: ``*.png`` for one grid (of each source and its translation, where sources are given),
            ``*.wav`` for waveforms one after the other, ``*.txt`` for a text a line, ``*.npy`` for
            an array (images uint8, (N, H, W, C); anything else as it is), a name without suffix
            for a folder with a file each.
        seed: of the samples.
        given: what is not to be random.
        names: of the files in a folder; left out, ``000000``, ``000001``, ...

    Raises:
        ConfigError: a suffix that does not fit what the model makes.
        RunError: the path cannot be written.
    """
    wanted, own = path.suffix.lower(), suffix(gan)
    fitting = dict.fromkeys((own, ".npy")) if own == ".npy" else dict.fromkeys((own, ".npy", ""))
    if wanted not in fitting:
        known = " or ".join(each or "a folder (no suffix)" for each in fitting)
        raise ConfigError(
            f"{path}: {gan.sample_spec.kind} of shape {gan.sample_spec.shape} go to {known}"
        )
    if wanted in (".png", ".wav") and n > GRID_LIMIT:
        raise ConfigError(f"{n} samples in one {wanted}: at most {GRID_LIMIT}; give a folder")
    batches = gan.samples(n, seed=seed, given=given)
    try:
        if wanted == ".npy":
            return _array(batches, n, path)
        if not wanted:
            return _folder(gan, batches, n, path, names)
        drawn = gan.prior_rows(n, seed) if wanted == ".png" else {}
        return _one_file(gan, batches, n, path, {**drawn, **(given or {})})
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error


def _one_file(gan: GAN, batches: Iterator[Tensor], n: int, path: Path, given: Given) -> str:
    parts: list[Tensor] = []
    with progress_bar("samples", n) as update:
        for batch in batches:
            parts.append(batch.cpu())
            update(sum(map(len, parts)), "")
    save(gan, torch.cat(parts), path, given)
    return str(path)


def save(gan: GAN, samples: Tensor, path: Path, given: Given) -> None:
    """Samples in one file of the kind that `suffix` says.

    Args:
        gan, samples, path: what is written, and where.
        given: what they were made from, drawn or given; pictures show sources, and their holes.

    Raises:
        OSError: it cannot be written.
    """
    form = gan.sample_spec
    with atomic_write(path) as temporary:
        if form.kind == "images":
            grids.sample_grid(samples, given).save(temporary, "PNG")
        elif form.kind == "arrays":
            with open(temporary, "wb") as file:
                np.save(file, samples.cpu().numpy())
        elif form.kind == "waveforms":
            write_wav(temporary, _in_a_row(samples.cpu(), form.rate), form.rate)
        else:
            lines = sentences(samples, form.words)
            temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _in_a_row(samples: Tensor, rate: int) -> NDArray[np.float32]:
    """Waveforms, (N, C, T), one after the other, (C, T'), with pauses between them."""
    padded = F.pad(samples.float(), (0, int(PAUSE * rate))).transpose(0, 1).flatten(1)
    together: NDArray[np.float32] = padded[:, : -int(PAUSE * rate)].numpy()
    return together


def _folder(gan: GAN, batches: Iterator[Tensor], n: int, path: Path, names: Sequence[str]) -> str:
    path.mkdir(parents=True, exist_ok=True)
    names = names or [f"{index:06d}" for index in range(n)]
    form, done = gan.sample_spec, 0
    ending = SUFFIXES[form.kind]
    with progress_bar("samples", n) as update:
        for batch in batches:
            for sample in batch.cpu():
                _one(form, sample, path / f"{names[done]}{ending}")
                done += 1
            update(done, "")
    return f"{path}/{names[0]}{ending} to {path}/{names[n - 1]}{ending}"


def _one(form: SampleSpec, sample: Tensor, path: Path) -> None:
    """One sample in a file of its own."""
    if form.kind == "images":
        pixels = as_uint8(sample).permute(1, 2, 0).numpy()
        Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(path)
    elif form.kind == "waveforms":
        write_wav(path, sample.float().numpy(), form.rate)
    else:
        path.write_text(f"{sentences(sample[None], form.words)[0]}\n", encoding="utf-8")


def _array(batches: Iterator[Tensor], n: int, path: Path) -> str:
    """Written through a memory map, so that any n fits."""
    array: np.memmap[tuple[int, ...], np.dtype[np.generic]] | None = None
    done = 0
    with atomic_write(path) as temporary, progress_bar("samples", n) as update:
        for batch in batches:
            if grids.is_image_batch(batch):
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

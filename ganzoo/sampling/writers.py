"""Samples to files, as they are made: a grid, a sound, a text, an array, or a file each."""

from __future__ import annotations

import errno
import io
import logging
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ganzoo.data.dataset import as_uint8
from ganzoo.data.row_storage import format_size
from ganzoo.data.text_file import sentences
from ganzoo.data.wav import write_wav
from ganzoo.errors import ConfigError, RunError
from ganzoo.gan import GAN
from ganzoo.runtime.files import atomic_write, reserve_space
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.progress import progress_bar
from ganzoo.runtime.text import first_items
from ganzoo.sampling import grids
from ganzoo.spec import SampleSpec

log = logging.getLogger("ganzoo")

GRID_LIMIT = 4096
"""Samples in one picture or sound, at most."""
SUFFIXES = {"images": ".png", "waveforms": ".wav", "texts": ".txt", "arrays": ".npy"}
"""Suffix of the file that holds samples of each kind."""
PAUSE = 0.25
"""Seconds between two waveforms in one file."""

Given = Mapping[str, Tensor | int | float]


def suffix(gan: GAN) -> str:
    """Suffix of a file that holds samples of a model."""
    return SUFFIXES[gan.sample_spec.kind]


def write(
    gan: GAN,
    n: int,
    path: Path,
    *,
    seed: int,
    given: Given | None = None,
    names: Sequence[str] = (),
    columns: int | None = None,
) -> str:
    """Sample and write.

    Args:
        gan: the model.
        n: how many.
        path: ``*.png`` for one grid (of each source and its translation, where sources are given),
            ``*.wav`` for waveforms one after the other, ``*.txt`` for a text a line, ``*.npy`` for
            an array (images uint8, (N, H, W, C); anything else as it is), a folder that exists or
            a name without suffix for a folder with a file each.
        seed: of the samples.
        given: inputs that are not drawn at random.
        names: of the files in a folder; left out, ``000000``, ``000001``, ...
        columns: samples in a row of a grid; left out, about as many as rows.

    Returns:
        The files that were written, in words.

    Raises:
        ConfigError: a suffix that does not fit the samples of the model.
        RunError: the path cannot be written, or the disk has no room.
    """
    path = user_path(path)
    wanted, own = file_suffix(path), suffix(gan)
    fitting = dict.fromkeys((own, ".npy")) if own == ".npy" else dict.fromkeys((own, ".npy", ""))
    if wanted not in fitting:
        known = " or ".join(each or "a folder (no suffix, or one that exists)" for each in fitting)
        raise ConfigError(
            f"{path}: {gan.sample_spec.kind} of shape {gan.sample_spec.shape} go to {known}"
        )
    if wanted in (".png", ".wav") and n > GRID_LIMIT:
        raise ConfigError(f"{n} samples in one {wanted}: at most {GRID_LIMIT}; give a folder")
    batches = warn_not_finite(gan.samples(n, seed=seed, given=given))
    try:
        if wanted == ".npy":
            return _array(batches, n, path)
        if not wanted:
            return _folder(gan, batches, n, path, names)
        drawn = gan.prior_rows(n, seed) if wanted == ".png" else {}
        return _one_file(gan, batches, n, path, {**drawn, **(given or {})}, columns)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error


def warn_not_finite(batches: Iterator[Tensor]) -> Iterator[Tensor]:
    """The same batches; samples with NaN or infinity in them are counted, and reported once."""
    bad = total = 0
    for batch in batches:
        total += len(batch)
        bad += len(batch) - int(batch.flatten(1).isfinite().all(1).sum())
        yield batch
    if bad:
        log.warning("%d of %d samples hold NaN or infinity: the model is damaged", bad, total)


def file_suffix(path: Path) -> str:
    """The suffix of a file, in small letters; empty for a folder.

    A path of an existing folder has no suffix, and neither has ``exp-1.5``: suffixes are short and
    begin with a letter.
    """
    wanted = path.suffix.lower()
    return "" if path.is_dir() or not re.fullmatch(r"\.[a-z][a-z0-9]{0,4}", wanted) else wanted


def _one_file(
    gan: GAN,
    batches: Iterator[Tensor],
    n: int,
    path: Path,
    given: Given,
    columns: int | None,
) -> str:
    parts: list[Tensor] = []
    with progress_bar("samples", n) as update:
        for batch in batches:
            parts.append(batch.cpu())
            update(sum(map(len, parts)), "")
    save(gan, torch.cat(parts), path, given, columns)
    return str(path)


def save(gan: GAN, samples: Tensor, path: Path, given: Given, columns: int | None = None) -> None:
    """Write samples to one file, of the kind that belongs to `suffix`.

    Args:
        gan, samples, path: the model, its samples, and the file.
        given: inputs of the samples, drawn or given; pictures show sources, and their holes.
        columns: samples in a row of a picture; left out, about as many as rows.

    Raises:
        OSError: it cannot be written.
    """
    form = gan.sample_spec
    with atomic_write(path) as temporary:
        if form.kind == "images":
            grids.sample_grid(samples, given, columns).save(temporary, "PNG")
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
    written = f"{path}/{names[0]}{ending} to {path}/{names[n - 1]}{ending}"
    return written + _left_over(path, {f"{name}{ending}" for name in names[:n]}, ending)


def _left_over(path: Path, written: set[str], ending: str) -> str:
    """Files of the same kind that were in a folder before, in words."""
    others = sorted(each.name for each in path.glob(f"*{ending}") if each.name not in written)
    if not others:
        return ""
    return f"; the folder also holds {len(others):,} other {ending}: {first_items(others, 3, ', ')}"


def _one(form: SampleSpec, sample: Tensor, path: Path) -> None:
    """Write one sample to a file of its own; half a file is not left."""
    try:
        if form.kind == "images":
            pixels = as_uint8(sample).permute(1, 2, 0).numpy()
            Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(path)
        elif form.kind == "waveforms":
            write_wav(path, sample.float().numpy(), form.rate)
        else:
            path.write_text(f"{sentences(sample[None], form.words)[0]}\n", encoding="utf-8")
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _array(batches: Iterator[Tensor], n: int, path: Path) -> str:
    """Write an array batch by batch, so that any n fits; its disk space is reserved first."""
    done = 0
    with (
        atomic_write(path) as temporary,
        open(temporary, "wb") as file,
        progress_bar("samples", n) as update,
    ):
        for batch in batches:
            if grids.is_image_batch(batch):
                batch = as_uint8(batch).permute(0, 2, 3, 1)
            rows = np.ascontiguousarray(batch.cpu().numpy())
            if not done:
                _begin_array(file, (n, *rows.shape[1:]), rows.dtype, path)
            file.write(rows.data)
            done += len(rows)
            update(done, "")
    return str(path)


def _begin_array(
    file: io.BufferedWriter, shape: tuple[int, ...], kind: np.dtype[np.generic], path: Path
) -> None:
    """Reserve the space of an array and write its header.

    Raises:
        RunError: the disk has no room for it.
    """
    header = io.BytesIO()
    facts = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, facts)
    size = len(header.getvalue()) + int(np.prod(shape)) * kind.itemsize
    free = shutil.disk_usage(path.parent).free
    try:
        reserve_space(file, size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise RunError(
            f"cannot write {path}: it takes {format_size(size)}, {format_size(free)} of the disk"
            " is free: ask for fewer samples or write to another disk"
        ) from None
    file.write(header.getvalue())

"""Waveforms from recordings or arrays, one file each: any lengths, names kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganzoo.data.audio import read_recording
from ganzoo.data.folders import log_notes
from ganzoo.data.wav import write_wav
from ganzoo.errors import ConfigError, DataError, RunError
from ganzoo.gan import GAN
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.progress import progress_bar
from ganzoo.runtime.text import first_items, printable
from ganzoo.sampling.inputs import ARRAYS, SourceFiles, source_shape
from ganzoo.sampling.writers import file_suffix, warn_not_finite


def takes_any_length(gan: GAN) -> bool:
    """True if the model makes waveforms from sources of any length."""
    return gan.sample_spec.kind == "waveforms" and None in source_shape(gan)


def translate(
    gan: GAN,
    sources: SourceFiles,
    out: Path | None = None,
    *,
    seed: int = 0,
    given: Mapping[str, Tensor | int | float] | None = None,
) -> str:
    """Make a waveform from each recording or array.

    Args:
        gan: the model.
        sources: recordings, brought to the rate and channels of the model with a note; or arrays,
            ``.npy`` or ``.npz``, given to the model as they are.
        out: a folder, where the waveforms get the names of their sources; ``*.wav`` for one. Left
            out, ``samples.wav`` or the folder ``samples``.
        seed: of what the model draws.
        given: further inputs.

    Returns:
        The files that were written, in words.

    Raises:
        ConfigError: several sources for one file, or a waveform that would replace its source.
        DataError: no source can be read, or one that the model refuses.
        RunError: a waveform cannot be written.
    """
    count = len(sources.files)
    targets = _targets(sources, out or Path("samples" if count > 1 else "samples.wav"))
    notes: list[str] = []
    left_out: list[str] = []
    with progress_bar("recordings", count) as update:
        for index, (file, target) in enumerate(zip(sources.files, targets, strict=True)):
            row = _read(gan, file, notes)
            if isinstance(row, str):
                left_out.append(row)
            else:
                wave = _generate(gan, row[None], file, (index, count), seed, given or {})
                _write(wave, target, gan.sample_spec.rate)
            update(index + 1, file.name)
    if left_out:
        notes.append(f"{len(left_out)} left out; {first_items(left_out)}")
    log_notes(sources.title, [*sources.notes, *notes])
    if len(left_out) == count:
        raise DataError(f"--source {sources.title}: no recording can be read; {left_out[0]}")
    return str(targets[0]) if count == 1 else f"{targets[0]} to {targets[-1]}"


def _targets(sources: SourceFiles, out: Path) -> list[Path]:
    """The file of each waveform."""
    wanted, count = file_suffix(out), len(sources.files)
    if wanted and (wanted != ".wav" or count > 1):
        raise ConfigError(
            f"{out}: {count} recording{'s' * (count > 1)}; waveforms go to a folder each with its"
            " name, or one to a .wav: -o FOLDER"
        )
    targets = [out] if wanted else [out / f"{name}.wav" for name in sources.names]
    inputs = {target.resolve() for target in targets} & {each.resolve() for each in sources.files}
    if inputs:
        raise ConfigError(f"{min(inputs)} would replace its source: write to another folder")
    return targets


def _read(gan: GAN, file: Path, notes: list[str]) -> Tensor | str:
    """A source, (C, T), or the reason why there is none; what is changed is noted."""
    if file.suffix.lower() in ARRAYS:
        return _read_array(file)
    form = gan.sample_spec
    channels = form.shape[0] or 1
    recording = read_recording(file, form.rate, channels)
    if isinstance(recording, str):
        return recording
    if recording.rate != form.rate:
        notes.append(f"{printable(file.name)}: {recording.rate} Hz, resampled to {form.rate} Hz")
    if recording.channels != channels:
        notes.append(f"{printable(file.name)}: {recording.channels} channels brought to {channels}")
    return torch.from_numpy(recording.samples)


def _read_array(file: Path) -> Tensor | str:
    """The one array of a ``.npy`` or ``.npz`` file, (C, T), or the reason why there is none."""
    name = printable(file.name)
    try:
        found = np.load(file, allow_pickle=False)
        if not isinstance(found, np.ndarray):
            with found:
                if len(found.files) != 1:
                    return f"{name}: {len(found.files)} arrays in it, must be one"
                found = found[found.files[0]]
    except (OSError, ValueError, EOFError, KeyError) as error:
        return f"{name}: {printable(error)}"
    if found.ndim == 3 and len(found) == 1:
        found = found[0]
    if found.ndim != 2 or found.dtype.kind != "f" or not np.isfinite(found).all():
        return f"{name}: {found.dtype} {found.shape}, must be finite floats, (C, T)"
    return torch.from_numpy(found.astype(np.float32))


def _generate(
    gan: GAN,
    source: Tensor,
    file: Path,
    place: tuple[int, int],
    seed: int,
    given: Mapping[str, Tensor | int | float],
) -> Tensor:
    """The waveform of one source, (C, T): sample ``place[0]`` of ``place[1]``."""
    index, count = place
    try:
        samples = gan.samples(
            count, seed=seed, given={**given, "source": source}, span=(index, index + 1)
        )
        return torch.cat(list(warn_not_finite(samples)))[0].cpu()
    except ConfigError as error:
        raise DataError(f"{printable(file.name)}: {error}") from error


def _write(wave: Tensor, target: Path, rate: int) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(target) as temporary:
            write_wav(temporary, wave.float().numpy(), rate)
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror or error}") from error

"""A folder of recordings as rows of equal length."""

from __future__ import annotations

import math
import os
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ganzoo.data.dataset import Dataset
from ganzoo.data.folders import Listing, list_files, log_notes
from ganzoo.data.labels import find_labels
from ganzoo.data.parallel import in_parallel
from ganzoo.data.wav import read_wav, to_integers, wav_rate
from ganzoo.errors import DataError
from ganzoo.runtime.text import first_items, printable
from ganzoo.spec import SampleSpec

SUFFIXES = {
    *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc"),
    *(".au", ".snd", ".caf", ".w64", ".rf64"),
}
HIGHEST_RATE = 1_000_000
"""Samples a second; a header that declares more is damaged."""
HEAD = 2**16
"""Bytes of a file in which its rate is looked for."""
EXTRA = "pip install 'ganzoo-core[audio]'"


def load_audio(path: Path, form: SampleSpec, split: str) -> Dataset:
    """Every readable recording below a folder, cut into rows; folders directly below are classes.

    A recording that is shorter than a row is followed by silence; a longer one is cut into rows
    one after the other, and what is left is a row too if it fills half of one. Other rates are
    resampled, stereo is mixed where the model is mono.

    Args:
        path: the folder; where it has folders ``train`` and ``test``, the one of the split.
        form: of a row: (C, T), and its rate.
        split: ``train`` or ``test``.

    Raises:
        DataError: no such folder, no recording in it that can be read, or no such split.
    """
    name = printable(f"audio:{path}")
    listing = list_recordings(path, name, split)
    train = list_recordings(path, name) if split != "train" and listing.home != path else None
    results = in_parallel(lambda file: _rows(file, form), listing.files, "reading recordings")
    left_out = _left_out(name, listing.files, [each for each in results if isinstance(each, str)])
    pairs = zip(listing.files, results, strict=True)
    good = [(file, rows) for file, rows in pairs if not isinstance(rows, str)]
    labels = find_labels(listing, [file for file, rows in good for _ in rows], path, train, name)
    log_notes(name, [*listing.remarks(), *labels.notes, *left_out])
    columns = {"real": torch.from_numpy(np.concatenate([rows for _, rows in good]))}
    if labels.numbers:
        columns["label"] = torch.tensor(labels.numbers)
    return Dataset(name, columns, labels.classes, unlabeled=labels.absent)


def list_recordings(path: Path, name: str, split: str = "train") -> Listing:
    """The recordings below a folder; see `ganzoo.data.folders.list_files`."""
    return list_files(path, SUFFIXES, name, "recording", split)


def _left_out(name: str, files: Sequence[Path], reasons: Sequence[str]) -> list[str]:
    """All recordings that are left out, in one note; none if there are none.

    Raises:
        DataError: all recordings are left out.
    """
    if not reasons:
        return []
    if len(reasons) == len(files):
        raise DataError(
            f"data {name}: none of {len(files)} recordings is readable; {first_items(reasons)}"
        )
    return [f"{len(reasons)} of {len(files)} left out; {first_items(reasons)}"]


@dataclass(frozen=True)
class Recording:
    """A recording at the rate and with the channels that a model needs."""

    samples: NDArray[np.float32]
    """(C, T) in [-1, 1]."""
    rate: int
    """Rate of the file."""
    channels: int
    """Channels of the file."""


def read_recording(file: Path, rate: int, channels: int) -> Recording | str:
    """A recording, resampled and mixed where necessary, or the reason why there is none.

    Args:
        file: its path.
        rate, channels: of the samples that are wanted.
    """
    try:
        samples, found = read(file)
        if not 0 < found <= HIGHEST_RATE:
            raise ValueError(f"its header declares a rate of {found} Hz")
    except EOFError:
        return f"{printable(file.name)}: it ends too early"
    except (OSError, ValueError, wave.Error) as error:
        return f"{printable(file.name)}: {printable(error) or type(error).__name__}"
    except ImportError:
        return f"{printable(file.name)}: to read it, {EXTRA}"
    own = len(samples)
    if found != rate:
        try:
            samples = _resampled(samples, found, rate)
        except ImportError:
            return f"{printable(file.name)}: {found} Hz; to bring it to {rate} Hz, {EXTRA}"
    return Recording(_mixed(samples, channels), found, own)


def _rows(file: Path, form: SampleSpec) -> NDArray[np.int16] | str:
    """A recording as rows, (N, C, T), or why there is none."""
    channels, length = form.fixed_shape
    recording = read_recording(file, form.rate, channels)
    if isinstance(recording, str):
        return recording
    samples = recording.samples
    count = max(1, math.floor(samples.shape[1] / length + 0.5))
    padded = np.zeros((channels, count * length), np.float32)
    kept = min(samples.shape[1], count * length)
    padded[:, :kept] = samples[:, :kept]
    return to_integers(padded.reshape(channels, count, length).transpose(1, 0, 2))


def read(file: Path) -> tuple[NDArray[np.float32], int]:
    """Samples of a recording, (C, T) in [-1, 1], and their rate.

    The content decides, not the suffix. WAV files of integers are read by the standard library, so
    that they are the same everywhere; everything else needs the library soundfile.

    Raises:
        OSError, EOFError, ValueError, wave.Error: it cannot be read.
        ImportError: soundfile is not installed.
    """
    if not file.is_file():
        raise ValueError("no regular file")
    with file.open("rb") as stream:
        head = stream.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        try:
            return read_wav(file)
        except wave.Error as error:
            if "unknown format" not in str(error):
                raise
    elif not head.strip(b"\0"):
        raise EOFError
    import soundfile

    try:
        samples, rate = soundfile.read(os.fspath(file), dtype="float32", always_2d=True)
    except RuntimeError as error:
        text = " ".join(str(error).split())
        reason = text.partition("': ")[2].rstrip(".") or text
        if reason.startswith("File does not exist"):  # it does: soundfile found no format
            reason = "its format is not recognized"
        raise ValueError(reason) from None
    if not len(samples) or not np.isfinite(samples).all():
        raise ValueError("no sound in it, or numbers that are not finite")
    return np.ascontiguousarray(samples.T), rate


def read_rate(file: Path) -> int | None:
    """Samples per second, by the header of a recording; None if it cannot be read."""
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD)
        if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            return wav_rate(head)
        import soundfile

        return int(soundfile.info(os.fspath(file)).samplerate)
    except (OSError, EOFError, RuntimeError, wave.Error, ImportError):
        return None


def _resampled(samples: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    from scipy.signal import resample_poly

    common = math.gcd(rate, wanted)
    resampled = resample_poly(samples, wanted // common, rate // common, axis=1)
    return np.asarray(resampled, np.float32)


def _mixed(samples: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """So many channels: the mean of all for one, the first ones, or the only one for each."""
    if channels == 1:
        return np.asarray(samples.mean(0, keepdims=True), np.float32)
    if len(samples) < channels:
        return np.repeat(samples[:1], channels, 0)
    return samples[:channels]

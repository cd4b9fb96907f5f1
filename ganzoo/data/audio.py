"""Any folder of recordings as rows of equal length."""

from __future__ import annotations

import logging
import math
import os
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganzoo.data.dataset import Dataset
from ganzoo.data.images.decode import printable
from ganzoo.data.images.image_folder import class_names, class_of, in_parallel
from ganzoo.errors import DataError
from ganzoo.spec import SampleSpec

log = logging.getLogger("ganzoo")

SUFFIXES = {".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff"}
HIGHEST_RATE = 1_000_000
"""Samples a second; a header that says more is damaged."""
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
    files, home = _find(path, split, name)
    results = in_parallel(lambda file: _rows(file, form), files, "reading recordings")
    _tell_left_out(name, files, [found for found in results if isinstance(found, str)])
    good = [
        (file, rows)
        for file, rows in zip(files, results, strict=True)
        if not isinstance(rows, str) and len(rows)
    ]
    places = [class_of(home, file) for file, rows in good for _ in rows]
    columns = {"real": torch.from_numpy(np.concatenate([rows for _, rows in good]))}
    classes = class_names(places) if home == path else _shared_classes(home, places, name)
    if classes:
        columns["label"] = torch.tensor([classes.index(place) for place in places])
    return Dataset(name, columns, classes)


def _find(path: Path, split: str, name: str) -> tuple[list[Path], Path]:
    """The recordings of a split, sorted, and the folder they are in."""
    if not path.is_dir():
        raise DataError(f"data {name}: no such folder (you are in {Path.cwd()})")
    home = path / split if all((path / each).is_dir() for each in ("train", "test")) else path
    if home == path and split != "train":
        raise DataError(f"data {name}: it has no folders train and test, and so no such split")
    files = _recordings(home)
    if not files:
        raise DataError(f"data {name}: no recording in it ({', '.join(sorted(SUFFIXES))})")
    return files, home


def _recordings(folder: Path) -> list[Path]:
    every = (file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    return sorted(file for file in every if file.is_file())


def _shared_classes(home: Path, places: Sequence[str], name: str) -> tuple[str, ...]:
    """The classes of the training split, whose labels mean the same in both."""
    beside = home.parent / "train"
    known = class_names([class_of(beside, file) for file in _recordings(beside)])
    if strange := sorted({*places} - {*known}) if known else []:
        raise DataError(f"data {name}: the class {strange[0]} is in test, but not in train")
    return known


def _tell_left_out(name: str, files: Sequence[Path], reasons: Sequence[str]) -> None:
    """One warning for all that are left out.

    Raises:
        DataError: that is all there is.
    """
    if not reasons:
        return
    text = "; ".join(reasons[:3]) + (" ..." if len(reasons) > 3 else "")
    if len(reasons) == len(files):
        raise DataError(f"data {name}: none of {len(files)} recordings is readable; {text}")
    log.warning("data %s: %d of %d left out; %s", name, len(reasons), len(files), text)


def _rows(file: Path, form: SampleSpec) -> NDArray[np.int16] | str:
    """A recording as rows, (N, C, T), or why there is none."""
    channels, length = form.fixed_shape
    try:
        samples, rate = read(file)
        if not 0 < rate <= HIGHEST_RATE:
            raise ValueError(f"its rate is said to be {rate} Hz")
    except EOFError:
        return f"{printable(file.name)}: it ends too early"
    except (OSError, ValueError, wave.Error) as error:
        return f"{printable(file.name)}: {printable(str(error)) or type(error).__name__}"
    except ImportError:
        return f"{printable(file.name)}: to read it, {EXTRA}"
    if rate != form.rate:
        try:
            samples = _resampled(samples, rate, form.rate)
        except ImportError:
            return f"{printable(file.name)}: {rate} Hz; to bring it to {form.rate} Hz, {EXTRA}"
    samples = _mixed(samples, channels)
    count = max(1, math.floor(samples.shape[1] / length + 0.5))
    padded = np.zeros((channels, count * length), np.float32)
    kept = min(samples.shape[1], count * length)
    padded[:, :kept] = samples[:, :kept]
    rows = padded.reshape(channels, count, length).transpose(1, 0, 2)
    return _as_integers(rows)


def read(file: Path) -> tuple[NDArray[np.float32], int]:
    """Samples of a recording, (C, T) in [-1, 1], and their rate.

    WAV files of integers need nothing; the other formats need the library soundfile.

    Raises:
        OSError, EOFError, ValueError, wave.Error: it cannot be read.
        ImportError: soundfile is not installed.
    """
    if file.suffix.lower() == ".wav":
        try:
            return _read_wav(file)
        except wave.Error as error:
            if "unknown format" not in str(error):
                raise
    import soundfile

    try:
        samples, rate = soundfile.read(os.fspath(file), dtype="float32", always_2d=True)
    except RuntimeError as error:
        raise ValueError(str(error)) from None
    if not len(samples) or not np.isfinite(samples).all():
        raise ValueError("no sound in it, or numbers that are not finite")
    return np.ascontiguousarray(samples.T), rate


def _read_wav(file: Path) -> tuple[NDArray[np.float32], int]:
    with wave.open(os.fspath(file), "rb") as stream:
        width, channels, rate = (
            stream.getsampwidth(),
            stream.getnchannels(),
            stream.getframerate(),
        )
        content = stream.readframes(stream.getnframes())
    whole = len(content) // (width * channels) * (width * channels)
    if not whole:
        raise ValueError("no sound in it")
    return _decoded(content[:whole], width).reshape(-1, channels).T.copy(), rate


def _decoded(content: bytes, width: int) -> NDArray[np.float32]:
    """Integers of one (unsigned) to four (signed) bytes as floats in [-1, 1)."""
    if width not in (1, 2, 3, 4):
        raise ValueError(f"{8 * width} bits a sample")
    if width == 1:
        return _floats(np.frombuffer(content, np.uint8).astype(np.float32) - 128, 128)
    if width == 3:
        parts = np.frombuffer(content, np.uint8).reshape(-1, 3)
        padded = np.zeros((len(parts), 4), np.uint8)
        padded[:, 1:] = parts
        return _floats(padded.view("<i4")[:, 0], 2**31)
    kind, scale = {2: ("<i2", 2**15), 4: ("<i4", 2**31)}[width]
    return _floats(np.frombuffer(content, kind), scale)


def _floats(values: NDArray[Any], scale: int) -> NDArray[np.float32]:
    return np.asarray(values.astype(np.float32) / scale, np.float32)


def _as_integers(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """From [-1, 1] to 16 bits."""
    return np.asarray(np.clip(np.rint(samples * 32768), -32768, 32767), np.int16)


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


def write_wav(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    """Write a waveform, (C, T) in [-1, 1], as 16-bit WAV.

    Raises:
        OSError: it cannot be written.
    """
    frames = _as_integers(samples.T).astype("<i2")
    with open(path, "wb") as file, wave.open(file, "wb") as stream:
        stream.setnchannels(samples.shape[0])
        stream.setsampwidth(2)
        stream.setframerate(rate)
        stream.writeframes(frames.tobytes())

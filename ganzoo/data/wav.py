"""WAV files by the standard library: all of integers are read, those of 16 bits written."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_EXTENSIBLE, _INTEGERS = b"\xfe\xff", b"\x01\x00"


def read_wav(file: Path) -> tuple[NDArray[np.float32], int]:
    """Samples of a WAV file of integers, (C, T) in [-1, 1), and their rate.

    Raises:
        OSError, EOFError, ValueError, wave.Error: it cannot be read, or is no such file.
    """
    with wave.open(io.BytesIO(_plain_format(file.read_bytes())), "rb") as stream:
        width, channels, rate = (
            stream.getsampwidth(),
            stream.getnchannels(),
            stream.getframerate(),
        )
        content = stream.readframes(stream.getnframes())
    if width > 4:
        raise ValueError(f"{8 * width} bits a sample")
    frames = len(content) // (width * channels)
    whole = np.frombuffer(content, np.uint8)[: frames * width * channels]
    if not len(whole):
        raise ValueError("no sound in it")
    padded = np.zeros((len(whole) // width, 4), np.uint8)
    padded[:, 4 - width :] = whole.reshape(-1, width)
    values = padded.view("<i4")[:, 0]
    if width == 1:  # bytes alone are unsigned
        values = values ^ np.int32(-(1 << 31))
    samples = values.astype(np.float32) / np.float32(1 << 31)
    return samples.reshape(-1, channels).T.copy(), rate


def wav_rate(head: bytes) -> int:
    """Samples per second, by the first bytes of a WAV file of integers.

    Raises:
        EOFError, wave.Error: it is no such file.
    """
    with wave.open(io.BytesIO(_plain_format(head)), "rb") as stream:
        return stream.getframerate()


def _plain_format(content: bytes) -> bytes:
    """WAVE_FORMAT_EXTENSIBLE of integers as the plain format that Python 3.11 knows too."""
    place = 12
    while place + 34 <= len(content):
        start = place + 8
        if content[place : place + 4] == b"fmt ":
            if content[start : start + 2] == _EXTENSIBLE and content[start + 24 :][:2] == _INTEGERS:
                return content[:start] + _INTEGERS + content[start + 2 :]
            break
        size = int.from_bytes(content[place + 4 : start], "little")
        place = start + size + size % 2
    return content


def write_wav(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    """Write a waveform, (C, T) in [-1, 1], as 16-bit WAV.

    Raises:
        OSError: it cannot be written.
    """
    frames = to_integers(samples.T).astype("<i2")
    with open(path, "wb") as file, wave.open(file, "wb") as stream:
        stream.setnchannels(samples.shape[0])
        stream.setsampwidth(2)
        stream.setframerate(rate)
        stream.writeframes(frames.tobytes())


def to_integers(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """From [-1, 1] to 16 bits."""
    return np.asarray(np.clip(np.rint(samples * 32768), -32768, 32767), np.int16)

"""Pictures, sounds and texts inside a page, within a limit of bytes."""

from __future__ import annotations

import base64
import html
import io
import wave
from pathlib import Path

from PIL import Image

SIZES = ((768, 82), (640, 78), (512, 72), (448, 65), (384, 60), (320, 50), (256, 40), (192, 30))
"""Longest side and quality of a picture, the best that fits is taken."""
TEXT_LINES = 24


def embed(path: Path, limit: int, label: str) -> str:
    """A file as an HTML element that shows or plays it; empty for a kind that a page cannot show.

    Args:
        path: picture, sound or text.
        limit: bytes of the element.
        label: for readers that do not see it.

    Raises:
        OSError: it cannot be read.
    """
    kind = path.suffix.lower()
    if kind == ".png":
        return _picture(path, limit, label)
    if kind == ".wav":
        return _sound(path, limit, label)
    if kind == ".txt":
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[:TEXT_LINES]
        return f"<pre>{html.escape(chr(10).join(lines)[:limit])}</pre>"
    return ""


def _picture(path: Path, limit: int, label: str) -> str:
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    best = b""
    for side, quality in SIZES:
        smaller = picture.copy()
        smaller.thumbnail((side, side), Image.Resampling.BOX)
        content = io.BytesIO()
        smaller.save(content, "WEBP", quality=quality, method=0)
        best = content.getvalue()
        if len(best) * 4 / 3 <= limit:
            break
    width, height = smaller.size
    return (
        f'<img width="{width}" height="{height}" alt="{html.escape(label)}"'
        f' src="{_uri("image/webp", best)}">'
    )


def _sound(path: Path, limit: int, label: str) -> str:
    """A sound, cut to its first seconds where it is too long."""
    with wave.open(str(path), "rb") as source:
        frame = source.getsampwidth() * source.getnchannels()
        frames = min(source.getnframes(), int(limit * 3 / 4) // frame)
        parameters, data = source.getparams(), source.readframes(frames)
    content = io.BytesIO()
    with wave.open(content, "wb") as target:
        target.setparams(parameters)
        target.writeframes(data)
    uri = _uri("audio/wav", content.getvalue())
    return f'<audio controls preload="none" aria-label="{html.escape(label)}" src="{uri}"></audio>'


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"

"""What is in a folder of images, and what a training would do with each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from ganzoo.data.images.decode import LARGEST, UnreadableError, read
from ganzoo.data.images.image_folder import (
    SUFFIXES,
    class_names,
    class_of,
    find_images,
    in_parallel,
)
from ganzoo.data.images.near_duplicates import nearly_equal, thumbnail

SMALL = 32
"""Pixels a side below which an image is tiny, if nobody says more."""
FEW = 1000
"""Images below which a GAN soon knows them by heart."""
UNEQUAL = 10
"""How many times as large as another a class may be."""

LEFT_OUT: Mapping[str, str] = {
    "not an image": "left out: called like an image, but there is none in it",
    "corrupt": "left out: it cannot be decoded",
    "truncated": "left out: the file ends too early",
    "huge": f"left out: more than {LARGEST:,} pixels, or more than memory holds",
    "unreadable": "left out: the file cannot be opened",
    "unknown range": "left out: floats or 32 bits, whose black and white nobody knows",
    "other suffix": f"not looked at: a name ends in one of {' '.join(sorted(SUFFIXES))}",
}
KEPT: Mapping[str, str] = {
    "animated": "kept: its first frame or page",
    "CMYK": "kept: converted to RGB, without its colour profile",
    "16-bit": "kept: brought to 8 bits",
    "palette": "kept: its colours looked up",
    "alpha": "kept: put on white",
    "EXIF-rotated": "kept: turned upright",
    "tiny": "kept: enlarged to the model's size, so it is blurred",
    "non-square": "kept: scaled until it covers the model's size, and cropped to its centre",
    "duplicate": "kept: the same pixels as another file, so they are seen that often",
    "nearly duplicate": "kept: looks like another file, by a hash that may be mistaken",
    "unequal classes": "kept: seen as seldom as they are, and learned worse",
    "too few images": f"kept: a GAN soon knows fewer than {FEW:,} by heart",
}


@dataclass(frozen=True)
class Finding:
    """Files of which one thing is true."""

    kind: str
    """A key of `LEFT_OUT` or `KEPT`."""
    effect: str
    """What ganzoo does with them."""
    files: tuple[str, ...]
    """Relative to the folder; of duplicates all but the first of each group; of unequal classes
    the small ones."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Of duplicates: which files are alike."""


@dataclass(frozen=True)
class Report:
    """What `check` found."""

    folder: str
    files: int
    """With the suffix of an image."""
    readable: int
    """As many as a training would have."""
    classes: Mapping[str, int]
    """Readable images of each class; empty if the folders are no classes."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Look:
    """What is kept of one file."""

    kinds: frozenset[str]
    digest: bytes = b""
    thumbnail: bytes = b""


def check(folder: Path, size: int = SMALL) -> Report:
    """Read every file of a folder, as a training would, and keep no pixels.

    Args:
        folder: as in ``folder:PATH``.
        size: of the model; images that are smaller on a side are called tiny.

    Raises:
        DataError: no such folder, or no image in it.
    """
    files, others = find_images(folder)
    looks = in_parallel(lambda file: _look(file, size), files, "reading images")
    good = [index for index, look in enumerate(looks) if look.digest]
    names = [str(file.relative_to(folder)) for file in files]
    places = [class_of(folder, files[index]) for index in good]
    classes = dict(Counter(places)) if class_names(places) else {}
    kinds = {
        kind: [n for n, look in zip(names, looks, strict=True) if kind in look.kinds]
        for kind in (*LEFT_OUT, *KEPT)
    }
    kinds["other suffix"] = [str(file.relative_to(folder)) for file in others]
    kinds["unequal classes"] = _small(classes)
    findings = [_finding(kind, found) for kind, found in kinds.items() if found]
    findings += _duplicates([names[index] for index in good], [looks[index] for index in good])
    if 0 < len(good) < FEW:
        findings.append(_finding("too few images", []))
    order = [*LEFT_OUT, *KEPT]
    findings.sort(key=lambda finding: order.index(finding.kind))
    return Report(str(folder), len(files), len(good), classes, tuple(findings))


def _look(file: Path, size: int) -> _Look:
    try:
        picture = read(file)
    except UnreadableError as error:
        return _Look(frozenset([error.fault]))
    kinds, image = set(picture.traits), picture.image.convert("RGB")
    if min(image.size) < size:
        kinds.add("tiny")
    if image.width != image.height:
        kinds.add("non-square")
    digest = blake2b(str(image.size).encode(), digest_size=16)
    digest.update(image.tobytes())
    return _Look(frozenset(kinds), digest.digest(), thumbnail(image))


def _finding(kind: str, files: Sequence[str]) -> Finding:
    return Finding(kind, {**LEFT_OUT, **KEPT}[kind], tuple(files))


def _small(classes: Mapping[str, int]) -> list[str]:
    """The classes that others are many times as large as."""
    most = max(classes.values(), default=0)
    return sorted(name for name, count in classes.items() if count * UNEQUAL <= most)


def _duplicates(names: Sequence[str], looks: Sequence[_Look]) -> list[Finding]:
    """Readable images of the same pixels, and of different ones that look the same."""
    same: dict[bytes, list[int]] = {}
    for index, look in enumerate(looks):
        same.setdefault(look.digest, []).append(index)
    unique = [group[0] for group in same.values()]
    alike = nearly_equal([looks[index].thumbnail for index in unique])
    kinds = {
        "duplicate": [group for group in same.values() if len(group) > 1],
        "nearly duplicate": [[unique[place] for place in group] for group in alike],
    }
    findings = []
    for kind, groups in kinds.items():
        named = tuple(tuple(names[index] for index in group) for group in groups)
        copies = tuple(name for group in named for name in group[1:])
        if copies:
            findings.append(Finding(kind, KEPT[kind], copies, named))
    return findings

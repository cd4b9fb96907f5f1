"""Report on a folder of images: what a training would do with each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from ganzoo.data.archives import unpacked
from ganzoo.data.images import near_duplicates
from ganzoo.data.images.bit_depth import ValueRange, range_note
from ganzoo.data.images.decode import LARGEST, read, strict_and_quiet
from ganzoo.data.images.faults import UnreadableError
from ganzoo.data.images.image_folder import SUFFIXES, dark_note, find_range, list_images
from ganzoo.data.labels import find_labels
from ganzoo.data.parallel import in_parallel
from ganzoo.runtime.paths import user_path

SMALL = 32
"""Pixels a side below which an image is tiny, unless another size is asked for."""
FEW = 1000
"""Images below which a GAN soon memorizes them."""
UNEQUAL = 10
"""Times that a class may be as large as another."""

LEFT_OUT: Mapping[str, str] = {
    "not an image": "left out: its suffix is that of an image, its content is not",
    "corrupt": "left out: it cannot be decoded",
    "truncated": "left out: the file ends too early",
    "huge": f"left out: more than {LARGEST:,} pixels, or more than memory holds",
    "unreadable": "left out: the file cannot be opened",
    "unknown range": "left out: floats or 32 bits, whose black and white are unknown",
    "other suffix": f"not read: suffixes that are read are {' '.join(sorted(SUFFIXES))}",
    "other folder": "not read: folders of programs, without permission, or linked twice",
}
KEPT: Mapping[str, str] = {
    "animated": "kept: its first frame or page",
    "CMYK": "kept: converted to RGB, without its color profile",
    "16-bit": "kept: converted to 8 bits",
    "palette": "kept: its colors looked up",
    "alpha": "kept: put on white",
    "EXIF-rotated": "kept: turned upright",
    "tiny": "kept: enlarged to the model's size, so it is blurred",
    "non-square": "kept: scaled until it covers the model's size, and cropped to its center",
    "duplicate": "kept: the same pixels as another file, seen as often as it is there",
    "nearly duplicate": "kept: looks like another file, by hashes that may be mistaken",
    "unequal classes": "kept: rare in training, and learned worse",
    "too few images": f"kept: a GAN soon memorizes fewer than {FEW:,}; train with `--augment ada`,"
    " or `--init` with trained weights; `ganzoo recommend` names presets and weights",
}


@dataclass(frozen=True)
class Finding:
    """Files that have one property."""

    kind: str
    """A key of `LEFT_OUT` or `KEPT`."""
    effect: str
    """Treatment by ganzoo."""
    files: tuple[str, ...]
    """Relative to the folder; of duplicates all but the first of each group; of unequal classes
    the small ones."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Groups of equal files, for duplicates."""


@dataclass(frozen=True)
class Report:
    """Result of `check`."""

    folder: str
    files: int
    """With the suffix of an image."""
    readable: int
    """Images that a training would use."""
    classes: Mapping[str, int]
    """Readable images of each class; empty if the folders are no classes."""
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    """Splits, labels and ranges that are assumed, and what was not looked for."""


@dataclass(frozen=True)
class _Look:
    """Facts about one file."""

    kinds: frozenset[str]
    digest: bytes = b""
    fingerprint: bytes = b""
    highest: int = 0


def check(
    folder: str | Path,
    size: int = SMALL,
    split: str = "train",
    near: bool | None = None,
    values: ValueRange | None = None,
) -> Report:
    """Read every file of a folder, as a training would, and keep no pixels.

    Args:
        folder: as in ``folder:PATH``; a ZIP archive is unpacked.
        size: of the model; images that are smaller on a side are called tiny.
        split: ``train`` or ``test``, where the folder has both.
        near: look for near duplicates; left out, if imagehash is installed.
        values: black and white; left out, found in the 16-bit images of the folder.

    Raises:
        DataError: no such folder, or no image in it.
    """
    stated = user_path(folder)
    folder = unpacked(stated)
    near = near_duplicates.is_available() if near is None else near
    listing = list_images(folder, f"folder:{folder}", split)
    files, values = listing.files, values or find_range(listing.files)
    with strict_and_quiet():
        looks = in_parallel(lambda file: _look(file, size, values, near), files, "reading images")
    good = [index for index, look in enumerate(looks) if look.digest]
    names = [str(file.relative_to(folder)) for file in files]
    labels = find_labels(listing, [files[i] for i in good], folder, None, f"folder:{folder}")
    counts = Counter(labels.numbers)
    classes = {labels.classes[number]: counts[number] for number in sorted(counts)}
    kinds = {
        kind: [n for n, look in zip(names, looks, strict=True) if kind in look.kinds]
        for kind in (*LEFT_OUT, *KEPT)
    }
    kinds["other suffix"] = [str(file.relative_to(folder)) for file in listing.others]
    kinds["other folder"] = [str(file.relative_to(folder)) for file in listing.passed]
    kinds["unequal classes"] = _small(classes)
    findings = [_finding(kind, found) for kind, found in kinds.items() if found]
    findings += _duplicates([names[index] for index in good], [looks[index] for index in good])
    if 0 < len(good) < FEW:
        findings.append(_finding("too few images", []))
    order = [*LEFT_OUT, *KEPT]
    findings.sort(key=lambda finding: order.index(finding.kind))
    notes = [*listing.notes, *labels.notes]
    if labels.absent and not labels.notes:
        notes.append(f"no labels: {labels.absent}")
    if note := range_note(values):
        notes.append(note)
    highest = max((looks[index].highest for index in good), default=0)
    notes += dark_note(highest)
    if not near:
        notes.append(f"near duplicates were not looked for: {near_duplicates.INSTALL}")
    return Report(str(stated), len(files), len(good), classes, tuple(findings), tuple(notes))


def _look(file: Path, size: int, values: ValueRange, near: bool) -> _Look:
    try:
        picture = read(file, values)
    except UnreadableError as error:
        return _Look(frozenset([error.fault]))
    kinds, image = set(picture.traits), picture.image.convert("RGB")
    if min(image.size) < size:
        kinds.add("tiny")
    if image.width != image.height:
        kinds.add("non-square")
    digest = blake2b(str(image.size).encode(), digest_size=16)
    digest.update(image.tobytes())
    fingerprint = near_duplicates.fingerprint(image) if near else b""
    return _Look(frozenset(kinds), digest.digest(), fingerprint, max(image.tobytes()))


def _finding(kind: str, files: Sequence[str]) -> Finding:
    return Finding(kind, {**LEFT_OUT, **KEPT}[kind], tuple(files))


def _small(classes: Mapping[str, int]) -> list[str]:
    """Classes that are a small part of the largest one."""
    most = max(classes.values(), default=0)
    return sorted(name for name, count in classes.items() if count * UNEQUAL <= most)


def _duplicates(names: Sequence[str], looks: Sequence[_Look]) -> list[Finding]:
    """Readable images of the same pixels, and of different ones that look the same."""
    same: dict[bytes, list[int]] = {}
    for index, look in enumerate(looks):
        same.setdefault(look.digest, []).append(index)
    unique = [group[0] for group in same.values()]
    hashes = [looks[index].fingerprint for index in unique if looks[index].fingerprint]
    alike = near_duplicates.group_near_duplicates(hashes)
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

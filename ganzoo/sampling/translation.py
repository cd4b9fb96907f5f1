"""Translations of image files, one file each: any sizes, names kept, resumed where they ended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from ganzoo.data.folders import log_notes
from ganzoo.data.images.decode import strict_and_quiet
from ganzoo.data.images.faults import UnreadableError
from ganzoo.errors import ConfigError, DataError, RunError
from ganzoo.gan import GAN
from ganzoo.runtime import tensor_files
from ganzoo.runtime.progress import progress_bar
from ganzoo.runtime.text import first_items, printable
from ganzoo.sampling.inputs import SourceFiles, read_mask, source_shape
from ganzoo.sampling.pictures import Picture, read_picture, read_text, write_picture
from ganzoo.sampling.writers import file_suffix, warn_not_finite

ROWS = 64
"""Files of one size that are translated together, at most."""
PIXELS = 2**20
"""Pixels of the files that are translated together, unless one alone has more."""


@dataclass(frozen=True)
class _Job:
    """One file to translate."""

    index: int
    """Place among all files: the sample's place in the seed."""
    source: Path
    mask: Path | None
    target: Path
    text: str
    """Everything that the translation is made from."""


def takes_any_size(gan: GAN) -> bool:
    """True if the model translates images of any size to images."""
    return gan.sample_spec.kind == "images" and None in source_shape(gan)


def translate(
    gan: GAN,
    sources: SourceFiles,
    out: Path | None = None,
    *,
    seed: int = 0,
    given: Mapping[str, Tensor | int | float] | None = None,
    masks: Sequence[Path] = (),
    facts: Sequence[str] = (),
) -> str:
    """Translate image files.

    Args:
        gan: the model.
        sources: the files.
        out: a folder, where the translations get the names of their sources; ``*.png`` for one.
            Translations in it that were made by the same model, seed and inputs from the same
            sources are kept. Left out, ``samples.png`` or the folder ``samples``.
        seed: of what the model draws.
        given: further inputs.
        masks: the mask of each file, as an image of its size; left out, none.
        facts: what else the translations depend on, e.g. the precision.

    Returns:
        The files that were written, in words.

    Raises:
        ConfigError: several sources for one file, or a translation that would replace its source.
        DataError: no source can be read.
        RunError: a translation cannot be written.
    """
    out = out or Path("samples" if len(sources.files) > 1 else "samples.png")
    jobs = _jobs(gan, sources, masks, out, seed, given or {}, facts)
    waiting = [job for job in jobs if not _is_done(job)]
    try:
        left_out = _translate(gan, waiting, len(jobs), seed, given or {})
    except OSError as error:
        raise RunError(f"cannot write {out}: {error.strerror or error}") from error
    note = [f"{len(left_out)} left out; {first_items(left_out)}"] if left_out else []
    log_notes(sources.title, [*sources.notes, *note])
    if len(left_out) == len(jobs):
        raise DataError(f"--source {sources.title}: no image can be read; {left_out[0]}")
    kept = len(jobs) - len(waiting)
    text = str(jobs[0].target) if len(jobs) == 1 else f"{jobs[0].target} to {jobs[-1].target}"
    return f"{text} ({kept} of {len(jobs)} were there)" if kept else text


def _jobs(
    gan: GAN,
    sources: SourceFiles,
    masks: Sequence[Path],
    out: Path,
    seed: int,
    given: Mapping[str, Tensor | int | float],
    facts: Sequence[str],
) -> list[_Job]:
    """The work for each file."""
    wanted = file_suffix(out)
    if wanted and (wanted != ".png" or len(sources.files) > 1):
        count = len(sources.files)
        advice = "images of any size go to a folder each with its name, or one to a .png"
        raise ConfigError(f"{out}: {count} image{'s' * (count > 1)}; {advice}: -o FOLDER")
    targets = [out] if wanted else [out / f"{name}.png" for name in sources.names]
    inputs = {target.resolve() for target in targets} & {each.resolve() for each in sources.files}
    if inputs:
        raise ConfigError(f"{min(inputs)} would replace its source: write to another folder")
    common = [
        fingerprint(gan),
        *facts,
        *(f"{k}={short_value(v)}" for k, v in sorted(given.items())),
    ]
    if draws := bool(gan.prior_rows(1, 0)):
        common.append(f"seed {seed}")
    jobs = []
    for index, (source, target) in enumerate(zip(sources.files, targets, strict=True)):
        size = source.stat().st_size if source.exists() else 0
        mask = masks[index] if masks else None
        own = [*common, *([f"sample {index}"] if draws else []), f"{source.name} of {size} bytes"]
        if mask:
            own.append(f"mask {mask.name} of {mask.stat().st_size} bytes")
        text = ", ".join(own).encode("ascii", "backslashreplace").decode()
        jobs.append(_Job(index, source, mask, target, printable(text)))
    return jobs


def _is_done(job: _Job) -> bool:
    """True if the translation is there, is newer than its source and was made from the same."""
    try:
        made = job.target.stat().st_mtime
        newer = all(made >= each.stat().st_mtime for each in (job.source, job.mask) if each)
    except OSError:
        return False
    return newer and read_text(job.target) == job.text


def _translate(
    gan: GAN,
    jobs: Sequence[_Job],
    count: int,
    seed: int,
    given: Mapping[str, Tensor | int | float],
) -> list[str]:
    """Translate files in groups of one size, and write them; the reasons why some are left out."""
    left_out: list[str] = []
    done = count - len(jobs)
    with progress_bar("images", count) as update:
        update(done, "")
        for group in _groups(jobs, source_shape(gan)[0] or 3, left_out):
            pictures = [picture for _, picture in group]
            rows = torch.stack([picture.color for picture in pictures])
            holes = [picture.mask for picture in pictures if picture.mask is not None]
            extra = {"mask": torch.stack(holes)} if holes else {}
            first = group[0][0].index
            samples = gan.samples(
                count,
                seed=seed,
                given={**given, **extra, "source": rows},
                span=(first, first + len(rows)),
            )
            made = torch.cat(list(warn_not_finite(samples))).cpu()
            for (job, picture), sample in zip(group, made, strict=True):
                write_picture(sample, picture, job.target, job.text)
                done += 1
                update(done, job.source.name)
    return left_out


def _groups(
    jobs: Sequence[_Job], channels: int, left_out: list[str]
) -> Iterator[list[tuple[_Job, Picture]]]:
    """Files that follow each other and have one size; unreadable ones are left out, with a note."""
    group: list[tuple[_Job, Picture]] = []
    for job in jobs:
        try:
            with strict_and_quiet():
                picture = _with_mask(read_picture(job.source, channels), job.mask)
        except UnreadableError as error:
            left_out.append(f"{printable(job.source.name)}: {error}")
            continue
        if group and not _belongs(group, job, picture):
            yield group
            group = []
        group.append((job, picture))
    if group:
        yield group


def _with_mask(picture: Picture, mask: Path | None) -> Picture:
    """A picture with its mask, if there is one.

    Raises:
        UnreadableError: the mask cannot be read, or has another size.
    """
    if mask is None:
        return picture
    try:
        hole = read_mask(mask, (None, None))
    except UnreadableError as error:
        raise UnreadableError("unreadable", f"its mask {mask}: {error}") from None
    (height, width), (own_height, own_width) = hole.shape[1:], picture.color.shape[1:]
    if (height, width) != (own_height, own_width):
        sizes = f"its mask has {width} x {height} pixels, the image {own_width} x {own_height}"
        raise UnreadableError("unreadable", sizes)
    return replace(picture, mask=hole)


def _belongs(group: Sequence[tuple[_Job, Picture]], job: _Job, picture: Picture) -> bool:
    """True if a file can be translated together with a group."""
    last, other = group[-1]
    size = picture.color[0].numel()
    return (
        picture.color.shape == other.color.shape
        and job.index == last.index + 1
        and len(group) < ROWS
        and (len(group) + 1) * size <= PIXELS
    )


def fingerprint(gan: GAN) -> str:
    """Name of the model's class and a hash of its config and generator."""
    own = f"{gan.config}{tensor_files.tensors_sha256(gan.generator.state_dict())}"
    return f"{type(gan).__name__} {hashlib.sha256(own.encode()).hexdigest()[:16]}"


def short_value(value: Tensor | int | float) -> str:
    """An input in a few characters."""
    if not isinstance(value, Tensor):
        return str(value)
    content = value.cpu().contiguous().flatten().view(torch.uint8).numpy()
    return hashlib.sha256(content.data).hexdigest()[:16]

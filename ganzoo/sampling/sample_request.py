"""A request for samples, as a user states it: which inputs, how many, and where to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ganzoo.errors import UsageError
from ganzoo.gan import GAN
from ganzoo.gan.latent_space import LatentSpace
from ganzoo.sampling import inputs, recordings, translation, writers
from ganzoo.sampling.walks import Walk, read_latents, write_walk


@dataclass(frozen=True)
class Request:
    """Samples to make."""

    n: int | None = None
    """Number; None: 64, or 8 for each of several labels, or one for each source."""
    out: Path | None = None
    """A file or folder; None: ``samples`` with the suffix that fits."""
    seed: int = 0
    source: str | None = None
    """A file, a folder or data to translate."""
    mask: Path | None = None
    """Image whose white area is filled in, or a folder with one for each source."""
    numbers: tuple[str, ...] = ()
    """Further inputs, ``NAME=VALUE``."""
    labels: tuple[int, ...] = ()
    """Classes; of several, n samples of each are made, in this order."""
    truncation: float | None = None
    tile: int | None = None
    """Edge of the tiles of large sources, in pixels."""
    latents: Path | None = None
    """File of latents: w where the model has it, else z."""
    walk: Walk | None = None
    sheet: bool = False
    """Write one sheet of images."""


EACH = 8
"""Samples of each of several labels, unless a number is given."""


@dataclass(frozen=True)
class Written:
    """Samples that were written."""

    count: int
    files: str
    """The files in words."""
    original: tuple[int, ...] = ()
    """(C, H, W) of most sources before they were scaled; empty if they were not scaled."""


def _named_numbers(gan: GAN, request: Request) -> dict[str, float]:
    """Inputs that have an option of their own.

    Raises:
        UsageError: the model takes none.
    """
    names = [each.name for each in gan.inputs]
    found: dict[str, float] = {}
    for name, value in (("truncation", request.truncation), ("tile", request.tile)):
        if value is None:
            continue
        if name not in names:
            takes = ", ".join(names) or "no inputs"
            raise UsageError(f"--{name}: this model takes none; it takes {takes}")
        found[name] = value
    return found


def _label(request: Request) -> dict[str, Tensor | int | float]:
    """The label as an input, where there is one for all samples.

    Raises:
        UsageError: several labels, where samples are made from something else.
    """
    if len(request.labels) < 2:
        return {"label": request.labels[0]} if request.labels else {}
    if request.walk or request.source is not None:
        raise UsageError(
            "--label: several labels go with neither --source, --interpolate nor --direction;"
            " give one label"
        )
    return {}


def fulfill(gan: GAN, request: Request, *facts: str) -> Written:
    """Make samples and write them.

    Args:
        gan: the model.
        request: what is asked for.
        facts: what else the samples depend on, e.g. the precision.

    Raises:
        UsageError, ConfigError, DataError, RunError: inputs or files that do not do.
    """
    label = _label(request)
    given = {**label, **inputs.numbers(request.numbers), **_named_numbers(gan, request)}
    n, seed = request.n, request.seed
    if request.sheet and request.out and writers.file_suffix(request.out) != ".png":
        raise UsageError(f"--grid writes one sheet, .png, not {request.out}")
    if request.walk:
        count, walked = write_walk(
            *(gan, request.walk, request.out),
            n=n,
            seed=seed,
            latents=request.latents,
            given=given,
            sheet=request.sheet,
        )
        return Written(count, walked)
    if request.latents is not None:
        space = LatentSpace(gan, seed, label)
        rows = space.points(read_latents("--latents", request.latents))[:n]
        given, n = {**space.inputs(rows), **given}, len(rows)
    names: list[str] = []
    sources: inputs.SourceFiles | None = None
    original: tuple[int, ...] = ()
    if request.source is not None:
        files = inputs.source_files(gan, request.source, n)
        if files is not None and translation.takes_any_size(gan):
            n = len(files.files)
            return Written(n, _translated(gan, request, files, given, facts))
        if files is not None and recordings.takes_any_length(gan):
            made = recordings.translate(gan, files, request.out, seed=seed, given=given)
            return Written(len(files.files), made)
        rows, names, original, sources = inputs.sources(gan, request.source, n, seed)
        given["source"], n = rows, len(rows)
    columns = None
    if request.labels[1:]:
        columns = n = n or EACH
        given, n = _for_each_label(given, request.labels, n)
    n = n or 64
    if request.mask is not None:
        given["mask"] = inputs.mask(gan, request.mask, n, sources)
    path = request.out or Path(f"samples{writers.suffix(gan)}")
    files_made = writers.write(gan, n, path, seed=seed, given=given, names=names, columns=columns)
    return Written(n, files_made, original)


def _translated(
    gan: GAN,
    request: Request,
    files: inputs.SourceFiles,
    given: Mapping[str, Tensor | int | float],
    facts: Sequence[str],
) -> str:
    """Translations of images of any size; one mask serves all, a folder has one for each."""
    masks: list[Path] = []
    if request.mask is not None and request.mask.is_dir():
        inputs.check_mask(gan)
        masks = inputs.mask_files(request.mask, files)
    elif request.mask is not None:
        mask = inputs.mask(gan, request.mask, len(files.files), size=(None, None))
        given = {**given, "mask": mask}
    return translation.translate(
        *(gan, files, request.out), seed=request.seed, given=given, masks=masks, facts=facts
    )


def _for_each_label(
    given: Mapping[str, Tensor | int | float], labels: tuple[int, ...], n: int
) -> tuple[dict[str, Tensor | int | float], int]:
    """Inputs of n samples of each label, and their number; n rows of an input serve each label."""
    repeated = {
        name: value.repeat(len(labels), *[1] * (value.ndim - 1))
        if isinstance(value, Tensor) and value.ndim and len(value) == n
        else value
        for name, value in given.items()
    }
    rows = torch.tensor(labels).repeat_interleave(n)
    return {**repeated, "label": rows}, len(rows)

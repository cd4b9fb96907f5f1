"""A request for samples, as a user states it: which inputs, how many, and where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
    """Number; None: 64, or one for each source."""
    out: Path | None = None
    """A file or folder; None: ``samples`` with the suffix that fits."""
    seed: int = 0
    source: str | None = None
    """A file, a folder or data to translate."""
    mask: Path | None = None
    """Image whose white area is filled in."""
    numbers: tuple[str, ...] = ()
    """Further inputs, ``NAME=VALUE``."""
    given: Mapping[str, Tensor | int | float] = field(default_factory=dict)
    """Inputs that are known already."""
    truncation: float | None = None
    latents: Path | None = None
    """File of latents: w where the model has it, else z."""
    walk: Walk | None = None
    sheet: bool = False
    """Write one sheet of images."""


@dataclass(frozen=True)
class Written:
    """Samples that were written."""

    count: int
    files: str
    """The files in words."""
    original: tuple[int, ...] = ()
    """(C, H, W) of most sources before they were scaled; empty if they were not scaled."""


def _truncation(gan: GAN, request: Request) -> dict[str, float]:
    """The truncation as an input.

    Raises:
        UsageError: the model takes none.
    """
    if request.truncation is None:
        return {}
    names = [each.name for each in gan.inputs]
    if "truncation" not in names:
        takes = ", ".join(names) or "no inputs"
        raise UsageError(f"--truncation: this model takes none; it takes {takes}")
    return {"truncation": request.truncation}


def fulfill(gan: GAN, request: Request, *facts: str) -> Written:
    """Make samples and write them.

    Args:
        gan: the model.
        request: what is asked for.
        facts: what else the samples depend on, e.g. the precision.

    Raises:
        UsageError, ConfigError, DataError, RunError: inputs or files that do not do.
    """
    given = {**request.given, **inputs.numbers(request.numbers), **_truncation(gan, request)}
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
        space = LatentSpace(gan, seed, request.given)
        rows = space.points(read_latents("--latents", request.latents))[:n]
        given, n = {**space.inputs(rows), **given}, len(rows)
    names: list[str] = []
    original: tuple[int, ...] = ()
    if request.source is not None:
        files = inputs.source_files(gan, request.source, n)
        if files is not None and translation.takes_any_size(gan):
            n = len(files.files)
            if request.mask is not None:
                given["mask"] = inputs.mask(gan, request.mask, n)
            made = translation.translate(
                gan, files, request.out, seed=seed, given=given, facts=facts
            )
            return Written(n, made)
        if files is not None and recordings.takes_any_length(gan):
            made = recordings.translate(gan, files, request.out, seed=seed, given=given)
            return Written(len(files.files), made)
        rows, names, original = inputs.sources(gan, request.source, n, seed)
        given["source"], n = rows, len(rows)
    n = n or 64
    if request.mask is not None:
        given["mask"] = inputs.mask(gan, request.mask, n)
    path = request.out or Path(f"samples{writers.suffix(gan)}")
    files_made = writers.write(gan, n, path, seed=seed, given=given, names=names)
    return Written(n, files_made, original)

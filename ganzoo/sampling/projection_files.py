"""Projection of image files: names kept, resumed where it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path

import numpy as np
import torch
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from ganzoo.data.dataset import as_float
from ganzoo.data.folders import log_notes
from ganzoo.data.images.image_folder import list_images, read_all
from ganzoo.errors import ConfigError, DataError, RunError
from ganzoo.gan import GAN
from ganzoo.gan.latent_space import LatentSpace
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.progress import Update, progress_bar, say
from ganzoo.runtime.text import first_items, printable
from ganzoo.sampling import animation, grids, noise_maps
from ganzoo.sampling.image_distance import ImageDistance, find_distance, peak_signal_to_noise
from ganzoo.sampling.image_projection import Projection, project
from ganzoo.sampling.pictures import KEY, read_text
from ganzoo.sampling.translation import fingerprint, short_value

FRAMES = 100
"""Frames of a video, about."""


@dataclass(frozen=True)
class ProjectionRequest:
    """Images to project, as a user states it."""

    images: tuple[Path, ...]
    """Files, and folders of files."""
    out: Path
    """Folder of the results."""
    steps: int = 1000
    plus: bool = False
    seed: int = 0
    video: str = ""
    """Suffix of videos, without dot; empty: none."""
    batch: int = 8
    """Images at once; fewer if they do not fit in memory."""
    given: Mapping[str, int] | None = None
    """Inputs that are fixed, e.g. the label."""
    noise: bool = False
    """Also fit the noise maps of layers."""


@dataclass(frozen=True)
class ImageResult:
    """The result of one image."""

    name: str
    decibels: float
    """PSNR of the sample; NaN if the result was there already."""
    label: int | None = None
    """Label of the sample, where the model takes one beside its latents."""


@dataclass(frozen=True, eq=False)
class _Job:
    """One image to project."""

    name: str
    image: Tensor
    """Float, (C, H, W), in [-1, 1]."""
    text: str
    """Everything that the result is made from."""


def project_files(gan: GAN, request: ProjectionRequest) -> list[ImageResult]:
    """Project images, and write NAME.npy, NAME.png beside the original, and NAME.gif or the like.

    Results that were made from the same image with the same model and options are kept.

    Raises:
        ConfigError: the model has no latents or makes no images, or two images have one name.
        DataError: no image can be read.
        RunError: a result cannot be written.
    """
    _check(gan, request)
    distance = find_distance(gan.device)
    jobs = _jobs(gan, request, distance)
    waiting = [job for job in jobs if not _is_done(job, request)]
    found = {job.name: ImageResult(job.name, nan) for job in jobs if job not in waiting}
    if waiting:
        say(f"distance: {distance.name}")
    size = 1 if request.noise else request.batch
    with progress_bar("projection", request.steps * len(jobs), unit="steps") as update:
        update(request.steps * len(found))
        while waiting:
            group = waiting[:size]
            try:
                made = _project(gan, group, distance, request, len(found), update)
            except RuntimeError as error:  # the CPU has no class of its own for it
                if "memory" not in str(error) or len(group) == 1:
                    raise
                size = len(group) // 2
                say(f"{len(group)} images at once do not fit in memory: trying {size}")
                continue
            found.update({each.name: each for each in made})
            waiting = waiting[len(group) :]
    return [found[job.name] for job in jobs]


def _check(gan: GAN, request: ProjectionRequest) -> None:
    space = LatentSpace(gan, given=request.given)
    if gan.sample_spec.kind != "images":
        raise ConfigError(f"this model makes {gan.sample_spec.kind}, so it projects no images")
    if request.plus and not space.layers:
        raise ConfigError("--plus: this model has no w, so no w for each layer; leave it out")
    if request.noise and not gan.noise_maps:
        raise ConfigError("--noise: the layers of this model have no noise maps; leave it out")
    if request.video:
        animation.check_suffix(Path(f"video.{request.video}"))


def _jobs(gan: GAN, request: ProjectionRequest, distance: ImageDistance) -> list[_Job]:
    """The work for each readable image; the others are named in one line."""
    files: list[Path] = []
    for path in request.images:
        if path.is_dir():
            listing = list_images(path, f"folder:{path}")
            log_notes(f"folder:{path}", listing.remarks())
            files += listing.files
        else:
            files.append(path)
    if missing := [printable(file) for file in files if not file.exists()]:
        raise DataError(f"no such image: {first_items(missing, separator=', ')}")
    title = str(request.images[0]) if len(request.images) == 1 else "images"
    images = read_all(files, gan.sample_spec.fixed_shape, title)
    log_notes(title, images.notes)
    names = [files[index].stem for index in images.good]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise ConfigError(f"two images have the name {printable(twice[0])}: project them apart")
    given = [f"{name}={value}" for name, value in (request.given or {}).items()]
    common = [fingerprint(gan), distance.name, f"{request.steps} steps", f"seed {request.seed}"]
    common += [*given, *["W+"] * request.plus, *["noise"] * request.noise]
    return [
        _Job(name, image, ", ".join([*common, f"image {short_value(image)}"]))
        for name, image in zip(names, as_float(images.rows), strict=True)
    ]


def _is_done(job: _Job, request: ProjectionRequest) -> bool:
    """True if the results are there and were made from the same."""
    suffixes = ["npy", *[request.video] * bool(request.video)]
    there = all((request.out / f"{job.name}.{suffix}").exists() for suffix in suffixes)
    return there and read_text(request.out / f"{job.name}.png") == job.text


def _project(
    gan: GAN,
    jobs: Sequence[_Job],
    distance: ImageDistance,
    request: ProjectionRequest,
    done: int,
    update: Update,
) -> list[ImageResult]:
    """Project images in one batch, and write the results."""
    target = torch.stack([job.image for job in jobs])
    found = project(
        *(gan, target, distance),
        steps=request.steps,
        plus=request.plus,
        seed=request.seed,
        given=request.given,
        noise=request.noise,
        frames=FRAMES if request.video else 0,
        update=lambda step, mean: update(
            request.steps * done + step * len(jobs), f"distance {mean:.4f}"
        ),
    )
    with noise_maps.replaced(gan, found.noise):
        samples = torch.cat(list(gan.samples(given=found.inputs))).cpu()
    decibels = peak_signal_to_noise(samples, target)
    results = []
    for index, job in enumerate(jobs):
        own = Projection(
            found.latents[index : index + 1],
            {name: row[index : index + 1] for name, row in found.inputs.items()},
            tuple(latents[index : index + 1] for latents in found.trace),
            found.noise,
        )
        try:
            _write(gan, job, own, samples[index], request)
        except OSError as error:
            reason = error.strerror or error
            raise RunError(f"cannot write {request.out}: {reason}") from error
        label = int(own.inputs["label"]) if "label" in own.inputs else None
        results.append(ImageResult(job.name, decibels[index], label))
    return results


def _write(
    gan: GAN, job: _Job, found: Projection, sample: Tensor, request: ProjectionRequest
) -> None:
    """Write the results of one image, last the picture: it says what they are made from."""
    path = request.out / f"{job.name}.npy"
    with atomic_write(path) as temporary, open(temporary, "wb") as file:
        np.save(file, found.latents.numpy())
    if found.noise:
        maps = {name: value.cpu().numpy() for name, value in found.noise.items()}
        with (
            atomic_write(path.with_suffix(".noise.npz")) as temporary,
            open(temporary, "wb") as file,
        ):
            np.savez(file, **maps)  # type: ignore[arg-type] # names of arrays, not options
    if request.video:
        name = "w" if "w" in found.inputs else "latent"
        way = {**found.inputs, name: torch.cat(found.trace)}
        if "label" in way:
            way["label"] = way["label"].expand(len(found.trace))
        with noise_maps.replaced(gan, found.noise):
            made = torch.cat(list(gan.samples(given=way))).cpu()
        frames = (animation.frame(torch.stack([job.image, each])) for each in made)
        animation.save_animation(frames, path.with_suffix(f".{request.video}"))
    note = PngInfo()
    note.add_text(KEY, job.text)
    with atomic_write(path.with_suffix(".png")) as temporary:
        grids.grid(torch.stack([job.image, sample]), 2).save(temporary, "PNG", pnginfo=note)

"""``ganzoo project``."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli.choices import Video
from ganzoo.cli.options import Device, Label, NewFolder, Seed, TrainedModel
from ganzoo.cli.typer_app import app
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.text import counted


@app.command()
def project(
    model: TrainedModel,
    images: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGE...", parser=user_path, help="Images, or folders of images."),
    ],
    out: NewFolder,
    steps: Annotated[int, typer.Option(min=1, help="Steps of the search.")] = 1000,
    plus: Annotated[
        bool, typer.Option("--plus", help="Search in W+: a w for each layer of the generator.")
    ] = False,
    noise: Annotated[
        bool, typer.Option("--noise", help="Also fit the noise of layers, to NAME.noise.npz.")
    ] = False,
    seed: Seed = 0,
    label: Label = None,
    video: Annotated[Video | None, typer.Option(help="Also write a video of the search.")] = None,
    batch: Annotated[int, typer.Option(min=1, help="Images at once, at most.")] = 8,
    device: Device = "auto",
) -> None:
    """Find latents whose samples look like given images.

    Writes NAME.npy, which `ganzoo sample --latents` reads, and NAME.png, the image beside its
    projection. If the command is stopped, the same command resumes it: finished images are kept.

    \b
    ganzoo project MODEL photo.png -o latents
    ganzoo project local-dir:runs/MODEL photos -o latents --plus --video mp4
    ganzoo project MODEL photo.png -o latents --noise
    ganzoo sample MODEL --latents latents/photo.npy
    """  # noqa: D301
    keep_freed_memory()
    from ganzoo import hub
    from ganzoo.sampling.projection_files import ProjectionRequest, project_files

    trained = hub.open_model(model)
    gan = trained.load(device=device)
    given = None if label is None else {"label": trained.run.label(label)}
    request = ProjectionRequest(
        *(tuple(images), out, steps, plus, seed, video.value if video else "", batch, given),
        noise=noise,
    )
    done = project_files(gan, request)
    for each in done:
        of = "" if each.label is None else f", label {trained.run.class_name(each.label)}"
        if not isnan(each.decibels):
            print(f"{each.name}: PSNR {each.decibels:.1f} dB{of}")
    kept = sum(isnan(each.decibels) for each in done)
    there = f" ({kept} of {len(done)} were there)" if kept else ""
    print(f"{counted(len(done), 'image')} found in {model}: {out}{there}")

"""``ganzoo sample``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo import registry
from ganzoo.cli.choices import Curve, Method, Precision
from ganzoo.cli.options import Compile, Device, Seed, TrainedModel
from ganzoo.cli.typer_app import app
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.text import counted, first_items

if TYPE_CHECKING:
    from ganzoo import hub
    from ganzoo.sampling.walks import Walk

Number = Annotated[
    int | None,
    typer.Option(
        "-n", "--number", min=1, help="Number of samples. [default: 64, or one for each source]"
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(
        "--label",
        metavar="LABEL[,LABEL...]",
        help="Classes, by number or name. With several, -n samples of each, in order, a row of the"
        " grid each. [default of -n then: 8]",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        parser=user_path,
        metavar="PATH",
        help="grid.png, .wav, .txt, array.npy, or a folder. [default: samples.* or samples]",
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--source", help="Input to translate or repair: image, recording, folder or data set."
    ),
]
Mask = Annotated[
    Path | None,
    typer.Option(
        "--mask",
        parser=user_path,
        metavar="PATH",
        help="Image whose white area is filled in, or a folder with one for each source, by name.",
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input", metavar="NAME=VALUE", help="Further input of the model, e.g. truncation=0.7."
    ),
]

Truncation = Annotated[
    float | None,
    typer.Option(help="Distance from the mean latent: 1 changes nothing, 0.7 is more typical."),
]
Tile = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Edge of the tiles of large images, in pixels of the source. [default: by the free"
        " memory]",
    ),
]
Latents = Annotated[
    Path | None,
    typer.Option(
        "--latents",
        parser=user_path,
        metavar="FILE.npy",
        help="Samples of these latents: w where the model has it, else z.",
    ),
]
Interpolate = Annotated[
    str,
    typer.Option(
        metavar="SEEDS", help="Walk through seeds, e.g. 1,5,9, or through latents, FILE.npy."
    ),
]
Steps = Annotated[
    int | None,
    typer.Option(min=1, help="Images from one seed to the next, or along a direction."),
]
Direction = Annotated[
    int | None,
    typer.Option(min=0, help="Move samples along a direction, by number; 0 is the strongest."),
]
Strength = Annotated[
    str, typer.Option(metavar="A..B", help="Standard deviations to move along the direction.")
]

How = Annotated[
    Curve | None, typer.Option(help="Curve of the walk. [default: linear in w, slerp in z]")
]
Raw = Annotated[bool, typer.Option(help="Use the last weights of a run, not their average.")]


@app.command()
def sample(
    model: TrainedModel,
    n: Number = None,
    out: Out = None,
    seed: Seed = 0,
    label: Labels = None,
    source: Source = None,
    mask: Mask = None,
    truncation: Truncation = None,
    tile: Tile = None,
    latents: Latents = None,
    interpolate: Interpolate = "",
    steps: Steps = None,
    how: How = None,
    direction: Direction = None,
    strength: Strength = "-3..3",
    method: Annotated[Method, typer.Option(help="Kind of directions.")] = Method.pca,
    grid: Annotated[bool, typer.Option("--grid", help="Write one sheet, also of a walk.")] = False,
    inputs: Inputs = None,
    raw: Raw = False,
    device: Device = "auto",
    precision: Annotated[Precision, typer.Option(help="Number format.")] = Precision.fp32,
    compile_it: Compile = False,
) -> None:
    """Generate samples; the same seed gives the same samples.

    \b
    ganzoo sample MODEL -n 64 -o grid.png --seed 0
    ganzoo sample local-dir:runs/MODEL -n 50000 -o samples --precision auto
    ganzoo sample local-dir:runs/MODEL --label 3,7,cat -n 8  8 of each
    ganzoo sample MODEL --source PATH -o translated   every image of a folder
    ganzoo sample MODEL --source PHOTO.jpg --tile 256   less memory
    ganzoo sample MODEL --interpolate 1,5,9 -o walk.mp4  or .gif, .webp
    ganzoo sample MODEL --direction 0 --strength=-3..3 -n 4 -o direction.png
    ganzoo sample MODEL --latents latents/NAME.npy --truncation 0.7

    Images of a folder keep their names. If the command is stopped, the same command resumes it.
    """  # noqa: D301
    keep_freed_memory()
    from ganzoo import hub
    from ganzoo.sampling import sample_request
    from ganzoo.training import ComputeConfig

    compute = ComputeConfig(precision.value, compile_it)
    trained = hub.open_model(model)
    gan = trained.load(device=device, raw=raw)
    labels = () if label is None else trained.run.labels(label)
    walk = _walk(interpolate, direction, method, strength, steps, how)
    request = sample_request.Request(
        *(n, out, seed, source, mask, tuple(inputs or ()), labels, truncation, tile),
        *(latents, walk, grid),
    )
    with compute.sampling(gan):
        written = sample_request.fulfill(gan, request, f"precision {precision.value}")
    names = first_items(map(trained.run.class_name, labels), 3, ", ")
    of = f" of {'classes' if labels[1:] else 'class'} {names}" if labels else ""
    origin = "" if interpolate or latents else f", seed {seed}"
    print(f"{counted(written.count, 'sample')} of {model}{of}{origin}: {written.files}")
    if written.original:
        _propose(trained, gan.sample_spec.fixed_shape, written.original, str(source))


def _walk(
    points: str,
    direction: int | None,
    method: Method,
    strength: str,
    steps: int | None,
    how: Curve | None,
) -> Walk | None:
    """The walk that is asked for, if any.

    Raises:
        UsageError: an option of a walk without one.
    """
    from ganzoo.errors import UsageError
    from ganzoo.sampling.walks import Walk

    if points or direction is not None:
        return Walk(
            *(points, direction, method.value, strength, steps), how=how.value if how else None
        )
    if steps or how or strength != "-3..3" or method != Method.pca:
        raise UsageError(
            "--steps, --how, --strength and --method need --interpolate SEEDS or --direction K"
        )
    return None


def _propose(
    trained: hub.TrainedModel, shape: tuple[int, ...], original: tuple[int, ...], source: str
) -> None:
    """Name the preset whose samples are closer to the sources as they are."""
    closer = registry.closer_preset(trained.model, shape, original)
    if closer is None:
        return
    command = ["ganzoo", "sample", closer.name, "--source", source]
    if not closer.pretrained:
        command = ["ganzoo", "train", closer.name]
    print(f"{closer.image_format}: `{shlex.join(command)}`", file=sys.stderr)

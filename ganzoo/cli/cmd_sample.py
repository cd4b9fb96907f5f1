"""``ganzoo sample``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo import registry
from ganzoo.cli.choices import Precision
from ganzoo.cli.options import Compile, Device, Seed
from ganzoo.cli.typer_app import app
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.runtime.paths import user_path

if TYPE_CHECKING:
    from ganzoo import hub

Number = Annotated[
    int | None,
    typer.Option(
        "-n", "--number", min=1, help="Number of samples. [default: 64, or one for each source]"
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
        "--mask", parser=user_path, metavar="PATH", help="Image whose white area is filled in."
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input", metavar="NAME=VALUE", help="Further input of the model, e.g. truncation=0.7."
    ),
]


@app.command()
def sample(
    model: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A model with weights, or local-dir:PATH.")
    ],
    n: Number = None,
    out: Out = None,
    seed: Seed = 0,
    label: Annotated[
        str | None, typer.Option(help="Class, by number or name, for models that have classes.")
    ] = None,
    source: Source = None,
    mask: Mask = None,
    inputs: Inputs = None,
    raw: Annotated[
        bool, typer.Option(help="Use the last weights of a run, not their average.")
    ] = False,
    device: Device = "auto",
    precision: Annotated[Precision, typer.Option(help="Number format.")] = Precision.fp32,
    compile_it: Compile = False,
) -> None:
    """Generate samples; the same seed gives the same samples.

    \b
    ganzoo sample MODEL -n 64 -o grid.png --seed 0
    ganzoo sample local-dir:runs/MODEL -n 50000 -o samples --precision auto
    ganzoo sample local-dir:runs/MODEL --label cat
    ganzoo sample MODEL --source PATH -o translated   every image of a folder

    Images of a folder keep their names. If the command is stopped, the same command resumes it.
    """  # noqa: D301
    keep_freed_memory()
    from ganzoo import hub
    from ganzoo.sampling import sample_request
    from ganzoo.training import ComputeConfig

    compute = ComputeConfig(precision.value, compile_it)
    trained = hub.open_model(model)
    gan = trained.load(device=device, raw=raw)
    given = {} if label is None else {"label": trained.run.label(label)}
    request = sample_request.Request(n, out, seed, source, mask, tuple(inputs or ()), given)
    with compute.sampling(gan):
        written = sample_request.fulfill(gan, request, f"precision {precision.value}")
    of = "" if label is None else f" of class {trained.run.class_name(given['label'])}"
    print(f"{written.count} samples of {model}{of}, seed {seed}: {written.files}")
    if written.original:
        _propose(trained, gan.sample_spec.fixed_shape, written.original, str(source))


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

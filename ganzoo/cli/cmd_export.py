"""``ganzoo export``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli import completion
from ganzoo.cli.choices import ExportFormat
from ganzoo.cli.options import AcceptLicense, License
from ganzoo.cli.typer_app import app
from ganzoo.errors import ConfigError, UsageError
from ganzoo.runtime.paths import user_path

Source = Annotated[
    str,
    typer.Argument(
        help="A run or model folder, or a source as sample takes it.",
        autocompletion=completion.trained_models,
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        "-o", "--out", parser=user_path, metavar="PATH", help="The new folder, or the new file."
    ),
]
To = Annotated[
    ExportFormat,
    typer.Option("--to", help="A model folder, or a file that is used without ganzoo."),
]
Size = Annotated[
    str,
    typer.Option(
        metavar="HxW", help="Source size in the file, for models of any size. [default: 64x64]"
    ),
]


@app.command()
def export(
    source: Source,
    out: Out,
    to: To = ExportFormat.folder,
    half: Annotated[bool, typer.Option("--half", help="Weights in half precision.")] = False,
    license_id: License = "",
    size: Size = "",
    accept_license: AcceptLicense = False,
) -> None:
    """Write a model folder, or a network file for other programs.

    A folder is what push would send. A file has the generator with its decode, for any number of
    rows; it is run and compared before it is kept, and a JSON file beside it describes its inputs.

    \b
    ganzoo export runs/MODEL -o weights/PRESET
    ganzoo export runs/MODEL -o small --half
    ganzoo export MODEL --to onnx -o model.onnx
    """  # noqa: D301
    from ganzoo import hub

    path = user_path(source)
    if to is ExportFormat.folder:
        if size:
            raise UsageError("--size: a folder keeps every size; it belongs to --to onnx")
        folder = path if path.is_dir() else hub.find_folder(source, accept_license=accept_license)
        made = hub.export(folder, out, half=half, license_id=license_id)
        print(f"{made}: {(made / hub.WEIGHTS).stat().st_size:,} bytes of weights")
        return
    if half or license_id:
        raise UsageError(f"{'--half' if half else '--license'} belongs to --to folder")
    trained = hub.open_model(path if path.is_dir() else source, accept_license=accept_license)
    file = hub.export_network(trained, out, to.value, sizes=_sizes(size))
    print(f"{file.path}: {file.path.stat().st_size:,} bytes; {file.facts}: inputs and output")
    print(
        f"largest difference from the model: {file.difference:.1e} ({file.relative:.1e} relative)"
    )


def _sizes(text: str) -> tuple[int, ...]:
    if text and not re.fullmatch(r"[1-9]\d*(x[1-9]\d*)*", text):
        raise ConfigError(f"--size {text}: write height and width, e.g. --size 64x64")
    return tuple(int(part) for part in text.split("x")) if text else ()

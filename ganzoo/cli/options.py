"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli import completion
from ganzoo.errors import UsageError
from ganzoo.runtime.paths import user_path


def folder_path(text: str) -> Path:
    """A run or model folder as a user types it, with or without ``local-dir:``."""
    return user_path(text.removeprefix("local-dir:"))


AcceptLicense = Annotated[
    bool,
    typer.Option(
        "--accept-license", help="Accept the license of weights for research only; remembered."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Compile = Annotated[bool, typer.Option("--compile", help="Use torch.compile.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
Folder = Annotated[
    Path,
    typer.Argument(parser=folder_path, help="A run or model folder, PATH or local-dir:PATH."),
]
Label = Annotated[
    str | None, typer.Option(help="Class, by number or name, for models that have classes.")
]
License = Annotated[
    str,
    typer.Option(
        "--license", help="License of the weights, e.g. cc-by-4.0; default: that of the data."
    ),
]
NewFolder = Annotated[
    Path, typer.Option("-o", "--out", parser=user_path, metavar="PATH", help="The new folder.")
]
Range = Annotated[
    str,
    typer.Option(
        "--range", metavar="BLACK,WHITE", help="Values of black and white in files, e.g. 0,4095."
    ),
]
Report = Annotated[bool, typer.Option(help="Write report.html at the end.", envvar="GANZOO_REPORT")]
Samples = Annotated[int | None, typer.Option("-n", "--number", help="Number of samples.")]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; `ganzoo info` lists them."),
]
TrainedModel = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A model with weights, or local-dir:PATH.",
        autocompletion=completion.trained_models,
    ),
]


def with_range(data: str | None, stated: str, option: str = "--data") -> str | None:
    """The name of a data set with the range of --range, which is checked when it is loaded.

    Raises:
        UsageError: a range without the option that names the data.
    """
    if stated and data is None:
        raise UsageError(f"--range is the range of {option}: say {option} folder:PATH")
    return f"{data}#range={stated}" if stated else data

"""What there is to train on: data check."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo.cli.shared import AsJson, app, told
from ganzoo.errors import DataError

if TYPE_CHECKING:
    from ganzoo.data.check import Finding, Report

SHOWN = 3
"""Files that are named of each kind; --json names all."""

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(group, name="data")


@group.callback()
def about() -> None:
    """Look at images before a model does."""


@group.command("check")
@told
def check_folder(
    folder: Annotated[str, typer.Argument(help="A folder of images.")],
    size: Annotated[int, typer.Option(min=1, help="Of the model; smaller images are tiny.")] = 32,
    as_json: AsJson = False,
) -> None:
    """Read every image of a folder, and say what a training would do with it.

    Nothing is changed. The exit code is 1 if no image can be read.

    \b
    ganzoo data check PATH
    ganzoo data check PATH --size 64 --json
    """  # noqa: D301
    from dataclasses import asdict

    from ganzoo.data.check import check

    report = check(Path(folder.removeprefix("folder:")), size)
    if as_json:
        print(json.dumps(asdict(report), indent=2))
    else:
        _tell(report)
    if not report.readable:
        raise DataError(f"data folder:{report.folder}: none of {report.files} files is readable")
    if not as_json:
        print(_command(report.folder))


def _tell(report: Report) -> None:
    from ganzoo.data.image import printable

    name = printable(report.folder)
    print(f"{name}: {report.readable:,} of {report.files:,} images can be trained on")
    if report.classes:
        counts = (f"{printable(each)} {count:,}" for each, count in report.classes.items())
        print(f"classes: {', '.join(counts)}")
    for finding in report.findings:
        count = f"{len(finding.files):,} " if finding.files else ""
        print(f"\n{count}{finding.kind}; {finding.effect}")
        if finding.files:
            print(f"  {printable(_first(finding))}")
    print()


def _first(finding: Finding) -> str:
    """The first files, or which of them are alike."""
    alike = [_listed(group, " = ") for group in finding.groups]
    return _listed(alike or finding.files, ", ")


def _listed(names: Sequence[str], between: str) -> str:
    return between.join([*names[:SHOWN], *(["..."] if len(names) > SHOWN else [])])


def _command(folder: str) -> str:
    """What to type next."""
    return f"ganzoo train MODEL --data {shlex.quote(f'folder:{folder}')}"

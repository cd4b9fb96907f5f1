"""``ganzoo data list`` and ``ganzoo data check``."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo import registry
from ganzoo.cli.options import AsJson, Range
from ganzoo.cli.typer_app import app
from ganzoo.data.catalog import KNOWN
from ganzoo.errors import DataError
from ganzoo.runtime.text import first_items, printable
from ganzoo.runtime.text_table import format_table

if TYPE_CHECKING:
    from ganzoo.data.images.folder_report import Finding, Report

SHOWN = 3
"""Files of each kind that are named; --json names all."""

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(group, name="data")


@group.callback()
def about() -> None:
    """List data sets, and check images before training."""


@group.command("list")
def list_data(as_json: AsJson = False) -> None:
    """List data sets, their provider and license.

    A folder of images is written folder:PATH, a data set of the Hugging Face Hub hf:user/name.

    \b
    ganzoo data list
    ganzoo data list --json
    """  # noqa: D301
    plugins = registry.installed(registry.DATASETS)
    for note in registry.plugin_warnings(plugins, taken=KNOWN):
        print(note, file=sys.stderr)
    rows = [
        {"data": name, "provider": "ganzoo", "license": known.license, "summary": known.summary}
        for name, known in KNOWN.items()
    ]
    rows += [
        {
            "data": plugin.qualified if plugin.name in KNOWN else plugin.name,
            "provider": plugin.provider,
            "license": plugin.spec.license,
            "summary": plugin.spec.summary,
        }
        for plugin in plugins
        if plugin.spec
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    print(
        format_table(
            ["DATA", "PROVIDED BY", "LICENSE", "SUMMARY"], [list(row.values()) for row in rows]
        )
    )


@group.command("check")
def check_folder(
    folder: Annotated[str, typer.Argument(help="A folder of images.")],
    size: Annotated[
        int, typer.Option(min=1, help="Image size of the model; smaller images are reported.")
    ] = 32,
    stated_range: Range = "",
    as_json: AsJson = False,
) -> None:
    """Read every image of a folder, and report how it would be used.

    Nothing is changed. The exit code is 1 if no image can be read.

    \b
    ganzoo data check PATH
    ganzoo data check PATH --size 64 --json
    """  # noqa: D301
    from dataclasses import asdict

    from ganzoo.data.images.bit_depth import parse_range
    from ganzoo.data.images.folder_report import check

    values = parse_range(stated_range) if stated_range else None
    report = check(folder.removeprefix("folder:"), size, values=values)
    if as_json:
        print(json.dumps(asdict(report), indent=2))
    else:
        _print_report(report)
    if not report.readable:
        raise DataError(f"data folder:{report.folder}: none of {report.files} files is readable")
    if not as_json:
        print(_command(report.folder, stated_range))


def _print_report(report: Report) -> None:
    name = printable(report.folder)
    print(f"{name}: {report.readable:,} of {report.files:,} images can be trained on")
    if report.classes:
        counts = (f"{printable(each)} {count:,}" for each, count in report.classes.items())
        print(f"classes: {', '.join(counts)}")
    for note in report.notes:
        print(note)
    for finding in report.findings:
        count = f"{len(finding.files):,} " if finding.files else ""
        print(f"\n{count}{finding.kind}; {finding.effect}")
        if finding.files:
            print(f"  {printable(_first(finding))}")
    print()


def _first(finding: Finding) -> str:
    """The first files, or the first of each group of files that are alike."""
    alike = [first_items(group, SHOWN, " = ") for group in finding.groups]
    return first_items(alike or finding.files, SHOWN, ", ")


def _command(folder: str, stated_range: str) -> str:
    """The commands to type next."""
    name = shlex.quote(f"folder:{folder}")
    range_option = f" --range {stated_range}" if stated_range else ""
    return f"ganzoo recommend {name}\nganzoo train MODEL --data {name}{range_option}"

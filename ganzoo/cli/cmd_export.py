"""``ganzoo export``."""

from __future__ import annotations

from typing import Annotated

import typer

from ganzoo.cli.options import Folder, License, NewFolder
from ganzoo.cli.typer_app import app


@app.command()
def export(
    run: Folder,
    out: NewFolder,
    half: Annotated[bool, typer.Option("--half", help="Weights in half precision.")] = False,
    license_id: License = "",
) -> None:
    """Write what push would send into a folder.

    For a plugin's package, or another server.

    \b
    ganzoo export runs/MODEL -o weights/PRESET
    ganzoo export runs/MODEL -o small --half
    ganzoo eval local-dir:small --sets 3 --write
    """  # noqa: D301
    from ganzoo import hub

    folder = hub.export(run, out, half=half, license_id=license_id)
    print(f"{folder}: {(folder / hub.WEIGHTS).stat().st_size:,} bytes of weights")

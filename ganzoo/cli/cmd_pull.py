"""``ganzoo pull``."""

from __future__ import annotations

from typing import Annotated

import typer

from ganzoo.cli.typer_app import app


@app.command()
def pull(
    source: Annotated[str, typer.Argument(help="A model, or hf-hub:user/repo[@revision].")],
) -> None:
    """Download and verify trained weights, for use offline.

    \b
    ganzoo pull MODEL
    ganzoo pull hf-hub:user/repo@revision
    """  # noqa: D301
    from ganzoo import hub

    print(hub.find_folder(source))

"""``ganzoo pull``."""

from __future__ import annotations

from typing import Annotated

import typer

from ganzoo.cli import completion
from ganzoo.cli.options import AcceptLicense
from ganzoo.cli.typer_app import app


@app.command()
def pull(
    source: Annotated[
        str,
        typer.Argument(
            help="A model, or hf-hub:user/repo[@revision].",
            autocompletion=completion.trained_models,
        ),
    ],
    accept_license: AcceptLicense = False,
) -> None:
    """Download and verify trained weights, for use offline.

    \b
    ganzoo pull MODEL
    ganzoo pull hf-hub:user/repo@revision
    ganzoo pull MODEL.PRESET --accept-license
    """  # noqa: D301
    from ganzoo import hub
    from ganzoo.runtime.progress import say

    print(hub.find_folder(source, accept_license=accept_license))
    say(f"it works offline now: ganzoo sample {source}")

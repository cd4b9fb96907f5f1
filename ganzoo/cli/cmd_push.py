"""``ganzoo push``."""

from __future__ import annotations

from typing import Annotated

import typer

from ganzoo.cli.options import Folder, License
from ganzoo.cli.typer_app import app


@app.command()
def push(
    run: Folder,
    repo: Annotated[str, typer.Argument(help="user/name on the Hub.")],
    private: Annotated[bool, typer.Option(help="Visible to you only.")] = True,
    license_id: License = "",
    discriminator: Annotated[
        bool, typer.Option("--discriminator", help="Send the other networks too, for fine-tuning.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Publish a model folder on the Hugging Face Hub.

    Sends weights, config, card, scores and picture.

    \b
    ganzoo push runs/MODEL user/name --no-private --license cc-by-4.0 --yes
    """  # noqa: D301
    from ganzoo import hub

    upload = hub.prepare(
        run,
        repo,
        private=private,
        license_id=license_id,
        discriminator=discriminator,
        allow_restricted=yes,
    )
    print(upload)
    if not yes:
        typer.confirm("Send it?", abort=True)
    commit = hub.push(upload)
    print(f'ganzoo.load("hf-hub:{repo}@{commit}")')
    print(hub.pin(upload, commit))

"""``ganzoo verify``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ganzoo.cli import completion
from ganzoo.cli.options import AsJson, Device
from ganzoo.cli.typer_app import app
from ganzoo.runtime.text_table import format_table


@app.command()
def verify(
    source: Annotated[
        str,
        typer.Argument(
            help="A model with weights, hf-hub:user/repo or local-dir:PATH.",
            autocompletion=completion.trained_models,
        ),
    ],
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Check the hash of a model's weights and reproduce its scores.

    \b
    ganzoo verify MODEL
    ganzoo verify hf-hub:user/repo
    """  # noqa: D301
    from dataclasses import asdict

    from ganzoo.evaluation.verify import verify as check

    verdicts = check(source, device=device)
    if as_json:
        print(json.dumps([{**asdict(v), "reproduced": v.reproduced} for v in verdicts], indent=2))
    else:
        rows = [
            [v.label, f"{v.stated:.4g}", f"{v.found:.4g}", "yes" if v.reproduced else "NO"]
            for v in verdicts
        ]
        print(format_table(["METRIC", "STATED", "FOUND", "REPRODUCED"], rows))
    if not all(verdict.reproduced for verdict in verdicts):
        raise typer.Exit(1)

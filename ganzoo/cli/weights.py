"""Trained models in and out: pull, push, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli.shared import app, told
from ganzoo.config import parse_settings


@app.command()
@told
def pull(
    source: Annotated[str, typer.Argument(help="A model, or hf-hub:user/repo[@revision].")],
) -> None:
    """Fetch trained weights into the cache, verified, so that they can be used offline.

    \b
    ganzoo pull MODEL
    ganzoo pull hf-hub:user/repo@revision
    """  # noqa: D301
    from ganzoo import hub

    print(hub.find_folder(source))


@app.command()
@told
def push(
    run: Annotated[Path, typer.Argument(help="A run or model folder.")],
    repo: Annotated[str, typer.Argument(help="user/name on the Hub.")],
    private: Annotated[bool, typer.Option(help="Whether only you may see it.")] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Publish a model folder on the Hugging Face Hub: weights, config, card, scores, picture.

    \b
    ganzoo push runs/MODEL user/name --no-private --yes
    """  # noqa: D301
    from ganzoo import hub

    upload = hub.prepare(run, repo, private=private)
    print(upload)
    if not yes:
        typer.confirm("Send it?", abort=True)
    commit = hub.push(upload)
    print(f'ganzoo.load("hf-hub:{repo}@{commit}")')
    print(hub.pin(upload, commit))


@app.command("import")
@told
def convert(
    file: Annotated[Path, typer.Argument(help="What torch.save(generator.state_dict()) wrote.")],
    model: Annotated[str, typer.Option(help="The model whose generator it is.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The new model folder.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="See `ganzoo info`.")
    ] = None,
) -> None:
    """Make a model folder of another script's state dict, without running what is pickled in it.

    \b
    ganzoo import netG_epoch_24.pth --model MODEL.PRESET -o imported
    """  # noqa: D301
    from ganzoo import hub, run

    plan = run.plan(model, settings=parse_settings(settings or []))
    folder = hub.convert(file, plan, out)
    print(f"{folder}: ganzoo sample local-dir:{folder}")

"""Trained models in and out: pull, push, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli.typer_app import app, handle_errors
from ganzoo.errors import UsageError
from ganzoo.spec.config import parse_settings

Licence = Annotated[
    str,
    typer.Option(
        "--license", help="Of the weights, such as cc-by-4.0; left out, that of the data."
    ),
]


@app.command()
@handle_errors
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
@handle_errors
def push(
    run: Annotated[Path, typer.Argument(help="A run or model folder.")],
    repo: Annotated[str, typer.Argument(help="user/name on the Hub.")],
    private: Annotated[bool, typer.Option(help="Whether only you may see it.")] = True,
    licence: Licence = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Publish a model folder on the Hugging Face Hub: weights, config, card, scores, picture.

    \b
    ganzoo push runs/MODEL user/name --no-private --license cc-by-4.0 --yes
    """  # noqa: D301
    from ganzoo import hub

    upload = hub.prepare(run, repo, private=private, licence=licence)
    print(upload)
    if not yes:
        typer.confirm("Send it?", abort=True)
    commit = hub.push(upload)
    print(f'ganzoo.load("hf-hub:{repo}@{commit}")')
    print(hub.pin(upload, commit))


@app.command()
@handle_errors
def export(
    run: Annotated[Path, typer.Argument(help="A run or model folder.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The new model folder.")],
    half: Annotated[bool, typer.Option("--half", help="Weights in half precision.")] = False,
    licence: Licence = "",
) -> None:
    """Write what push would send into a folder: for a plugin's package, or another server.

    \b
    ganzoo export runs/MODEL -o weights/PRESET
    ganzoo export runs/MODEL -o small --half
    ganzoo eval local-dir:small --sets 3 --write
    """  # noqa: D301
    from ganzoo import hub

    folder = hub.export(run, out, half=half, licence=licence)
    print(f"{folder}: {(folder / hub.WEIGHTS).stat().st_size:,} bytes of weights")


@app.command("import")
@handle_errors
def convert(
    file: Annotated[
        str, typer.Argument(help="What torch.save wrote; with --extractor, also hf-hub:user/repo.")
    ],
    model: Annotated[str, typer.Option(help="The model whose generator it is.")] = "",
    extractor: Annotated[str, typer.Option(help="The extractor whose weights they are.")] = "",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The new model folder, with --model.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="See `ganzoo info`.")
    ] = None,
) -> None:
    """Take in the weights of another script or program, without running what is pickled in them:
    a generator, as a model folder, or an extractor, into the cache.

    \b
    ganzoo import netG_epoch_24.pth --model MODEL.PRESET -o imported
    ganzoo import pt_inception-2015-12-05-6726825d.pth --extractor inception-v3-compat
    ganzoo import hf-hub:timm/vit_base_patch14_dinov2.lvd142m --extractor dinov2-vitb14
    """  # noqa: D301
    if bool(model) == bool(extractor):
        raise UsageError("whose weights are they? --model MODEL.PRESET, or --extractor NAME")
    if extractor:
        if out or settings:
            raise UsageError("--extractor goes with neither -o nor --set")
        _extractor(file, extractor)
        return
    if out is None:
        raise UsageError(f"where to? `ganzoo import {file} --model {model} -o FOLDER`")
    from ganzoo import hub
    from ganzoo import training as run

    plan = run.plan(model, settings=parse_settings(settings or []))
    folder = hub.import_weights(Path(file), plan, out)
    print(f"{folder}: ganzoo sample local-dir:{folder}")


def _extractor(source: str, name: str) -> None:
    """Weights of an extractor, from a file or the Hub, into the cache."""
    from ganzoo.evaluation.extractors.import_weights import convert, published
    from ganzoo.hub.download import download_file

    file = published(name)
    repo = source.removeprefix("hf-hub:")
    path = Path(source) if repo == source else download_file(repo, file)
    print(f"{name}: sha256 {convert(name, path)}")

"""``ganzoo import``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli.options import Settings
from ganzoo.cli.typer_app import app
from ganzoo.errors import UsageError
from ganzoo.runtime.paths import user_path
from ganzoo.spec.config import parse_settings


@app.command("import")
def import_weights(
    file: Annotated[
        str, typer.Argument(help="What torch.save wrote, or .safetensors; or hf-hub:user/repo.")
    ],
    model: Annotated[
        str, typer.Option(help="Model whose generator it is; default: the one that recognizes it.")
    ] = "",
    extractor: Annotated[str, typer.Option(help="Feature extractor whose weights it is.")] = "",
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", parser=user_path, metavar="PATH", help="New model folder."),
    ] = None,
    settings: Settings = None,
) -> None:
    """Import weights that another program trained.

    A generator becomes a model folder, an extractor goes into the cache. No code of the file
    is run. Files of known programs are recognized and bring their discriminator along.

    \b
    ganzoo import latest_net_G.pth -o imported
    ganzoo import netG_epoch_24.pth --model MODEL.PRESET -o imported
    ganzoo import pt_inception-2015-12-05-6726825d.pth --extractor inception-v3-compat
    ganzoo import hf-hub:timm/vit_base_patch14_dinov2.lvd142m --extractor dinov2-vitb14
    """  # noqa: D301
    if model and extractor:
        raise UsageError("whose weights are they? --model MODEL.PRESET, or --extractor NAME")
    if extractor:
        if out or settings:
            raise UsageError("--extractor goes with neither -o nor --set")
        _import_extractor(file, extractor)
        return
    if out is None:
        named = ["--model", model] if model else []
        command = shlex.join(["ganzoo", "import", file, *named, "-o", "FOLDER"])
        raise UsageError(f"where to? `{command}`")
    _import_generator(file, model, out, settings or [])


def _import_generator(file: str, name: str, out: Path, settings: list[str]) -> None:
    """Import a generator of a stated model, or of the one that recognizes the file."""
    from ganzoo import hub, training

    if name:
        plan = training.plan(name, settings=parse_settings(settings))
        folder = hub.import_weights(user_path(file), plan.run, out, plan.model)
    elif settings:
        raise UsageError("--set goes with --model MODEL.PRESET")
    else:
        folder, model = hub.import_recognized(user_path(file), out)
        print(f"recognized as {model.name}")
    print(f"{folder}: {shlex.join(['ganzoo', 'sample', f'local-dir:{folder}'])}")


def _import_extractor(source: str, name: str) -> None:
    from ganzoo.evaluation.extractors.import_extractor import import_extractor, weights_file
    from ganzoo.hub.download import download_file

    file = weights_file(name)
    repo = source.removeprefix("hf-hub:")
    path = user_path(source) if repo == source else download_file(repo, file)
    print(f"{name}: sha256 {import_extractor(name, path)}")

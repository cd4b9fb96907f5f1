"""``ganzoo explore``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli.options import AcceptLicense, Device, TrainedModel
from ganzoo.cli.typer_app import app


@app.command()
def explore(
    model: TrainedModel,
    host: Annotated[str, typer.Option(help="Address; 0.0.0.0: the network too.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Port. [default: the first free one from 7860 on]")
    ] = None,
    device: Device = "auto",
    browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    accept_license: AcceptLicense = False,
) -> None:
    """Play with a model on a page in the browser, on this machine only.

    Seed, class, truncation, interpolation between two seeds, principal directions, source and mask,
    as far as the model takes them. A file that is downloaded has the seed in its name.

    \b
    ganzoo explore MODEL
    ganzoo explore local-dir:runs/MODEL --open
    """  # noqa: D301
    from ganzoo import hub
    from ganzoo.errors import RunError
    from ganzoo.sampling.explorer import Explorer
    from ganzoo.sampling.explorer_page import build_page, check_gradio

    check_gradio()

    trained = hub.open_model(model, accept_license=accept_license)
    gan = trained.load(device=device)
    with tempfile.TemporaryDirectory(prefix="ganzoo-explore-") as folder:
        page = build_page(Explorer(gan, trained.run.model, Path(folder)))
        try:
            _, url, _ = page.launch(
                *(None, browser),
                server_name=host,
                server_port=port,
                share=False,
                quiet=True,
                prevent_thread_lock=True,
            )
        except OSError as error:
            raise RunError(f"the page cannot be served at {host}: {error}") from error
        print(f"{trained.run.model}: {url} (stop with Ctrl-C)", flush=True)
        page.block_thread()

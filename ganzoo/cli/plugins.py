"""Plugins of one's own: plugin new, plugin check."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ganzoo import registry
from ganzoo.cli.typer_app import AsJson, app, handle_errors
from ganzoo.registry import scaffold
from ganzoo.spec.config import parse_settings

if TYPE_CHECKING:
    from ganzoo.testing import Check

plugins = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
app.add_typer(plugins, name="plugin", help="Write a plugin of your own, and check it.")


@plugins.command()
@handle_errors
def new(
    name: Annotated[str, typer.Argument(help="acme or acme-gan: the model acme, in acme-gan.")],
    out: Annotated[Path | None, typer.Option(help="The new folder [./NAME-gan].")] = None,
) -> None:
    """Write a complete plugin, which trains as it is.

    A folder with a small GAN, its spec, tests, licence, packaging and a workflow for GitHub.

    \b
    ganzoo plugin new acme-gan
    """  # noqa: D301
    names, folder = scaffold.new(name, out)
    place = folder if folder.is_absolute() else f"./{folder}"
    print(f"{folder}: the model {names.architecture}, which trains as it is")
    print(f'pip install -e "{place}[test]" && ganzoo plugin check {names.architecture}')


@plugins.command()
@handle_errors
def check(
    name: Annotated[str, typer.Argument(help="A model, e.g. from `ganzoo list`.")],
    waive: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK=REASON", help="A check that need not hold, and why."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold a model to what every model promises.

    Prints a line for each check, and fails if one does; --waive takes out what a model breaks on
    purpose.

    \b
    ganzoo plugin check MODEL
    ganzoo plugin check MODEL --waive "apart=two phases train the generator"
    """  # noqa: D301
    from ganzoo.testing import checks

    verdicts = []
    for each in checks(registry.resolve(name), waive=parse_settings(waive or [])):
        verdict = _verdict(each)
        verdicts.append(verdict)
        if not as_json:
            print(_line(verdict), flush=True)
    if as_json:
        print(json.dumps(verdicts, indent=2))
    if any(verdict["state"] == "FAILED" for verdict in verdicts):
        raise typer.Exit(1)


def _verdict(check: Check) -> dict[str, Any]:
    """What came of a check."""
    from ganzoo.testing import CheckFailed

    started, state, reason = time.monotonic(), "ok", ""
    if check.waived:
        state, reason = "waived", check.waived
    try:
        check.run()
    except CheckFailed as failure:
        state, reason = "FAILED", failure.reason
    return {
        "check": check.name,
        "state": state,
        "meaning": check.promise.meaning,
        "reason": reason,
        "mend": check.promise.mend,
        "seconds": round(time.monotonic() - started, 2),
    }


def _line(verdict: dict[str, Any]) -> str:
    start = f"{verdict['state']:6}  {verdict['check']:8}  {verdict['meaning']}"
    if verdict["state"] == "waived":
        return f"{start} Waived: {verdict['reason']}"
    if verdict["state"] == "FAILED":
        return f"{start} But {verdict['reason'].rstrip('.')}. {verdict['mend']}"
    return start

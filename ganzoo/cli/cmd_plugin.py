"""``ganzoo plugin new`` and ``ganzoo plugin check``."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ganzoo import registry
from ganzoo.cli.options import AsJson
from ganzoo.cli.typer_app import app
from ganzoo.registry import scaffold
from ganzoo.runtime.paths import user_path
from ganzoo.spec.config import parse_settings

if TYPE_CHECKING:
    from ganzoo.testing import Check

group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
app.add_typer(group, name="plugin", help="Create and check plugins.")


@group.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the model, e.g. acme or acme-gan.")],
    out: Annotated[
        Path | None,
        typer.Option(parser=user_path, metavar="PATH", help="New folder. [default: ./NAME-gan]"),
    ] = None,
) -> None:
    """Create a complete plugin that trains as it is.

    A folder with a small GAN, its spec, tests, license, packaging and a workflow for GitHub.

    \b
    ganzoo plugin new acme-gan
    """  # noqa: D301
    names, folder = scaffold.new(name, out)
    place = folder if folder.is_absolute() else f"./{folder}"
    print(f"{folder}: the model {names.architecture}, which trains as it is")
    install = shlex.join(["pip", "install", "-e", f"{place}[test]"])
    print(f"{install} && ganzoo plugin check {names.architecture}")


@group.command()
def check(
    name: Annotated[str, typer.Argument(help="A model; `ganzoo list` shows them.")],
    waive: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK=REASON", help="Check that may fail, and the reason."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the conformance checks on a model.

    Prints a line for each check, and fails if one does; --waive excuses what a model breaks on
    purpose.

    \b
    ganzoo plugin check MODEL
    ganzoo plugin check MODEL --waive "apart=two phases train the generator"
    """  # noqa: D301
    from ganzoo.testing import checks

    verdicts: list[dict[str, Any]] = []
    for each in checks(registry.resolve(name), waive=parse_settings(waive or [])):
        verdict = _verdict(each)
        if not as_json:
            print(_line(verdict, verdicts), flush=True)
        verdicts.append(verdict)
    if as_json:
        print(json.dumps(verdicts, indent=2))
    if any(verdict["state"] == "FAILED" for verdict in verdicts):
        raise typer.Exit(1)


def _verdict(check: Check) -> dict[str, Any]:
    """Run one check; its result as JSON."""
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
        "meaning": check.requirement.meaning,
        "reason": reason,
        "mend": check.requirement.fix,
        "seconds": round(time.monotonic() - started, 2),
    }


def _line(verdict: dict[str, Any], earlier: list[dict[str, Any]]) -> str:
    """The result of a check; a problem that an earlier check has found refers to it."""
    start = f"{verdict['state']:6}  {verdict['check']:8}  {verdict['meaning']}"
    if verdict["state"] == "waived":
        return f"{start} Waived: {verdict['reason']}"
    if verdict["state"] == "FAILED":
        found = (each["check"] for each in earlier if each["reason"] == verdict["reason"])
        if first := next(found, ""):
            return f"{start} Found: the same as in {first}."
        return f"{start} Found: {verdict['reason'].rstrip('.')}. {verdict['mend']}"
    return start

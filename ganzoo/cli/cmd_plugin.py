"""``ganzoo plugin new`` and ``ganzoo plugin check``."""

from __future__ import annotations

import json
import shlex
import time
from contextlib import suppress
from importlib import metadata
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ganzoo import registry
from ganzoo.cli.options import AsJson
from ganzoo.cli.typer_app import app
from ganzoo.errors import PluginError, UnknownNameError
from ganzoo.registry import scaffold
from ganzoo.registry.plugins import MODELS
from ganzoo.runtime.paths import user_path
from ganzoo.spec.config import parse_settings

if TYPE_CHECKING:
    from ganzoo.testing import Check

BAD = ("FAILED", "skip")
"""States of checks whose dependents are skipped."""

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

    Prints a line for each check, and fails if one does; a check that depends on a failed one is
    skipped. --waive excuses what a model breaks on purpose.

    \b
    ganzoo plugin check MODEL
    ganzoo plugin check MODEL --waive "apart=two phases train the generator"
    """  # noqa: D301
    from ganzoo.testing import checks

    verdicts: list[dict[str, Any]] = []
    for each in checks(_resolve(name), waive=parse_settings(waive or [])):
        verdict = _verdict(each, verdicts)
        if not as_json:
            print(_line(verdict), flush=True)
        verdicts.append(verdict)
    if as_json:
        print(json.dumps(verdicts, indent=2))
    if any(verdict["state"] == "FAILED" for verdict in verdicts):
        raise typer.Exit(1)


def _resolve(name: str) -> registry.Model:
    """The model of a name; an installed plugin without an entry point is named."""
    try:
        return registry.resolve(name)
    except UnknownNameError:
        for distribution in (name, f"{name}-gan"):
            with suppress(PackageNotFoundError, ValueError):
                found = metadata.distribution(distribution)
                if not found.entry_points.select(group=MODELS.group):
                    raise PluginError(
                        f"{distribution} {found.version} is installed but declares no model: add"
                        f' [project.entry-points."{MODELS.group}"] with {name} ='
                        ' "MODULE:spec" to its pyproject.toml and install it again'
                    ) from None
        raise


def _verdict(check: Check, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """Run one check, unless it depends on one that failed; its result as JSON."""
    from ganzoo.testing import CheckFailed

    started, state, reason = time.monotonic(), "ok", ""
    needs = check.requirement.needs
    failed = [v["check"] for v in earlier if v["state"] in BAD and v["check"] in needs]
    if check.waived:
        state, reason = "waived", check.waived
    elif failed:
        state, reason = "skip", f"it depends on {failed[0]}"
    else:
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


def _line(verdict: dict[str, Any]) -> str:
    """The result of a check."""
    start = f"{verdict['state']:6}  {verdict['check']:8}  {verdict['meaning']}"
    if verdict["state"] == "waived":
        return f"{start} Waived: {verdict['reason']}"
    if verdict["state"] == "skip":
        return f"{start} Skipped: {verdict['reason']}."
    if verdict["state"] == "FAILED":
        return f"{start} Found: {verdict['reason'].rstrip('.')}. {verdict['mend']}"
    return start

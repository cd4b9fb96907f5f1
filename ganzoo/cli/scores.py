"""What it is worth: eval, verify."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from ganzoo.cli.shared import AsJson, Device, Seed, app, print_columns, told
from ganzoo.errors import ConfigError


@app.command("eval")
@told
def evaluate(
    source: Annotated[str, typer.Argument(help="A model with weights, or local-dir:PATH.")],
    protocol: Annotated[str | None, typer.Option(help="How; left out, the model's own.")] = None,
    against: Annotated[str | None, typer.Option(help="Reference data, as --data of train.")] = None,
    n: Annotated[int | None, typer.Option("-n", "--number", help="Samples.")] = None,
    sets: Annotated[int, typer.Option(help="Independent sets, for the spread.")] = 1,
    seed: Seed = 0,
    device: Device = "auto",
    write: Annotated[
        bool, typer.Option(help="Keep the scores in the folder and its card.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score samples under a named protocol, beside what real test data scores.

    \b
    ganzoo eval local-dir:runs/MODEL --sets 3 --write
    ganzoo eval MODEL --protocol quick --against folder:PATH --json
    """  # noqa: D301
    from ganzoo import evaluator, hub

    if write and not source.startswith("local-dir:"):
        raise ConfigError("--write keeps scores in a folder: the source must be local-dir:PATH")
    gan = hub.load(source, device=device)
    provenance = hub.provenance(source)
    rules = protocol or provenance.resolve().preset.protocol
    scores = evaluator.evaluate(
        gan,
        protocol=rules,
        data=against,
        n=n,
        sets=sets,
        seed=seed,
        fallback=provenance.recipe.data,
    )
    if write:
        hub.write_metrics(hub.find_folder(source), scores.to_json())
    if as_json:
        print(json.dumps(scores.to_json(), indent=2))
        return
    print(
        f"{source}: {scores.sets} x {scores.n} samples, seed {seed}, protocol"
        f" {scores.protocol.name} ({scores.protocol.hash}), against {scores.protocol.data}"
        f" {scores.protocol.split}"
    )
    rows = [
        [label, f"{value:.4g}", _or_dash(scores.spread, label), _or_dash(scores.floor, label)]
        for label, value in scores.values.items()
    ]
    print_columns(["METRIC", "MEAN", "SD", "REAL TEST DATA"], rows)
    if scores.classes:
        print("classes " + " ".join(f"{share:.1%}" for share in scores.classes))
    for warning in scores.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _or_dash(values: Mapping[str, float], label: str) -> str:
    return f"{values[label]:.4g}" if label in values else "-"


@app.command()
@told
def verify(
    source: Annotated[str, typer.Argument(help="A model with weights, or hf-hub: or local-dir:.")],
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Check a model's hash and compute again the scores that its folder states.

    \b
    ganzoo verify MODEL
    ganzoo verify hf-hub:user/repo
    """  # noqa: D301
    from dataclasses import asdict

    from ganzoo.verify import verify as check

    verdicts = check(source, device=device)
    if as_json:
        print(json.dumps([{**asdict(v), "reproduced": v.reproduced} for v in verdicts], indent=2))
    else:
        rows = [
            [v.label, f"{v.stated:.4g}", f"{v.found:.4g}", "yes" if v.reproduced else "NO"]
            for v in verdicts
        ]
        print_columns(["METRIC", "STATED", "FOUND", "REPRODUCED"], rows)
    if not all(verdict.reproduced for verdict in verdicts):
        raise typer.Exit(1)

"""What it is worth: eval, protocols, verify."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ganzoo.cli.typer_app import AsJson, Device, Seed, app, handle_errors, print_columns
from ganzoo.errors import ConfigError, UsageError
from ganzoo.runtime.malloc import keep_freed_memory

if TYPE_CHECKING:
    from torch import Tensor

    from ganzoo.evaluation.evaluator import Scores


@app.command("eval")
@handle_errors
def evaluate(
    source: Annotated[
        str, typer.Argument(help="A model with weights, local-dir:PATH, or folder:PATH of images.")
    ] = "",
    protocol: Annotated[
        str | None, typer.Option(help="How, see `ganzoo protocols`; left out, the model's own.")
    ] = None,
    against: Annotated[str | None, typer.Option(help="Reference data, as --data of train.")] = None,
    n: Annotated[int | None, typer.Option("-n", "--number", help="Samples.")] = None,
    sets: Annotated[int | None, typer.Option(help="Independent sets, for the spread.")] = None,
    seed: Seed = 0,
    device: Device = "auto",
    write: Annotated[
        bool, typer.Option(help="Keep the scores in the folder and its card.")
    ] = False,
    neighbours: Annotated[
        str | None, typer.Option(help="Draw samples beside the nearest training images, a PNG.")
    ] = None,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Prove that this installation scores correctly.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score samples under a named protocol, beside what real test data scores.

    \b
    ganzoo eval local-dir:runs/MODEL --sets 3 --write
    ganzoo eval MODEL --protocol quick --against folder:PATH --json
    ganzoo eval folder:PATH --against mnist           images, whoever made them
    torchrun --nproc-per-node 2 -m ganzoo eval MODEL  every process makes a share
    ganzoo eval --self-test
    """  # noqa: D301
    keep_freed_memory()
    if self_test:
        _prove(as_json)
        return
    if not source:
        raise UsageError("eval what? a model (see `ganzoo list`), local-dir:PATH or folder:PATH")
    if write and not source.startswith("local-dir:"):
        raise ConfigError("--write keeps scores in a folder: the source must be local-dir:PATH")
    from ganzoo.runtime import distributed
    from ganzoo.runtime.devices import resolve_device

    with distributed.process_group(resolve_device(device)) as where:
        if source.startswith("folder:"):
            scores = _of_folder(source, protocol, against, str(where))
        else:
            rules = _Rules(protocol, against, n, sets, seed)
            scores = _of_model(source, rules, str(where), neighbours)
        first = distributed.rank() == 0
    if not first:
        return
    if write:
        from ganzoo import hub

        hub.write_metrics(hub.find_folder(source), scores.to_json())
    if as_json:
        print(json.dumps(scores.to_json(), indent=2))
    else:
        _show(source, scores)


class _Rules(NamedTuple):
    """What was asked of an evaluation."""

    protocol: str | None
    against: str | None
    n: int | None
    sets: int | None
    seed: int


def _of_model(source: str, rules: _Rules, device: str, picture: str | None) -> Scores:
    from ganzoo import hub
    from ganzoo.evaluation import evaluator
    from ganzoo.runtime import distributed

    gan = hub.load(source, device=device)
    provenance = hub.run_config(source)
    protocol = rules.protocol or provenance.resolve().preset.protocol
    scores = evaluator.evaluate(
        gan,
        protocol=protocol,
        data=rules.against,
        n=rules.n,
        sets=rules.sets,
        seed=rules.seed,
        fallback=provenance.recipe.data,
    )
    if picture and distributed.rank() == 0:
        data = rules.against or scores.protocol.data
        near = evaluator.nearest_neighbors(gan, protocol=protocol, data=data, seed=rules.seed)
        _draw(near, Path(picture))
    return scores


def _draw(rows: Tensor, path: Path) -> None:
    from ganzoo.sampling import grids

    columns = rows.shape[1]
    images = rows.flatten(0, 1).float().div(127.5).sub(1)
    grids.save_png(grids.grid(images, columns), path)
    print(f"{path}: a sample a row, then the training images nearest to it", file=sys.stderr)


def _of_folder(source: str, protocol: str | None, against: str | None, device: str) -> Scores:
    """Scores of a folder of images, at their own size."""
    from ganzoo.data import load_data
    from ganzoo.data.images import image_folder as folder
    from ganzoo.evaluation import evaluator

    if against is None:
        raise UsageError(f"{source} against what? say --against DATA, e.g. --against mnist")
    path = Path(source.partition(":")[2])
    samples = load_data(source, folder.shape_of(path))
    rules = protocol or ("mnist-lenet" if against == "mnist" else "quick")
    return evaluator.evaluate_data(samples, protocol=rules, data=against, device=device)


def _show(source: str, scores: Scores) -> None:
    print(
        f"{source}: {scores.sets} x {scores.n} samples, seed {scores.seed}, protocol"
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


def _prove(as_json: bool) -> None:
    from dataclasses import asdict

    from ganzoo.evaluation.self_test import self_test

    findings = self_test()
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        rows = [[f.result, f.name, f.detail] for f in findings]
        print_columns(["RESULT", "WHAT", "FOUND"], rows)
    if any(finding.result == "FAILED" for finding in findings):
        raise typer.Exit(1)


@app.command()
@handle_errors
def protocols(as_json: AsJson = False) -> None:
    """List protocols and extractors: what is compared with what, and how the score is called.

    \b
    ganzoo protocols
    ganzoo eval MODEL --protocol quick
    """  # noqa: D301
    from ganzoo import registry
    from ganzoo.evaluation.protocols import EXTRACTORS, PROTOCOLS
    from ganzoo.spec.config import to_json

    plugins = registry.installed(registry.EXTRACTORS)
    if as_json:
        facts = {name: {**to_json(p), "hash": p.hash} for name, p in PROTOCOLS.items()}
        print(json.dumps(facts, indent=2))
        return
    rows = [
        [p.name, p.label("fd"), str(p.n), ", ".join(p.metrics), p.summary]
        for p in PROTOCOLS.values()
    ]
    print_columns(["PROTOCOL", "DISTANCE", "SAMPLES", "METRICS", "SUMMARY"], rows)
    print()
    own = [[name, registry.OWN_DISTRIBUTION, summary] for name, summary in EXTRACTORS.items()]
    brought = [[p.name, p.provider, p.spec.summary] for p in plugins if p.spec]
    print_columns(["EXTRACTOR", "PROVIDER", "FEATURES"], [*own, *brought])
    for note in registry.plugin_warnings(plugins, EXTRACTORS):
        print(f"warning: {note}", file=sys.stderr)


def _or_dash(values: Mapping[str, float], label: str) -> str:
    return f"{values[label]:.4g}" if label in values else "-"


@app.command()
@handle_errors
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

    from ganzoo.evaluation.verify import verify as check

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

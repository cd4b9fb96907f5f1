"""``ganzoo eval``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ganzoo.cli import completion
from ganzoo.cli.options import AsJson, Device, Range, Samples, Seed, with_range
from ganzoo.cli.typer_app import app
from ganzoo.errors import ConfigError, DataError, UnknownNameError, UsageError
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.runtime.paths import user_path
from ganzoo.runtime.text_table import format_table
from ganzoo.spec.protocol import is_meaningful

if TYPE_CHECKING:
    from torch import Tensor

    from ganzoo import hub
    from ganzoo.evaluation.results import Scores
    from ganzoo.spec import Protocol

ProtocolName = Annotated[
    str | None,
    typer.Option(
        help="Evaluation protocol; `ganzoo protocols` lists them. [default: the model's own]",
        autocompletion=completion.protocols,
    ),
]
Against = Annotated[
    str | None,
    typer.Option(help="Reference data, like --data of train.", autocompletion=completion.data_sets),
]
Sets = Annotated[int | None, typer.Option(help="Independent sets, for the standard deviation.")]
Neighbors = Annotated[
    Path | None,
    typer.Option(
        "--neighbours",
        parser=user_path,
        metavar="PATH",
        help="PNG to write: samples beside the nearest training images.",
    ),
]
SelfTest = Annotated[
    bool, typer.Option("--self-test", help="Check that this installation scores correctly.")
]


class _Request(NamedTuple):
    """Options of an evaluation."""

    protocol: str | None
    against: str | None
    n: int | None
    sets: int | None
    seed: int
    picture: Path | None


@app.command("eval")
def evaluate(
    source: Annotated[
        str,
        typer.Argument(
            help="A model with weights, local-dir:PATH, or folder:PATH of images.",
            autocompletion=completion.trained_models,
        ),
    ] = "",
    protocol: ProtocolName = None,
    against: Against = None,
    stated_range: Range = "",
    n: Samples = None,
    sets: Sets = None,
    seed: Seed = 0,
    device: Device = "auto",
    write: Annotated[
        bool, typer.Option(help="Write the scores into the model folder and its card.")
    ] = False,
    neighbors: Neighbors = None,
    self_test: SelfTest = False,
    as_json: AsJson = False,
) -> None:
    """Score samples under a protocol, beside real test data.

    \b
    ganzoo eval local-dir:runs/MODEL --sets 3 --write
    ganzoo eval MODEL --protocol quick --against folder:PATH --json
    ganzoo eval folder:PATH --against mnist           images of any origin
    torchrun --nproc-per-node 2 -m ganzoo eval MODEL  several processes
    ganzoo eval --self-test
    """  # noqa: D301
    keep_freed_memory()
    if self_test:
        _self_test(as_json)
        return
    if not source:
        raise UsageError("eval what? a model (see `ganzoo list`), local-dir:PATH or folder:PATH")
    if write and not source.startswith("local-dir:"):
        raise ConfigError("--write keeps scores in a folder: the source must be local-dir:PATH")
    if source.startswith("folder:"):
        source = with_range(source, stated_range) or source
    if not source.startswith("folder:") or (against or "").startswith("folder:"):
        against = with_range(against, stated_range, "--against")
    request = _Request(protocol, against, n, sets, seed, neighbors)
    scores = _scores(source, request, device, write)
    if scores is None:
        return
    if as_json:
        print(json.dumps(scores.to_json(), indent=2))
    else:
        _print(source, scores)


def _scores(source: str, request: _Request, device: str, write: bool) -> Scores | None:
    """Scores of a source; None in all processes but the first."""
    from ganzoo import hub
    from ganzoo.runtime import distributed
    from ganzoo.runtime.devices import resolve_device
    from ganzoo.runtime.progress import say

    with distributed.process_group(resolve_device(device)) as where:
        if source.startswith("folder:"):
            scores = _of_folder(source, request, str(where))
        else:
            trained = hub.open_model(source)
            scores = _of_model(trained, request, str(where))
        if distributed.rank():
            return None
    if write:
        hub.write_metrics(trained.folder, scores.to_json(), trained.model)
        folder = trained.folder
        say(f"scores: {folder}/metrics.json and the card; ganzoo compare {folder} OTHER")
    elif source.startswith("local-dir:"):
        say(f"the scores are not kept: ganzoo eval {source} --write keeps them in the folder")
    return scores


def _of_model(trained: hub.TrainedModel, request: _Request, device: str) -> Scores:
    """Scores of a model, by default against the data that it was trained on."""
    from ganzoo.evaluation import evaluator, nearest_neighbors
    from ganzoo.evaluation.protocol_choice import choose_protocol
    from ganzoo.runtime import distributed

    gan = trained.load(device=device)
    data, preset = trained.run.recipe.data, trained.model.preset
    protocol = request.protocol or choose_protocol(trained.model, data, gan.sample_spec)
    if not request.protocol and distributed.rank() == 0:
        _say_choice(protocol, preset.protocol, data)
    own_data = data if data != preset.recipe.data else None
    try:
        scores = evaluator.evaluate(
            gan,
            protocol=protocol,
            data=request.against or own_data,
            n=request.n,
            sets=request.sets,
            seed=request.seed,
            fallback=data,
        )
    except (DataError, UnknownNameError) as error:
        if request.against or not own_data or own_data not in str(error):
            raise
        raise DataError(f"{error}; the model was trained on it: say --against DATA") from error
    if not request.against and distributed.rank() == 0:
        _warn_of_other_data(trained, scores)
    if request.picture and distributed.rank() == 0:
        against = request.against or scores.protocol.data
        near = nearest_neighbors(gan, protocol=protocol, data=against, seed=request.seed)
        _draw(near, request.picture)
    return scores


def _warn_of_other_data(trained: hub.TrainedModel, scores: Scores) -> None:
    """Warn if the data of a run have changed since its training."""
    from ganzoo.hub.model_folder import WEIGHTS, read_facts

    learned = read_facts(trained.folder / WEIGHTS).get("data", "")
    name, _, known = learned.partition(", ")
    used = scores.protocol
    same_split = (name, "train") == (used.data, used.split)
    if same_split and not used.data_sha256.startswith(known.rpartition("sha256 ")[2]):
        changed = f"{name} has changed since the training, when it had {known}"
        print(f"warning: {changed}", file=sys.stderr)


def _say_choice(chosen: str | Protocol, own: str | Protocol, data: str) -> None:
    """Say that the preset's protocol does not fit, and what is used instead."""
    from ganzoo.evaluation.protocols import find_protocol

    name, own = find_protocol(chosen).name, find_protocol(own).name
    if name != own:
        print(
            f"protocol {name}, since the preset's {own} does not fit {data}; --protocol NAME"
            " chooses another",
            file=sys.stderr,
        )


def _of_folder(source: str, request: _Request, device: str) -> Scores:
    """Scores of a folder of images, at their own size."""
    from ganzoo.data import load_data
    from ganzoo.data.images import image_folder
    from ganzoo.evaluation import evaluator, neighbors_of_data
    from ganzoo.runtime import distributed

    against = request.against
    if against is None:
        raise UsageError(f"{source} against what? say --against DATA, e.g. --against mnist")
    samples = load_data(source, image_folder.scored_shape(source.partition(":")[2], against))
    protocol = request.protocol or ("mnist-lenet" if against == "mnist" else "quick")
    scores = evaluator.evaluate_data(
        samples,
        protocol=protocol,
        data=against,
        n=request.n,
        sets=request.sets,
        seed=request.seed,
        device=device,
    )
    if request.picture and distributed.rank() == 0:
        near = neighbors_of_data(
            samples, protocol=protocol, data=against, seed=request.seed, device=device
        )
        _draw(near, request.picture)
    return scores


def _draw(rows: Tensor, path: Path) -> None:
    from ganzoo.sampling import grids

    columns = rows.shape[1]
    images = rows.flatten(0, 1).float().div(127.5).sub(1)
    grids.save_png(grids.grid(images, columns), path)
    print(f"{path}: each row is a sample and its nearest training images", file=sys.stderr)


def _print(source: str, scores: Scores) -> None:
    protocol = scores.protocol
    print(
        f"{source}: {scores.sets} x {scores.n} samples, seed {scores.seed}, protocol"
        f" {protocol.name} ({protocol.hash}), against {protocol.data} {protocol.split}"
    )
    rows = [
        [label, f"{value:.4g}", _or_dash(scores.spread, label), _or_dash(scores.floor, label)]
        for label, value in scores.values.items()
        if is_meaningful(label)
    ]
    print(format_table(["METRIC", "MEAN", "SD", "REAL TEST DATA"], rows))
    if scores.classes:
        print("classes " + " ".join(f"{share:.1%}" for share in scores.classes))
    for warning in scores.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _or_dash(values: Mapping[str, float], label: str) -> str:
    return f"{values[label]:.4g}" if label in values else "-"


def _self_test(as_json: bool) -> None:
    from dataclasses import asdict

    from ganzoo.evaluation.self_test import self_test

    findings = self_test()
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        rows = [[f.result, f.name, f.detail] for f in findings]
        print(format_table(["RESULT", "CHECK", "FOUND"], rows))
    if any(finding.result == "FAILED" for finding in findings):
        raise typer.Exit(1)

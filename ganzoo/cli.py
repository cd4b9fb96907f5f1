"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import functools
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

import ganzoo
from ganzoo import progress, registry
from ganzoo.config import keys, parse_settings, to_json
from ganzoo.errors import ConfigError, GanzooError

F = TypeVar("F", bound=Callable[..., Any])

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps")]
Seed = Annotated[int, typer.Option(help="Of everything random.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_debug = False


def main() -> None:
    """The entry point of the command ``ganzoo``."""
    app(prog_name="ganzoo")


def _told(command: F) -> F:
    """Errors in one line on stderr, with the exit code that they deserve."""

    @functools.wraps(command)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except (GanzooError, KeyboardInterrupt, BrokenPipeError, MemoryError, OSError) as error:
            if _debug:
                raise
            raise typer.Exit(_say(error)) from None
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as error:
            if _debug:
                raise
            text = f"{type(error).__name__}: {error}".splitlines()[0]
            _error(f"{text} (a bug of ganzoo or of the plugin: `ganzoo --debug ...` says where)")
            raise typer.Exit(1) from None

    return wrapper  # type: ignore[return-value] # wraps keeps the signature


def _say(error: BaseException) -> int:
    if isinstance(error, GanzooError):
        _error(str(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return 130
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return 1
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        _error(f"{where}{error.strerror or error}")
        return 1
    _error("out of memory: use a smaller batch or fewer samples")
    return 1


def _error(text: str) -> None:
    print(f"error: {' '.join(text.splitlines())}", file=sys.stderr)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ganzoo {ganzoo.__version__}")
        raise typer.Exit


@app.callback()
def start(
    debug: Annotated[bool, typer.Option(help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """GANs by name: list, train, sample, score and compare them.

    \b
    ganzoo list                                 what there is
    ganzoo bench MODEL                          what it is worth on this machine
    ganzoo train MODEL --data folder:PATH       train it on images of your own
    ganzoo sample local-dir:runs/MODEL          draw what it has learned
    """  # noqa: D301 # \b keeps the lines apart
    global _debug
    _debug = debug
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    progress.show()


@app.command("list")
@_told
def list_models(
    pattern: Annotated[
        str, typer.Argument(help="Part of a name, or a glob such as '*.mnist'.")
    ] = "*",
    pretrained: Annotated[bool, typer.Option(help="Only those with trained weights.")] = False,
    as_json: AsJson = False,
) -> None:
    """Every model, who provides it, and whether trained weights exist.

    \b
    ganzoo list
    ganzoo list '*.mnist' --json
    """  # noqa: D301
    for plugin in registry.discover():
        if plugin.error:
            name = f"{plugin.qualified} {plugin.version}"
            print(f"broken plugin {name}: {plugin.error}", file=sys.stderr)
    if not any(sign in pattern for sign in "*?["):
        pattern = f"*{pattern}*"
    matching = registry.match([pattern]) if pattern != "*" else registry.models()
    found = [model for model in matching if model.pretrained or not pretrained]
    rows = [
        {
            "model": model.name,
            "weights": model.pretrained,
            "data": model.preset.recipe.data,
            "distribution": model.plugin.distribution,
            "version": model.plugin.version,
            "summary": model.preset.description or model.spec.summary,
        }
        for model in found
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    cells = [
        [
            str(row["model"]),
            "yes" if row["weights"] else "-",
            str(row["data"]),
            f"{row['distribution']} {row['version']}",
            str(row["summary"]),
        ]
        for row in rows
    ]
    _print_columns(["MODEL", "WEIGHTS", "DATA", "PROVIDED BY", "WHAT"], cells)


def _print_columns(header: list[str], rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in [header, *rows]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())


@app.command()
@_told
def info(
    name: Annotated[str, typer.Argument(help="A model, e.g. from `ganzoo list`.")],
    as_json: AsJson = False,
) -> None:
    """Paper, licence, deviations, recipe and every key that --set takes.

    \b
    ganzoo info MODEL
    ganzoo info MODEL.PRESET --json
    """  # noqa: D301
    model = registry.resolve(name)
    if as_json:
        facts = {
            "model": model.name,
            "distribution": model.plugin.distribution,
            "version": model.plugin.version,
        }
        print(json.dumps({**facts, "spec": to_json(model.spec)}, indent=2))
        return
    spec, preset, paper = model.spec, model.preset, model.spec.paper
    print(f"{model.name}: {spec.summary}\n")
    provider = f"{model.plugin.distribution} {model.plugin.version}"
    facts = {
        "paper": f"{paper.authors} ({paper.year}), {paper.title}, {paper.url}",
        "licence": spec.license,
        "provided by": provider,
        "weights": "yes" if model.pretrained else "none published",
        "scored by": preset.protocol,
        "presets": ", ".join(f"{model.plugin.name}.{each}" for each in spec.presets),
    }
    for key, value in facts.items():
        print(f"{key + ':':12} {value}")
    print("\nDeviations from the paper:")
    for deviation in spec.deviations:
        print(f"  - {deviation.what}\n    because {deviation.why}")
    if spec.healthy:
        print(f"\nHealthy losses: {spec.healthy}")
    for title, config in (("Model", preset.config), ("Recipe", preset.recipe)):
        print(f"\n{title}, for --set KEY=VALUE:")
        _print_columns(
            ["  KEY", "VALUE", "WHAT"],
            [[f"  {key.name}", _typed(key.value), key.help] for key in keys(config)],
        )


def _typed(value: object) -> str:
    """A value as one would type it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seconds(text: str) -> float:
    """``90``, ``90s``, ``5m`` or ``1h`` in seconds."""
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1)
    try:
        seconds = float(number) * unit
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ConfigError(f"a duration is written 90s, 5m or 1h, not {text!r}")
    return seconds


@app.command()
@_told
def train(
    name: Annotated[str, typer.Argument(help="A model, or the config.json of a run to repeat.")],
    data: Annotated[
        str | None, typer.Option(help="mnist, cifar10, ..., folder:PATH or hf:user/name.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="See `ganzoo info`.")
    ] = None,
    kimg: Annotated[float | None, typer.Option(help="Length, in thousands of images.")] = None,
    budget: Annotated[str | None, typer.Option(help="Stop after so long: 90s, 5m, 1h.")] = None,
    batch: Annotated[int | None, typer.Option(help="Images in a batch.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder [runs/MODEL].")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random [0].")] = None,
    device: Device = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32, tf32, bf16 or fp16.")] = "auto",
    compile_it: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,
    accumulate: Annotated[int, typer.Option(help="Split each batch, to save memory.")] = 1,
    dry_run: Annotated[bool, typer.Option(help="Print the resolved run and stop.")] = False,
) -> None:
    """Train a model in a folder; the same command goes on where it was stopped.

    \b
    ganzoo train MODEL --budget 5m
    ganzoo train MODEL --data folder:PATH --set size=32 --set optimizer.lr=1e-4
    ganzoo train runs/MODEL/config.json --out runs/again
    """  # noqa: D301
    from ganzoo import run
    from ganzoo.trainer import Engine

    plan = run.plan(
        name,
        settings=parse_settings(settings or []),
        data=data,
        kimg=kimg,
        batch=batch,
        seed=seed,
    )
    if dry_run:
        print(json.dumps(to_json(plan), indent=2))
        return
    seconds = None if budget is None else _seconds(budget)
    engine = Engine(precision, compile_it, accumulate)  # type: ignore[arg-type] # checked inside
    outcome = run.train(plan, out=out, budget=seconds, device=device, engine=engine)
    if int(os.environ.get("RANK", "0")):
        return
    state = "stopped; the same command goes on" if outcome.stopped else "done"
    speed = f", {outcome.speed:.0f} images/s" if outcome.speed else ""
    losses = "".join(f", {key} {value:.3f}" for key, value in outcome.losses.items())
    print(f"{plan.model}: {state} at {outcome.images / 1000:.1f} kimg{speed}{losses}")
    print(f"see {outcome.folder}/samples.png; ganzoo sample local-dir:{outcome.folder}")
    if outcome.stopped:
        raise typer.Exit(130)


@app.command()
@_told
def sample(
    source: Annotated[str, typer.Argument(help="A model with weights, or local-dir:PATH.")],
    n: Annotated[int, typer.Option("-n", "--number", min=1, help="How many.")] = 64,
    out: Annotated[
        Path, typer.Option("-o", "--out", help="grid.png, array.npy, or a folder for one PNG each.")
    ] = Path("samples.png"),
    seed: Seed = 0,
    label: Annotated[int | None, typer.Option(help="Class, for models that have them.")] = None,
    raw: Annotated[
        bool, typer.Option(help="Raw weights, not their average (run folders).")
    ] = False,
    device: Device = "auto",
) -> None:
    """Draw samples: the same seed gives the same samples.

    \b
    ganzoo sample MODEL -n 64 -o grid.png --seed 0
    ganzoo sample local-dir:runs/MODEL -n 50000 -o samples/
    """  # noqa: D301
    from ganzoo import hub, output

    gan = hub.load(source, device=device, raw=raw)
    given = {} if label is None else {"label": label}
    written = output.write(gan, n, out, seed=seed, given=given)
    print(f"{n} samples of {source}, seed {seed}: {written}")


@app.command("eval")
@_told
def evaluate(
    source: Annotated[str, typer.Argument(help="A model with weights, or local-dir:PATH.")],
    protocol: Annotated[str | None, typer.Option(help="How; left out, the model's own.")] = None,
    against: Annotated[str | None, typer.Option(help="Reference data, as --data of train.")] = None,
    n: Annotated[int | None, typer.Option("-n", "--number", help="Samples.")] = None,
    seed: Seed = 0,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Score samples under a named protocol, beside what real test data scores.

    \b
    ganzoo eval local-dir:runs/MODEL
    ganzoo eval MODEL --protocol quick --against folder:PATH --json
    """  # noqa: D301
    from ganzoo import evaluator, hub

    gan = hub.load(source, device=device)
    provenance = hub.provenance(source)
    rules = protocol or provenance.resolve().preset.protocol
    scores = evaluator.evaluate(
        gan, protocol=rules, data=against, n=n, seed=seed, fallback=provenance.recipe.data
    )
    if as_json:
        print(json.dumps(scores.to_json(), indent=2))
        return
    print(
        f"{source}: {scores.n} samples, seed {seed}, protocol {scores.protocol.name}"
        f" ({scores.protocol.hash}), against {scores.protocol.data} {scores.protocol.split}"
    )
    rows = [
        [label, f"{value:.4g}", f"{scores.floor[label]:.4g}" if label in scores.floor else "-"]
        for label, value in scores.values.items()
    ]
    _print_columns(["METRIC", "SAMPLES", "REAL TEST DATA"], rows)
    if scores.classes:
        print("classes " + " ".join(f"{share:.1%}" for share in scores.classes))
    for warning in scores.warnings:
        print(f"warning: {warning}", file=sys.stderr)


@app.command()
@_told
def bench(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Models, globs allowed.")],
    budget: Annotated[str, typer.Option(help="Training time of a row; 0: only speed.")] = "4m",
    out: Annotated[Path | None, typer.Option(help="Folder [bench-DATE-TIME].")] = None,
    protocol: Annotated[str | None, typer.Option(help="How; left out, each model's own.")] = None,
    n: Annotated[int | None, typer.Option("-n", "--number", help="Samples.")] = None,
    seed: Seed = 0,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Quality and speed of models, measured here: a table, rows as JSON, and pictures.

    \b
    ganzoo bench MODEL
    ganzoo bench '*.mnist' --budget 10m --out comparison
    """  # noqa: D301
    from dataclasses import asdict

    models = registry.match(names)
    seconds = _seconds(budget)
    from ganzoo import bench as benchmark

    folder = out or Path(time.strftime("bench-%Y%m%d-%H%M%S"))
    conditions = benchmark.Conditions(folder, seconds, seed, device, protocol, n)
    rows = []
    for row in benchmark.bench(models, conditions):
        rows.append(row)
        if row.error:
            _error(f"{row.model} ({row.weights}): {row.error}")
        for warning in row.warnings:
            print(f"warning: {row.model}: {warning}", file=sys.stderr)
    benchmark.comparison(rows, folder)
    (folder / "table.md").write_text(benchmark.summary(rows, markdown=True) + "\n")
    print(
        json.dumps([asdict(row) for row in rows], indent=2) if as_json else benchmark.summary(rows)
    )
    if not as_json:
        print(f"rows, runs and pictures in {folder}/")
    if any(row.error for row in rows):
        raise typer.Exit(1)

"""Write the parts of the documentation that follow from the code and from committed results.

python docs/generate.py            # after any change of a spec, an option or a result
python docs/generate.py --check    # name what is stale, and fail
python docs/generate.py --walk     # do what the tutorial says, and write what its commands print
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import re
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import typer.main
from contract import contract
from speed import speed_blocks
from typer.core import TyperGroup
from typer.testing import CliRunner
from walk import WALKED, stranger, walk

from ganzoo import registry
from ganzoo.bench import Row
from ganzoo.cli import app
from ganzoo.evaluation.protocols import PROTOCOLS, find_protocol
from ganzoo.hub import WEIGHTS, read_metrics
from ganzoo.runtime.text_table import format_table
from ganzoo.spec import ModelSpec
from ganzoo.spec.config import from_json, keys
from ganzoo.testing import PROMISES

ROOT = Path(__file__).resolve().parents[1]
NOTICE = "<!-- Written by docs/generate.py: change the code, not this page. -->\n\n"
UNSHOWN = ("density", "duplicates")
"""Scores that stay in the files: a table has to end somewhere."""
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the generated parts of the documentation.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if any is stale")
    parser.add_argument("--walk", action="store_true", help="run the commands of the tutorial")
    arguments = parser.parse_args()
    check = arguments.check
    if arguments.walk:
        return walk_the_tutorial()
    made = dict(pages())
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    gone = sorted(set((ROOT / "docs/models").glob("*.md")) - set(made))
    for path in [*stale, *gone]:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    if check:
        return 1 if stale or gone else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path])
    for path in gone:
        path.unlink()
    return 0


def walk_the_tutorial() -> int:
    """Every command of these pages, in order, in a new environment, and what it prints."""
    with tempfile.TemporaryDirectory() as folder, stranger(Path(folder)) as environment:
        for name in WALKED:
            path = ROOT / "docs/plugins" / name
            path.write_text(walk(path.read_text(), environment))
    return 0


def pages() -> Iterator[tuple[Path, str]]:
    """Every page that is generated, in whole or between markers, and what it should say."""
    newest, *older = sorted((ROOT / "benchmarks/results").glob("*.json"), reverse=True)
    every = [results(path, ROOT / "docs") for path in (newest, *older)]
    yield ROOT / "docs/results.md", NOTICE + "\n\n".join(["# Results", *every]) + "\n"
    yield ROOT / "docs/cli.md", NOTICE + command_line()
    for name, spec in {model.plugin.name: model.spec for model in own_models()}.items():
        yield ROOT / f"docs/models/{name}.md", NOTICE + model_page(name, spec)
    blocks = {
        "checks": checks(),
        "models": models(),
        "protocols": protocols(),
        "results": results(newest, ROOT),
        "weights": weights(),
        "vanilla": source("ganzoo_vanilla.model", "Vanilla"),
        **speed_blocks(),
    }
    yield ROOT / "docs/plugins/contract.md", NOTICE + contract()
    written = ("README.md", "docs/guide.md", "docs/performance.md", "docs/plugins/README.md")
    for path in map(ROOT.joinpath, written):
        yield path, fill(path.read_text(), blocks)


def fill(text: str, blocks: Mapping[str, str]) -> str:
    return BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]}\n\n{found[3]}", text)


def own_models() -> list[registry.Model]:
    """The models of ganzoo's own distribution, whatever else is installed here."""
    own = registry.OWN_DISTRIBUTION
    return [model for model in registry.models() if model.plugin.distribution == own]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return format_table(header, escaped, markdown=True)


def typed(value: object) -> str:
    """A value as one would type it after --set."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return (str(value).lower() if isinstance(value, bool | None) else str(value)).removesuffix(".0")


def models() -> str:
    """A line for each preset of ganzoo's own models."""
    rows = []
    for model in own_models():
        paper, preset = model.spec.paper, model.preset
        name = f"[`{model.name}`](docs/models/{model.plugin.name}.md)"
        origin = f"[{paper.authors} {paper.year}]({paper.url})"
        used = find_protocol(preset.protocol).name
        rows.append([name, preset.description, preset.recipe.data, origin, used])
    return table(["model", "what", "data", "paper", "scored by"], rows)


def weights() -> str:
    """What the weights that a package carries score, as their folders say: a table a protocol."""
    scored: dict[str, list[tuple[registry.Model, Mapping[str, Any]]]] = {}
    for model in own_models():
        if model.packaged and (metrics := read_metrics(model.packaged)):
            scored.setdefault(metrics["protocol"]["name"], []).append((model, metrics))
    tables = (f"`{name}`:\n\n{weights_table(rows)}" for name, rows in scored.items())
    return "\n\n".join(tables)


def weights_table(scored: Sequence[tuple[registry.Model, Mapping[str, Any]]]) -> str:
    """A row for each of some weights that one protocol has scored, and for real test data."""
    every = dict.fromkeys(label for _, metrics in scored for label in metrics["values"])
    shown = [label for label in every if not label.startswith(UNSHOWN)]
    rows = [weights_row(model, metrics, shown) for model, metrics in scored]
    floor = {label: value for _, each in scored for label, value in each["floor"].items()}
    if floor:
        known = [figure(floor.get(label), ".3g") for label in shown]
        rows.append(["real test data", "", "", "", *known])
    return table(["weights", "MB", "kimg", "samples", *shown], rows)


def weights_row(
    model: registry.Model, metrics: Mapping[str, Any], shown: Sequence[str]
) -> list[str]:
    """Of one model; empty where a score does not apply to it."""
    assert model.packaged
    values, spread = metrics["values"], metrics["spread"]
    return [
        f"`{model.name}`",
        f"{(model.packaged / WEIGHTS).stat().st_size / 1e6:.2g}",
        f"{model.preset.recipe.kimg:g}",
        f"{metrics['sets']} x {metrics['n']:,}, from seed {metrics['seed']}",
        *(give_or_take(values[k], spread[k], ".3g") if k in values else "" for k in shown),
    ]


def protocols() -> str:
    """A line for each way to score."""
    rows = []
    for each in PROTOCOLS.values():
        metrics, data = ", ".join(each.metrics), each.data or "the model's own"
        cells = [f"`{each.name}`", each.label("fd"), data, str(each.n), each.extractor]
        rows.append([*cells, metrics, each.summary])
    return table(["protocol", "distance", "reference", "n", "features", "metrics", "what"], rows)


def source(module: str, name: str) -> str:
    """The source of a class, as a block of Python."""
    return f"```python\n{inspect.getsource(getattr(importlib.import_module(module), name))}```"


def command_line() -> str:
    """What ``--help`` says, of ganzoo and of each command."""
    parts = ["# The command line\n"]
    for words in commands(cast(TyperGroup, typer.main.get_command(app))):
        arguments = [*words, "--help"]
        shown = CliRunner().invoke(app, arguments, prog_name="ganzoo", terminal_width=100)
        name = " ".join(["ganzoo", *words])
        parts.append(f"## {name}\n\n```text\n{shown.stdout.strip()}\n```\n")
    return "\n".join(parts)


def commands(group: TyperGroup, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """A group, and all commands below it, as they are typed after ``ganzoo``."""
    yield words
    for name, command in group.commands.items():
        below = (*words, name)
        yield from commands(command, below) if isinstance(command, TyperGroup) else [below]


def checks() -> str:
    """A line for each promise that a plugin is held to."""
    return "\n".join(f"* `{each.name}`: {each.meaning} {each.mend}" for each in PROMISES)


def model_page(name: str, spec: ModelSpec) -> str:
    """Everything that a spec says."""
    paper, presets = spec.paper, spec.presets
    origin = f"{paper.authors} ({paper.year}), [{paper.title}]({paper.url})."
    recipes = {preset: each.recipe for preset, each in presets.items()}
    configs = {preset: each.config for preset, each in presets.items()}
    scored = [
        [f"`{name}.{k}`", each.description, find_protocol(each.protocol).name]
        for k, each in presets.items()
    ]
    deviations = [f"* {each.what}: {each.why}." for each in spec.deviations]
    sections = [
        f"# {name}\n\n{spec.summary}",
        f"{origin} Licence of the code: {spec.license}. Task: {spec.task}.",
        "## Presets\n\n" + table(["preset", "what", "scored by"], scored),
        "## Model keys\n\nFor `--set KEY=VALUE`.\n\n" + side_by_side(configs),
        "## Recipe keys\n\nFor `--set KEY=VALUE`.\n\n" + side_by_side(recipes),
        "## Deviations from the paper\n\n" + ("\n".join(deviations) or "None."),
        "## Healthy losses\n\n" + (spec.healthy or "Not known yet."),
    ]
    return "\n\n".join(sections) + "\n"


def side_by_side(configs: Mapping[str, Any]) -> str:
    """The keys of several presets, a column each."""
    columns = {name: {key.name: key for key in keys(config)} for name, config in configs.items()}
    every = {key.name: key.help for column in columns.values() for key in column.values()}
    rows = [
        [f"`{key}`", text]
        + [typed(column[key].value) if key in column else "-" for column in columns.values()]
        for key, text in every.items()
    ]
    return table(["key", "what", *configs], rows)


def results(path: Path, start: Path) -> str:
    """Of a committed file of results a table a protocol, what failed, and the samples.

    Args:
        path: the file.
        start: the folder of the page that links to it.
    """
    facts = json.loads(path.read_text())
    rows = [from_json(Row, row) for row in facts["rows"]]
    origin = f"{facts['device']}, torch {facts['torch']}, {facts['date']}"
    link = os.path.relpath(path, start)
    made = f"Made by `{facts['command']}` on {origin}; [rows]({link})."
    alike: dict[tuple[str, str, int | None], list[Row]] = {}
    for row in rows:
        if not row.error:
            alike.setdefault((row.protocol, row.protocol_hash, row.n), []).append(row)
    failed = [f"* {row.model}, seed {row.seed}: {row.error}" for row in rows if row.error]
    picture = Path(link).with_suffix(".png")
    drawn = [f"![samples]({picture})"] if path.with_suffix(".png").exists() else []
    tables = map(rows_table, alike.values())
    return "\n\n".join([f"**{facts['what']}**. {made}", *tables, *failed, *drawn])


def rows_table(rows: Sequence[Row]) -> str:
    """Rows of a bench that one protocol has scored; those of several seeds are one."""
    every = dict.fromkeys(label for row in rows for label in row.values)
    shown = [label for label in every if not label.startswith(UNSHOWN)]
    header = ["model", "weights", "seed", "parameters", "train img/s", "sample img/s", "peak MB"]
    alike: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        alike.setdefault((row.model, row.weights), []).append(row)
    body = [cells(group, shown) for group in alike.values()]
    floor = {label: value for row in rows for label, value in row.floor.items()}
    if floor:
        known = [figure(floor.get(label)) for label in shown]
        body.append(["real test data", *[""] * 7, *known])
    first = rows[0]
    title = f"`{first.protocol}` ({first.protocol_hash}), {figure(first.n, ',')} samples:\n\n"
    return (title if first.protocol else "") + table([*header, "kimg", *shown], body)


MEASURED = ("train_images_per_second", "sample_images_per_second", "peak_megabytes", "kimg")


def cells(group: Sequence[Row], shown: Sequence[str]) -> list[str]:
    """Of one model, trained with one or several seeds."""
    row, seeds = group[0], [each.seed for each in group]
    parameters = (row.generator_parameters or 0) + (row.discriminator_parameters or 0) or None
    measured = [mean([getattr(each, name) for each in group], ",.0f") for name in MEASURED]
    scored = [
        mean([each.values.get(label) for each in group], ".4g", spread=True) for label in shown
    ]
    return [
        row.model,
        row.weights,
        f"{seeds[0]} to {seeds[-1]}" if seeds[1:] else str(row.seed),
        figure(parameters, ",.0f"),
        *measured,
        *scored,
    ]


def mean(values: Sequence[float | None], form: str, *, spread: bool = False) -> str:
    """The mean of what was measured, with the standard deviation where there are several."""
    found = [value for value in values if value is not None]
    if not found:
        return ""
    middle = statistics.fmean(found)
    if spread and found[1:]:
        return give_or_take(middle, statistics.stdev(found), form)
    return figure(middle, form)


def give_or_take(value: float, deviation: float, form: str) -> str:
    """With a standard deviation; one that is rounding error alone is 0."""
    known = 0 if deviation < 1e-9 * abs(value) else deviation
    return f"{figure(value, form)} ± {known:.2g}"


def figure(value: float | None, form: str = ".4g") -> str:
    return "" if value is None else format(value, form)


if __name__ == "__main__":
    raise SystemExit(main())

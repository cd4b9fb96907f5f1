"""Write the parts of the documentation that follow from the code and from committed results.

python docs/generate.py            # after any change of a spec, an option or a result
python docs/generate.py --check    # list stale pages and fail if there are any
python docs/generate.py --walk     # run the commands of the tutorial and store their output
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import re
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import model_tables
from api_pages import api_list, api_pages
from bench_tables import results
from choice_tables import choice_blocks
from command_pages import command_list, command_pages
from contract import contract
from field_scores import field_blocks
from loss_families import loss_blocks
from markdown import table
from protocol_pages import protocol_pages
from speed import speed_blocks
from walk import WALKED, stranger, walk

from ganzoo import GAN
from ganzoo.testing import REQUIREMENTS

ROOT = Path(__file__).resolve().parents[1]
NOTICE = "<!-- Written by docs/generate.py: change the code, not this page. -->\n\n"
GENERATED = ("commands", "models", "protocols", "reference")
"""Folders of docs/ with generated pages."""
BLOCK = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the generated parts of the documentation.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    parser.add_argument("--walk", action="store_true", help="run the commands of the tutorial")
    arguments = parser.parse_args()
    return walk_the_tutorial() if arguments.walk else update(check=arguments.check)


def update(*, check: bool) -> int:
    """Write the stale pages and delete pages of removed models, or only list them."""
    made = dict(pages())
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    present = {path for folder in GENERATED for path in (ROOT / "docs" / folder).glob("*.md")}
    removed = sorted(path for path in present - set(made) if NOTICE in path.read_text())
    for path in [*stale, *removed]:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    if check:
        return 1 if stale or removed else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path])
    for path in removed:
        path.unlink()
    return 0


def walk_the_tutorial() -> int:
    """Run every command of the tutorial pages in a new environment and store the output."""
    with tempfile.TemporaryDirectory() as folder, stranger(Path(folder)) as environment:
        for name in WALKED:
            path = ROOT / "docs/plugins" / name
            path.write_text(walk(path.read_text(), environment))
    return 0


def pages() -> Iterator[tuple[Path, str]]:
    """Paths and full texts of all pages that are generated in whole or in part."""
    newest_first = sorted((ROOT / "benchmarks/results").glob("*.json"), reverse=True)
    tables = [results(path, ROOT / "docs") for path in newest_first]
    yield ROOT / "docs/results.md", NOTICE + "\n\n".join(["# Results", *tables]) + "\n"
    yield ROOT / "docs/cli.md", NOTICE + command_list()
    for folder, made in (
        ("commands", command_pages()),
        ("protocols", protocol_pages()),
        ("reference", api_pages()),
    ):
        for name, text in made:
            yield ROOT / "docs" / folder / name, NOTICE + text
    yield ROOT / "docs/plugins/contract.md", NOTICE + contract()
    for name, presets in model_tables.by_architecture().items():
        text = model_tables.model_page(name, presets[0].spec)
        yield ROOT / f"docs/models/{name}.md", NOTICE + text
    generated = blocks()
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        if BLOCK.search(text := path.read_text()):
            yield path, fill(text, generated)


def blocks() -> dict[str, str]:
    """Generated texts by the name in their marker."""
    return {
        "architectures": model_tables.architectures(),
        "checks": checks(),
        "models": model_tables.models(),
        "published": model_tables.published(),
        "finetune": fine_tuning(),
        "fewimages": few_images(),
        "parity": parity(),
        "protocols": model_tables.protocols(),
        "losses": f"```python\n{losses()}```",
        "vanilla": f"```python\n{inspect.getsource(vanilla())}```",
        "weights": model_tables.weights(),
        "api": api_list(),
        **choice_blocks(),
        **field_blocks(),
        **loss_blocks(),
        **speed_blocks(),
    }


def fill(text: str, generated: Mapping[str, str]) -> str:
    """A page with the text between each pair of markers replaced."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{generated[found[2]]}\n\n{found[3]}", text)


def vanilla() -> type[GAN]:
    """The class of the shortest plugin."""
    module = importlib.import_module("ganzoo_vanilla.model")
    return cast(type[GAN], module.Vanilla)


def losses() -> str:
    """Source of the two losses of the shortest plugin."""
    model = vanilla()
    methods = (model.discriminator_loss, model.generator_loss)
    return "\n\n".join(textwrap.dedent(inspect.getsource(method)) for method in methods)


def parity() -> str:
    """One row per official network that ours was compared with."""
    content = json.loads((ROOT / "benchmarks/parity.json").read_text())
    rows = [
        [
            f"`{name}`",
            facts["official"],
            *(f"{facts[key]:.1e}" for key in ("difference", "allowed")),
        ]
        for name, facts in content.items()
    ]
    return table(["network", "official code", "largest difference", "allowed"], rows)


def fine_tuning() -> str:
    """FD with and without trained weights to start from, from the newest result."""
    newest = sorted((ROOT / "benchmarks/results/fine_tune").glob("*.json"))[-1]
    content = json.loads(newest.read_text())
    starts = {
        "": "from scratch",
        "local-dir:RUN": "from a run of 60 thousand digits, discriminator included",
    }
    rows = [
        [
            starts.get(row["init"], f"from `{row['init']}`"),
            f"{row['lr']:g}",
            str(row["seed"]),
            f"{row['fd']:.0f}",
        ]
        for row in content["rows"]
    ]
    lines = (
        f"`{content['model']}` on inverted digits, {content['kimg']:g} thousand images, FD of"
        f" {content['n']:,} samples (inverse-lenet), {content['device']}, {content['date']}:"
    )
    return f"{lines}\n\n{table(['start', 'learning rate', 'seed', 'FD'], rows)}"


def few_images() -> str:
    """FD with and without augmentation: a table for each result, by date."""
    paths = sorted((ROOT / "benchmarks/results/few_images").glob("*.json"))
    return "\n\n".join(few_images_table(json.loads(path.read_text())) for path in paths)


def few_images_table(content: dict[str, Any]) -> str:
    """A line with the settings, and FD by kind of augmentation and seed."""
    methods = list(dict.fromkeys(row["augment"] for row in content["rows"]))
    seeds = sorted({row["seed"] for row in content["rows"]})
    values = {(row["augment"], row["seed"]): f"{row['fd']:.3g}" for row in content["rows"]}
    strengths = [row["strength"] for row in content["rows"] if row["augment"] == "ada"]
    reached = f" ADA's strength {max(strengths):.2f} at the end," if strengths else ""
    rows = [[f"`{name}`", *(values.get((name, seed), "") for seed in seeds)] for name in methods]
    settings = ", ".join(f"{key}={value:g}" for key, value in content["settings"].items())
    lines = (
        f"`{content['model']}` ({settings}) on {content['images']:,} digits, {content['kimg']:g}"
        f" thousand images, FD of {content['n']:,} samples against the full training set (lenet),"
        f"{reached} {content['device']}, {content['date']}:"
    )
    return f"{lines}\n\n{table(['augment', *(f'seed {seed}' for seed in seeds)], rows)}"


def checks() -> str:
    """One line per check of ``ganzoo plugin check``."""
    return "\n".join(f"* `{each.name}`: {each.meaning} {each.fix}" for each in REQUIREMENTS)


if __name__ == "__main__":
    raise SystemExit(main())

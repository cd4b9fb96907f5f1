"""The documentation promises nothing that is not there."""

import ast
import dataclasses
import functools
import importlib.util
import inspect
import re
import shlex
from pathlib import Path
from typing import get_origin

import generate
import pytest
import torch
import typer.main

import ganzoo
from ganzoo.cli import app
from ganzoo.data import load_data
from ganzoo.data.catalog import KNOWN
from ganzoo.evaluation.extractors import load_extractor
from ganzoo.evaluation.protocols import PROTOCOLS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EVERY = [*PAGES, *ROOT.glob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
EVERY += [*ROOT.glob("plugins/*/*.md"), ROOT / "ganzoo/README.md"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(path, *kinds):
    return [text for kind, text in FENCE.findall(path.read_text()) if kind in kinds]


def commands(path):
    """Each command of ganzoo in a block of shell or, in the text, between backticks."""
    lines = [line for text in blocks(path, "bash", "console") for line in text.splitlines()]
    parts = [part for line in lines for part in line.removeprefix("$ ").split("&&")]
    parts += re.findall(r"`(ganzoo [^`]+)`", FENCE.sub("", path.read_text()))
    return [part.strip() for part in parts if part.strip().startswith("ganzoo ")]


@functools.cache
def program():
    """The command `ganzoo` with its subcommands."""
    return typer.main.get_command(app)


@functools.cache
def options(command):
    named = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return {name for name in named if name.startswith("-")} | {"-h", "--help"}


def wrong(line):
    """What is wrong with a command, or an empty string."""
    group = program()
    known, command = options(group), None
    for word in shlex.split(line, comments=True)[1:]:
        if word.startswith("-"):
            if word.partition("=")[0] not in known:
                return f"no option {word}"
        elif command is None and word != "COMMAND":
            command = group.commands.get(word)
            if command is None:
                return f"no command {word}"
            known = options(command)
            if hasattr(command, "commands"):
                group, command = command, None
    return ""


@pytest.mark.parametrize("path", sorted({*EVERY}), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(path):
    assert {line: wrong(line) for line in commands(path) if wrong(line)} == {}


def test_the_check_of_commands_finds_mistakes():
    assert wrong("ganzoo trian vanilla") == "no command trian"
    assert wrong("ganzoo list --prety") == "no option --prety"
    assert wrong("ganzoo train x --set a=1 --kimg=3 -h # --no") == ""
    assert wrong("ganzoo --debug list") == ""
    assert len(commands(ROOT / "README.md")) > 5


def test_readme_opens_with_the_two_commands():
    first, second = blocks(ROOT / "README.md", "bash")[:2]
    assert first == "pip install . && ganzoo bench dcgan\n"
    assert second == 'pip install -e ".[dev]" && pytest\n'
    assert f"check '{second.strip()}'" in (ROOT / ".ci/run").read_text()


def test_readme_is_short_and_narrow():
    lines = (ROOT / "README.md").read_text().splitlines()
    tables = [line for line in lines if line.startswith("|")]
    assert len(lines) <= 120
    assert max(map(len, tables)) <= 100
    assert max(line.count("|") for line in tables) - 1 <= 5


def test_readme_shows_a_small_picture():
    path = ROOT / "docs/samples.png"
    assert "](docs/samples.png)" in (ROOT / "README.md").read_text()
    assert path.stat().st_size < 150_000


def test_nobody_is_told_to_install_the_package_of_somebody_else():
    other = re.compile(r"pip install[^\n`&|;]*[ '\"]ganzoo(?![\w-])")
    assert other.search("pip install -U 'ganzoo[dev]'")
    assert not other.search("pip install ganzoo-core && ganzoo list")
    assert [path for path in EVERY if other.search(path.read_text())] == []


def test_links_lead_somewhere():
    for path in EVERY:
        text = FENCE.sub("", path.read_text())
        for link in re.findall(r"\]\((?!https?:)([^)#]*)", text):
            assert (path.parent / link).exists(), f"{path}: {link}"


@pytest.mark.slow
def test_generated_parts_are_fresh(monkeypatch, capsys):
    monkeypatch.delenv("GANZOO_PLUGINS", raising=False)
    status = generate.update(check=True)
    assert status == 0, f"run `python docs/generate.py`\n{capsys.readouterr().out}"


@pytest.mark.parametrize("name", ganzoo.__all__)
def test_public_names_are_documented(name):
    value = getattr(ganzoo, name)
    described = inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value)
    if described and get_origin(value) is None:
        assert value.__doc__
        assert not value.__doc__.startswith(f"{name}("), "a dataclass wrote this, not a person"
    else:
        assert any(f"{name}`" in path.read_text() for path in PAGES), f"{name} is in no page"


def test_python_in_the_pages_uses_names_that_exist():
    for path in PAGES:
        for text in blocks(path, "python"):
            compile(text, str(path), "exec")
            for name in re.findall(r"\bganzoo\.(\w+)", text):
                assert name in ganzoo.__all__ or importlib.util.find_spec(f"ganzoo.{name}")


def test_the_guides_name_all_data_protocols_and_variables():
    guides = [*(ROOT / "docs/howto").glob("*.md"), ROOT / "docs/reference/settings.md"]
    guide = "".join(path.read_text() for path in guides)
    code = "".join(path.read_text() for path in (ROOT / "ganzoo").rglob("*.py"))
    variables = set(re.findall(r"(?:environ(?:\.get\(|\[)|envvar=)\"(GANZOO_\w+)", code))
    for name in (*KNOWN, *PROTOCOLS, *variables):
        assert f"`{name}`" in guide, name
    assert set(re.findall(r"GANZOO_\w+", guide)) == variables


CALLED = {"__init__", "sample", "samples", "prior_rows", "sample_conditions", "compile", "forward"}
"""Methods of a GAN that users call, and plugins do not write."""


def test_the_pages_on_plugins_name_the_whole_contract():
    folder = ROOT / "docs/plugins"
    page, reference = (folder / "README.md").read_text(), (folder / "contract.md").read_text()
    contract = ganzoo.GAN.__dict__
    methods = {name for name, value in contract.items() if inspect.isfunction(value)}
    for name in methods - CALLED:
        assert name.startswith("_") or f"`{name}(" in page, name
        assert name.startswith("_") or f"#### `{name}`" in reference, name
    for cls in (ganzoo.Phase, ganzoo.ModelSpec):
        for field in dataclasses.fields(cls):
            assert field.name == "task" or re.search(rf"`{field.name}\b", page), field.name
    specs = (ganzoo.DatasetSpec, ganzoo.ExtractorSpec, ganzoo.Preset, ganzoo.Recipe, ganzoo.Weights)
    for cls in (ganzoo.Phase, ganzoo.ModelSpec, ganzoo.Dataset, ganzoo.Optimizer, *specs):
        section = reference.partition(f"### `{cls.__name__}`\n")[2].partition("\n### ")[0]
        for field in dataclasses.fields(cls):
            assert re.search(rf"^\* `{field.name}\b", section, re.MULTILINE), field.name


def test_our_plugins_use_nothing_that_the_contract_does_not_name():
    page = (ROOT / "docs/plugins/contract.md").read_text()
    named = set(re.findall(r"^(?:###|\*) `(?:ganzoo\.)?([\w.]+)`", page, re.MULTILINE))
    named |= {"Batch", "Losses", "losses", "layers", "deviations", "hub"}
    used = set()
    for path in ROOT.glob("plugins/*/ganzoo_*/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ganzoo":
                module = node.module.removeprefix("ganzoo").strip(".")
                used |= {f"{module}.{alias.name}".strip(".") for alias in node.names}
    unnamed = {name for name in used if not {name, name.rpartition(".")[2]} & named}
    assert unnamed <= {"evaluation.protocols.LENET_SHA256"}


def test_the_accuracy_of_the_classifier_is_as_stated():
    digits = load_data("mnist", (1, 28, 28), "test")
    rows = digits.rows(torch.arange(len(digits)))
    named = load_extractor("lenet-mnist")(rows["real"]).logits.argmax(1)
    accuracy = float((named == rows["label"]).double().mean())
    assert f"test accuracy of {accuracy:.4f}" in " ".join(
        (ROOT / "benchmarks/README.md").read_text().split()
    )

"""Code of the pages runs: blocks of Python, a page in one go, and commands that need no files."""

import re
import shlex
from pathlib import Path

import pytest
from invoke import run

import ganzoo

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WRITTEN = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("howto/*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHELL = re.compile(r"^```bash\n(.*?)^```", re.DOTALL | re.MULTILINE)
QUICK = ("start.md", "application.md", "losses.md", "howto/own-model.md")
SLOW = ("howto/latents.md", "howto/evaluate.md", "howto/python.md")
ELSEWHERE = {
    "README.md": "a part of a class, generated from its source",
    "published.md": "a download",
    "howto/export.md": "tests/cli/test_cmd_export.py",
}
"""Pages whose blocks are run by other tests, or cannot be run."""


def named(path):
    return str(path.relative_to(DOCS)) if path.is_relative_to(DOCS) else path.name


def execute(page, replaced=()):
    names = {}
    for block in PYTHON.findall((DOCS / page).read_text()):
        for old, new in replaced:
            block = block.replace(old, new)
        exec(compile(block, page, "exec"), names)


def test_every_page_with_python_is_run():
    pages = {named(path) for path in WRITTEN if PYTHON.search(path.read_text())}
    assert pages == {*QUICK, *SLOW, *ELSEWHERE}


@pytest.mark.parametrize("page", QUICK)
def test_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    execute(page)


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW)
def test_slow_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ganzoo.train("dcgan.mnist", kimg=1, batch=64)
    execute(page, [('"5m"', '"2s"'), ("kimg=10", "kimg=1")])


def commands():
    """Commands that need no files: lists, and the plans of runs on data in the package."""
    for path in WRITTEN:
        for block in SHELL.findall(path.read_text()):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words[:1] != ["ganzoo"] or {"|", "&&", ">"} & {*words}:
                    continue
                if words[1] in ("list", "info", "protocols") or words[1:3] == ["data", "list"]:
                    yield tuple(words[1:])
                elif words[1] == "train" and "." not in words[2] and "--data" not in words:
                    yield (*words[1:], "--dry-run")


def test_commands_that_need_no_files_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = [words for words in dict.fromkeys(commands()) if "--init" not in words]
    assert len(found) > 10
    for words in found:
        code, printed, error = run(*words)
        assert code == 0, (words, error)
        assert printed

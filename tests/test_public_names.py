"""Public names: in the pages, in help() and dir(), typed, and completed in the shell."""

import contextlib
import importlib
import inspect
import pydoc
import re
import sys
from pathlib import Path

import typer.main

import ganzoo
from ganzoo.cli import app, completion
from ganzoo.evaluation.protocols import PROTOCOLS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MODULES = ("data", "evaluation", "training", "hub", "losses", "layers", "metrics", "testing")


def commands(group, words=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


def test_every_public_name_has_a_heading_and_types():
    for name in ("ganzoo", *(f"ganzoo.{each}" for each in MODULES)):
        module = importlib.import_module(name)
        page = (DOCS / f"reference/{name}.md").read_text()
        headings = re.findall(r"^## (\w+)$", page, re.MULTILINE)
        public = [each for each in module.__all__ if each != "__version__"]
        assert sorted(headings) == sorted(public), name
        assert {*module.__all__} <= {*dir(module)}, name
        for each in public:
            value = getattr(module, each)
            if inspect.isfunction(value):
                found = inspect.signature(value)
                kinds = [parameter.annotation for parameter in found.parameters.values()]
                assert inspect.Signature.empty not in [*kinds, found.return_annotation], each


def test_every_command_and_option_is_in_its_page():
    for words, command in commands(typer.main.get_command(app)):
        page = (DOCS / f"commands/{words[0]}.md").read_text()
        assert f"# ganzoo {' '.join(words)}\n" in page
        for each in command.params:
            for option in each.opts:
                hidden = getattr(each, "hidden", False) or each.name == "help"
                assert hidden or option in page, f"{words}: {option}"


def test_every_protocol_has_a_page():
    for name, protocol in PROTOCOLS.items():
        page = (DOCS / f"protocols/{name}.md").read_text()
        assert f"# {name}\n" in page
        assert protocol.extractor in page


def test_help_lists_the_purposes_and_every_name():
    text = pydoc.render_doc(ganzoo, renderer=pydoc.plaintext)
    assert [name for name in ganzoo.__all__ if name not in text] == ["__version__"]
    assert "Write a model: subclass `GAN`" in text
    assert (Path(ganzoo.__file__).parent / "py.typed").exists()


def test_names_are_completed():
    assert "dcgan.mnist" in completion.models("dcgan.m")
    assert "dcgan" in completion.models("dc")
    assert completion.trained_models("dcgan.mn")[0] == "dcgan.mnist"
    assert "cifar10" in completion.data_sets("cif")
    assert "folder:" in completion.data_sets("fo")
    assert completion.protocols("mn") == ["mnist-lenet"]
    assert completion.models("nothing") == []


def test_the_shell_asks_for_names(monkeypatch, capsys):
    monkeypatch.setenv("COMP_WORDS", "ganzoo info vanil")
    monkeypatch.setenv("COMP_CWORD", "2")
    monkeypatch.setenv("_GANZOO_COMPLETE", "complete_bash")
    monkeypatch.setattr(sys, "argv", ["ganzoo"])
    with contextlib.suppress(SystemExit):
        app(prog_name="ganzoo")
    assert "vanilla" in capsys.readouterr().out.split()

"""Usage, options and bugs: one line for each mistake."""

import os
import subprocess
import sys

import pytest
from commands import (
    fails,
    ganzoo,
    run,
    words,
)

from ganzoo import registry


@pytest.mark.parametrize("command", ["info", "train", "sample", "eval", "bench"])
@pytest.mark.parametrize(
    ("name", "answer"),
    [("vanila", "did you mean vanilla?"), ("vanilla.mnst", "did you mean vanilla.mnist?")],
)
def test_a_wrong_name(command, name, answer):
    line = fails(2, command, name)
    assert repr(name) in line
    assert answer in line
    assert "`ganzoo list`" in line


@pytest.mark.parametrize(
    ("setting", "answer"),
    [
        (["lr=1"], "did you mean optimizer.lr?"),
        (["optimizer.lrr=1"], "did you mean optimizer.lr"),
        (["sise=8"], "did you mean size"),
        (["xyzzy=8"], "hidden"),
        (["width"], "key=value, not 'width'"),
        (["=8"], "key=value, not '=8'"),
        (["size=8", "size=8"], "size is given twice"),
        (["size=large"], "size=large: expected a whole number"),
        (["size=8.5"], "expected a whole number"),
        (["hidden=8,x"], "expected values separated by commas"),
        (["optimizer.lr=fast"], "optimizer.lr=fast: expected a number"),
        (["optimizer.lr=nan"], "expected a number"),
        (["optimizer.lr=-1"], "optimizer.lr=-1.0: must be above 0"),
        (["optimizer.betas=0.5"], "2 values separated by commas"),
        (["optimizer.name=lion"], "one of adam, adamw, sgd, rmsprop"),
        (["mirror=maybe"], "true or false"),
        (["batch=0"], "batch=0: must be at least 1"),
    ],
    ids=words,
)
def test_a_wrong_setting(setting, answer):
    pairs = [part for each in setting for part in ("--set", each)]
    assert answer in fails(2, "train", "vanilla", *pairs, "--dry-run")


def test_a_choice_that_is_none_lists_the_choices():
    line = fails(2, "train", "vanilla", "--precision", "fp8")
    assert line.startswith("error: Invalid value for '--precision': 'fp8' is not one of 'auto', ")


@pytest.mark.parametrize("model", ["dcgan", "wgan-gp"])
def test_a_size_that_the_model_does_not_take(model):
    line = fails(2, "train", model, "--set", "size=30")
    assert "size=30" in line
    assert "Allowed: 8, 10, 12, 14, 16, 20, ...; nearest: 28, 32" in line


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (["--kimg", "0"], "kimg=0.0: must be above 0"),
        (["--kimg", "-1"], "kimg=-1.0: must be above 0"),
        (["--kimg", "nan"], "kimg"),
        (["--kimg", "inf", "--dry-run"], "kimg"),
        (["--batch", "0"], "batch=0: must be at least 1"),
        (["--budget", "soon"], "90s, 5m or 1h, not 'soon'"),
        (["--budget", "-3s"], "90s, 5m or 1h, not '-3s'"),
        (["--budget", "nan"], "90s, 5m or 1h"),
        (["--budget", ""], "90s, 5m or 1h"),
        (["--device", "toaster"], "it is auto, cpu, cuda, cuda:N or mps"),
        (["--device", "cuda:99"], "cuda:99"),
        (["--device", "meta"], "meta"),
    ],
    ids=words,
)
def test_a_wrong_option(options, answer, here):
    assert answer in fails(2, "train", "vanilla", "--out", "run", *options)
    assert list(here.iterdir()) == []


def test_a_dry_run_refuses_what_the_run_would_refuse():
    assert "90s, 5m or 1h" in fails(2, "train", "vanilla", "--budget", "soon", "--dry-run")


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["info"],
        ["train", "vanilla", "--sise", "8"],
        ["train", "vanilla", "--kimg", "many"],
        ["sample", "local-dir:run", "-n", "0"],
        ["train", "vanilla", "--precision", "fp8"],
        ["train", "vanilla", "--on-collapse", "pray"],
        ["train", "vanilla", "--keep", "everything"],
        ["--frob"],
    ],
    ids=words,
)
def test_what_the_parser_refuses(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert "--help`)" in line


def broken(*arguments):
    raise ZeroDivisionError("first line\nsecond line")


def test_a_bug_is_one_line_and_says_how_to_see_more(monkeypatch):
    monkeypatch.setattr(registry, "resolve", broken)
    line = fails(1, "info", "vanilla")
    assert "ZeroDivisionError: first line" in line
    assert "ganzoo --debug" in line


def test_debug_shows_where_a_bug_is(monkeypatch):
    monkeypatch.setattr(registry, "resolve", broken)
    result = run("--debug", "info", "vanilla")
    assert result.exit_code == 1
    assert isinstance(result.exception, ZeroDivisionError)
    assert "ganzoo --debug" in fails(1, "info", "vanilla"), "it must be asked for each time"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["info", "vanila"], 2),
        (["plugin", "new", "acme", "--out", f"{__file__}/acme"], 1),
        (["list"], 0),
    ],
    ids=["usage", "world", "good"],
)
def test_real_exit_codes(arguments, code):
    process = ganzoo(*arguments)
    assert process.returncode == code
    lines = process.stderr.splitlines()
    assert len(lines) == (code > 0)
    assert all(line.startswith("error: ") for line in lines)


def test_debug_shows_a_traceback_in_a_real_process():
    process = ganzoo("--debug", "info", "vanila")
    assert "Traceback" in process.stderr
    assert "UnknownNameError" in process.stderr
    assert process.returncode != 0


def test_a_reader_that_has_gone_away_is_no_reason_for_a_traceback():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "ganzoo", "info", "wgan-gp"]
    process = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert process.stderr == ""

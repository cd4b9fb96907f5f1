"""The command line as a person meets it: one line for each mistake, and the same bits again."""

import errno
import json
import logging
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from typer.testing import CliRunner

from ganzoo import hub, registry
from ganzoo.bench import speed
from ganzoo.cli import app
from ganzoo.runtime import checkpoint

CONSTANT = ("--set", "optimizer.schedule=constant")
"""A longer run begins as a shorter one does only where no schedule ends with it."""
DEFAULT = ("train", "vanilla", "--kimg", "0.3", "--batch", "32", "--device", "cpu", *CONSTANT)
"""The run that most tests here read: ten steps on MNIST."""


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def done(*arguments):
    """What a command that succeeds prints on stdout."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert "error" not in result.stderr
    return result.stdout


def fails(code, *arguments):
    """The one line that says why a command fails; a run that began says before what it does."""
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    *before, line = result.stderr.splitlines()
    assert all(" kimg of " in text for text in before[:1])
    assert len(before) < 2
    assert line.startswith("error: ")
    assert "Traceback" not in result.output
    return line


def ganzoo(*arguments, **options):
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ganzoo", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def assert_same_weights(one, other):
    ours, theirs = (load_file(folder / hub.WEIGHTS) for folder in (one, other))
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


def words(value):
    """The id of a case: its arguments as they are typed."""
    return " ".join(value) if isinstance(value, list) else value


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test starts in an empty folder of its own, and leaves the log as it was."""
    monkeypatch.chdir(tmp_path)
    level = logging.getLogger().level
    yield tmp_path
    logging.getLogger().setLevel(level)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run folder; read it, or copy it."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    done(*DEFAULT, "--out", folder)
    return folder


@pytest.fixture
def folder(trained, here):
    """A copy of the run folder that a test may spoil, ``run`` in the folder where it is."""
    return shutil.copytree(trained, here / "run")


@pytest.fixture
def images(here):
    """``images``: 40 pictures of 8 x 8."""
    (here / "images").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)
    for number, image in enumerate(noise):
        Image.fromarray(image).save(here / "images" / f"{number:02d}.png")
    return here / "images"


SMALL = ("--data", "folder:images", "--set", "size=8", "--set", "hidden=16,16", "--device", "cpu")


# what cannot be meant


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


@pytest.mark.parametrize("model", ["dcgan", "wgan-gp"])
def test_a_size_that_the_model_does_not_take(model):
    line = fails(2, "train", model, "--set", "size=30")
    assert "size=30" in line
    assert "must be 4 to 7 doubled at least once, e.g. 28 or 32" in line


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


# data that is not there


@pytest.mark.parametrize(
    ("data", "code", "answer"),
    [
        ("folder:missing", 1, "no such folder"),
        ("folder:empty", 1, "no image in it"),
        ("folder:corrupt", 1, "none of 2 files is readable"),
        ("folder:corrupt/a.png", 1, "it is a file"),
        ("hf:user/name", 1, "pip install 'ganzoo-core[datasets]'"),
        ("corrupt", 2, "write folder:corrupt"),
        ("./corrupt", 2, "write folder:./corrupt"),
        ("folder:", 2, "folder:"),
        ("minst", 2, "did you mean mnist"),
        ("xyzzy", 2, "folder:PATH"),
        ("fodler:empty", 2, "did you mean folder?"),
    ],
)
def test_data_that_cannot_be_had(data, code, answer, here, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    (here / "empty").mkdir()
    (here / "corrupt").mkdir()
    for name in ("a.png", "b.jpg"):
        (here / "corrupt" / name).write_bytes(b"no image")
    assert answer in fails(code, "train", "vanilla", "--data", data, "--out", "run")
    assert not (here / "run").exists()


@pytest.fixture
def offline(here, monkeypatch):
    """A machine without a network, whose cache is empty."""

    def nobody(*arguments, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    monkeypatch.setenv("GANZOO_CACHE", str(here / "cache"))


def test_data_of_the_network_without_a_network(here, offline):
    line = fails(1, "train", "vanilla", "--data", "cifar10", "--set", "size=32", "--out", "run")
    assert str(here / "cache" / "data" / "cifar10") in line
    assert "cannot be downloaded" in line
    assert "--data mnist" in line
    assert not (here / "run").exists()


# models that are not there


@pytest.mark.parametrize("command", ["sample", "eval"])
@pytest.mark.parametrize(
    ("source", "code", "answer"),
    [
        ("run", 2, "write local-dir:run"),
        ("./run", 2, "write local-dir:./run"),
        ("/missing", 2, "write local-dir:/missing"),
        ("local-dir:", 2, "local-dir:"),
        ("local-dir:missing", 1, "no such folder"),
        ("local-dir:run/config.json", 1, "no such folder"),
        ("xyzzy:run", 2, "local-dir"),
        ("no-one/vanilla", 2, "local-dir:no-one/vanilla"),
    ],
)
def test_a_source_that_is_none(command, source, code, answer, folder):
    assert answer in fails(code, command, source)


def test_a_folder_that_is_no_model(here):
    (here / "empty").mkdir()
    line = fails(1, "sample", "local-dir:empty")
    assert "config.json" in line
    assert "Errno" not in line
    assert "Error" not in line


def edited(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"ganzoo_format": 99}, "format 99, this ganzoo reads 1"),
        ({"model": "toy.small", "distribution": "toy-dist"}, "pip install toy-dist"),
        ({"model": "vanilla.xyzzy"}, "vanilla.xyzzy"),
        ({"config": {"sise": 28}}, "did you mean size?"),
        ({"config": {"size": "large"}}, "size='large': expected a whole number"),
        ({"recipe": {}}, "config.json"),
        ({"recipe": {"data": "mnist", "kimg": 0}}, "config.json"),
        ({"surprise": 1}, "config.json"),
    ],
    ids=str,
)
def test_a_config_that_says_something_else(changes, answer, folder):
    edited(folder, **changes)
    line = fails(1, "sample", "local-dir:run")
    assert answer in line
    assert "__init__" not in line


def test_a_preset_that_is_gone_is_not_called_a_plugin_that_is_missing(folder):
    edited(folder, model="vanilla.xyzzy")
    assert "pip install" not in fails(1, "sample", "local-dir:run")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"ganzoo_format": 1}', b"\xff\xfe"])
def test_a_config_that_is_none(content, folder):
    (folder / "config.json").write_bytes(content)
    line = fails(1, "sample", "local-dir:run")
    assert "run/config.json" in line
    assert "__init__" not in line
    assert "run/config.json" in fails(1, "train", "run/config.json", "--out", "again")


def test_weights_of_another_model(folder):
    config = {"channels": 1, "size": 28, "latent": 100, "hidden": [256, 512, 512]}
    edited(folder, config=config)
    line = fails(1, "sample", "local-dir:run")
    assert "run/model.safetensors is of another model" in line
    assert "(1024, 512), must be (512, 512)" in line


@pytest.mark.parametrize("length", [0, 4, 300, 5000])
def test_weights_cut_short(length, folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:length])
    assert "run/model.safetensors is damaged" in fails(1, "sample", "local-dir:run")


def test_weights_that_are_not_there(folder):
    (folder / "model.safetensors").unlink()
    assert "no model.safetensors" in fails(1, "sample", "local-dir:run")
    for path in folder.glob("checkpoint*"):
        path.unlink()
    assert "no checkpoint" in fails(1, "sample", "local-dir:run", "--raw")


def test_an_untrained_name_says_how_to_train_it():
    name = next(model.name for model in registry.models() if not model.pretrained)
    assert f"`ganzoo train {name}`" in fails(1, "sample", name)


# what cannot be written


@pytest.mark.parametrize("out", ["file", "file/run"])
def test_a_run_folder_that_cannot_be(out, here):
    (here / "file").write_text("")
    line = fails(1, *DEFAULT, "--out", out)
    assert f"cannot write {out}" in line
    assert "checkpoint" not in line, "there is none to go on from"


@pytest.mark.parametrize("out", ["file/grid.png", "file/array.npy", "file/folder", "file"])
def test_samples_that_cannot_be_written(out, folder, here):
    (here / "file").write_text("")
    assert f"cannot write {out}" in fails(1, "sample", "local-dir:run", "-o", out)
    assert (here / "file").read_text() == ""


def test_a_path_below_a_file_is_not_said_to_exist(folder, here):
    (here / "file").write_text("")
    assert "Not a directory" in fails(1, "sample", "local-dir:run", "-o", "file/grid.png")


@pytest.mark.parametrize("out", ["grid.jpg", "grid.png.gz"])
def test_samples_of_a_kind_that_is_none(out, folder):
    assert ".npy" in fails(2, "sample", "local-dir:run", "-o", out)


def test_a_grid_larger_than_any_screen(folder):
    assert "4096" in fails(2, "sample", "local-dir:run", "-n", "5000", "-o", "grid.png")


@pytest.fixture
def full():
    """A disk that is full: no file may grow beyond a megabyte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_ends_a_run_in_one_line(full):
    line = fails(1, *DEFAULT, "--out", "run")
    assert "cannot write run" in line
    assert "a bug" not in line


def test_a_full_disk_leaves_what_was_there(folder, trained):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    longer = [*DEFAULT[:3], "0.6", *DEFAULT[4:]]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        fails(1, *longer, "--out", "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert_same_weights(folder, trained)
    done(*longer, "--out", "run")
    done(*longer, "--out", "at-once")
    assert_same_weights(folder, Path("at-once"))


def test_an_error_while_saving_names_the_reason(monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoint, "save", refuse)
    line = fails(1, *DEFAULT, "--out", "run")
    assert "cannot write run" in line
    assert "No space left on device" in line


# folders of something else


@pytest.mark.parametrize(
    ("arguments", "difference"),
    [
        (["vanilla", "--batch", "16"], "batch is 32 there, 16 here"),
        (["vanilla", "--batch", "32", "--seed", "1"], "seed is 0 there, 1 here"),
        (["vanilla", "--batch", "32", "--set", "latent=9"], "latent is 100 there, 9 here"),
        (["dcgan", "--batch", "32"], "'vanilla.mnist' there, 'dcgan.mnist' here"),
    ],
    ids=words,
)
def test_the_folder_of_another_run(arguments, difference, folder, trained):
    line = fails(1, "train", *arguments, "--kimg", "0.3", "--out", "run")
    assert "run holds another run" in line
    assert difference in line
    assert "--out" in line
    assert_same_weights(folder, trained)


def test_a_folder_of_something_else(here):
    (here / "thesis").mkdir()
    (here / "thesis" / "chapter.txt").write_text("precious")
    line = fails(1, *DEFAULT, "--out", "thesis")
    assert "thesis is not a run, it holds chapter.txt" in line
    assert [path.name for path in (here / "thesis").iterdir()] == ["chapter.txt"]


@pytest.fixture
def untrained(monkeypatch):
    """No model has published weights, whose rows would take long."""
    monkeypatch.setattr(registry.Model, "pretrained", False)


@pytest.fixture
def quick(monkeypatch):
    """Speeds measured over a moment instead of seconds."""
    repeat = speed.repeat
    monkeypatch.setattr(speed, "repeat", lambda action, seconds: repeat(action, 0.02))


# scores


@pytest.mark.parametrize("n", [1, 0, -4])
def test_a_score_of_less_than_two(n, folder):
    assert "at least 2 samples" in fails(2, "eval", "local-dir:run", "-n", n)


def test_a_protocol_that_is_none(folder):
    line = fails(2, "eval", "local-dir:run", "--protocol", "mnist-lennet")
    assert "did you mean mnist-lenet?" in line


def test_a_bench_under_no_protocol_does_not_train_first(here):
    options = ("--budget", "1s", "--protocol", "mnist-lennet", "--out", "b")
    assert "did you mean mnist-lenet?" in fails(2, "bench", "vanilla", *options)
    assert not (here / "b" / "vanilla.mnist").exists()


def test_a_bench_of_less_than_two_samples_does_not_train_first(here):
    fails(2, "bench", "vanilla", "--budget", "1s", "-n", "1", "--out", "b")
    assert not (here / "b" / "vanilla.mnist").exists()


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["no-such-*"], "no model that matches 'no-such-*'"),
        (["vanilla", "no-such"], "no model 'no-such'"),
        (["vanilla", "--budget", "soon"], "90s, 5m or 1h"),
        (["vanilla", "--device", "toaster"], "auto, cpu"),
        (["vanilla", "--seeds", "0"], "at least 1 seed"),
    ],
    ids=words,
)
def test_a_bench_that_cannot_be_meant(arguments, answer):
    assert answer in fails(2, "bench", *arguments, "--out", "b")


def test_a_bench_that_cannot_be_written(here):
    (here / "file").write_text("")
    assert "cannot write file/b" in fails(1, "bench", "vanilla", "--out", "file/b")


def test_a_bench_goes_on_after_a_row_that_fails(quick, untrained, offline):
    """cifar10 cannot be had here: its row says so, the next is measured, the exit code tells."""
    result = run("bench", "dcgan.cifar10", "vanilla", "--budget", "0", "--out", "b", "--json")
    assert result.exit_code == 1
    failed, measured = json.loads(result.stdout)
    assert "cifar10" in failed["error"]
    assert measured["error"] == ""
    assert measured["train_images_per_second"] > 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: dcgan.cifar10")


# bugs


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
    [(["info", "vanila"], 2), (["sample", "local-dir:missing"], 1), (["list"], 0)],
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


# what goes well


def test_a_run_leaves_a_model_folder(trained):
    assert {
        "README.md",
        "checkpoint.safetensors",
        "config.json",
        "metrics.jsonl",
        "model.safetensors",
        "samples.png",
    } <= {path.name for path in trained.iterdir()}
    config = json.loads((trained / "config.json").read_text())
    assert config["model"] == "vanilla.mnist"
    assert config["distribution"] == "ganzoo-core"
    assert config["recipe"]["kimg"] == 0.3
    assert pixels(trained / "samples.png").shape[0] > 8 * 28


def test_the_same_command_again_does_nothing_more(folder, trained):
    stdout = done(*DEFAULT, "--out", "run")
    assert "nothing was left to do" in stdout
    assert "done at 0.3 kimg" in stdout
    assert "local-dir:run" in stdout
    assert_same_weights(folder, trained)
    for name in ("config.json", "metrics.jsonl"):
        assert (folder / name).read_bytes() == (trained / name).read_bytes()


def test_a_longer_run_goes_on_and_equals_one_at_once(images):
    """Lines of the log included, but for the seconds that it took."""

    def log(folder):
        lines = (images.parent / folder / "metrics.jsonl").read_text().splitlines()
        return [{**json.loads(line), "seconds": 0} for line in lines]

    command = ("train", "vanilla", *SMALL, *CONSTANT, "--batch", "32", "--seed", "3")
    done(*command, "--kimg", "1.5", "--out", "twice")
    done(*command, "--kimg", "4", "--out", "twice")
    done(*command, "--kimg", "4", "--out", "once")
    assert_same_weights(images.parent / "twice", images.parent / "once")
    assert log("twice") == log("once")
    seen = [line["images"] for line in log("once")]
    assert seen == [32, 64, 128, 256, 512, 992, 1984, 2976, 3968]


def test_a_config_repeats_its_run(trained, here):
    done("train", trained / "config.json", "--out", "other", "--device", "cpu")
    assert_same_weights(trained, here / "other")
    theirs, ours = (each / "config.json" for each in (trained, here / "other"))
    assert theirs.read_text() == ours.read_text()


def test_another_seed_is_another_run(images):
    command = ("train", "vanilla", *SMALL, "--kimg", "0.1", "--batch", "32")
    done(*command, "--seed", "0", "--out", "zero")
    done(*command, "--seed", "1", "--out", "one")
    zero, one = (load_file(images.parent / name / hub.WEIGHTS) for name in ("zero", "one"))
    assert not any(torch.equal(zero[name], one[name]) for name in zero)


def test_the_default_folder_is_named_after_the_model(images):
    done("train", "vanilla", *SMALL, "--kimg", "0.1", "--batch", "32")
    assert (images.parent / "runs" / "vanilla.mnist" / hub.WEIGHTS).exists()


def test_a_budget_ends_a_run(images):
    stdout = done("train", "vanilla", *SMALL, "--kimg", "1000000", "--budget", "0.3s", "--out", "r")
    assert "done at" in stdout


def test_equal_weights_are_equal_files(here):
    """Same command, same bits: the header of a file of weights has one order."""
    layer, facts = nn.Linear(2, 2), {"model": "vanilla.mnist", "images": "320"}
    contents = set()
    for _ in range(20):
        hub.save_weights(here, layer, facts)
        contents.add((here / hub.WEIGHTS).read_bytes())
    assert len(contents) == 1


@pytest.mark.parametrize("out", ["grid.png", "array.npy", "folder"])
def test_the_same_seed_gives_the_same_bytes(out, trained, here):
    def content(name, *options):
        (here / name).mkdir()
        path = here / name / out
        stdout = done("sample", f"local-dir:{trained}", "-n", "5", "-o", path, *options)
        assert str(path) in stdout
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        return [(file.name, file.read_bytes()) for file in files]

    first = content("first", "--seed", "4")
    assert content("again", "--seed", "4") == first
    assert content("other", "--seed", "5") != first
    assert content("raw", "--seed", "4", "--raw") != first


def test_samples_are_the_same_in_every_form(trained, here):
    for out in ("array.npy", "folder"):
        done("sample", f"local-dir:{trained}", "-n", "5", "-o", out)
    done("sample", f"local-dir:{trained}", "-n", "3", "-o", "fewer.npy")
    array = np.load(here / "array.npy")
    assert (array.dtype, array.shape) == (np.uint8, (5, 28, 28, 1))
    names = [f"{number:06d}.png" for number in range(5)]
    assert sorted(path.name for path in (here / "folder").iterdir()) == names
    for image, name in zip(array, names, strict=True):
        assert np.array_equal(pixels(here / "folder" / name), image[..., 0])
    assert np.array_equal(np.load(here / "fewer.npy"), array[:3])


def test_a_grid_is_the_default(trained, here):
    done("sample", f"local-dir:{trained}")
    assert pixels(here / "samples.png").shape[0] > 8 * 28


def test_eval_as_json_says_what_was_measured(trained):
    command = ("eval", f"local-dir:{trained}", "-n", "200", "--protocol", "quick", "--json")
    result = run(*command)
    assert result.exit_code == 0
    scores = json.loads(result.stdout)
    assert (scores["n"], scores["seed"]) == (200, 0)
    protocol = scores["protocol"]
    assert (protocol["name"], protocol["data"], protocol["n"]) == ("quick", "mnist", 200)
    assert len(scores["protocol_hash"]) == 12
    assert set(scores["values"]) == set(scores["floor"])
    assert {"FD-projection", "KID-projection", "recall-projection"} < set(scores["values"])
    assert scores["values"]["FD-projection"] > 10 * scores["floor"]["FD-projection"]
    assert any("200 samples" in warning for warning in scores["warnings"])
    assert json.loads(run(*command).stdout) == scores


def test_eval_against_a_folder(images):
    done("train", "vanilla", *SMALL, "--kimg", "0.1", "--batch", "32", "--out", "r")
    result = run("eval", "local-dir:r", "-n", "50", "--protocol", "quick")
    assert result.exit_code == 0
    assert "against folder:images train" in result.stdout
    assert "FD-projection" in result.stdout
    warnings = result.stderr.splitlines()
    assert warnings
    assert all(line.startswith("warning: ") for line in warnings)
    assert json.loads(done("eval", "local-dir:r", "-n", "50", "--protocol", "quick", "--json"))


def test_a_folder_of_images_is_scored_and_drawn_beside_its_neighbours(trained, here):
    done("sample", f"local-dir:{trained}", "-n", "60", "-o", "made")
    result = run("eval", "folder:made", "--against", "mnist", "--protocol", "quick", "--json")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert (scores["n"], scores["protocol"]["data"]) == (60, "mnist")
    done("eval", f"local-dir:{trained}", "-n", "50", "--protocol", "quick", "--neighbours", "n.png")
    assert pixels(here / "n.png").shape[1] > 6 * 28


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "eval what?"),
        (("folder:nowhere",), "--against"),
        (("folder:nowhere", "--against", "mnist"), "no such folder"),
        (("dcgan", "--protocol", "mnist-lenett"), "did you mean mnist-lenet"),
        (("dcgan", "--protocol", "nv50k-full"), "ganzoo import"),
        (("dcgan", "--sets", "0"), "1 set"),
    ],
)
def test_an_evaluation_that_cannot_be_says_what_to_type(arguments, text, here, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(here / "cache"))
    result = run("eval", *arguments)
    assert result.exit_code in (1, 2)
    assert text in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_protocols_are_listed_with_what_they_measure():
    listed = done("protocols")
    for name in ("mnist-lenet", "nv50k-full", "dinov2-50k", "quick"):
        assert name in listed
    facts = json.loads(done("protocols", "--json"))
    assert facts["clean"]["resize"] == "pil-bicubic"
    assert len({each["hash"] for each in facts.values()}) == len(facts)


def test_an_exported_folder_is_a_model_without_its_checkpoints(trained, here):
    done("export", trained, "-o", "whole")
    done("export", trained, "-o", "half", "--half")
    assert {path.name for path in (here / "whole").iterdir()} >= {"config.json", "README.md"}
    assert not list((here / "whole").glob("checkpoint*"))
    sizes = [(here / name / "model.safetensors").stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.6 * sizes[0]
    one, other = (hub.load(f"local-dir:{name}").sample(4, seed=0) for name in ("whole", "half"))
    assert one.dtype == other.dtype == torch.float32
    torch.testing.assert_close(one, other, atol=0.02, rtol=0)
    result = run("export", trained, "-o", "half")
    assert result.exit_code == 1
    assert "not empty" in result.stderr


def test_samples_in_half_precision_are_nearly_the_same(trained, here):
    for precision in ("fp32", "bf16"):
        done("sample", f"local-dir:{trained}", "-o", f"{precision}.npy", "--precision", precision)
    one, other = (np.load(here / f"{name}.npy").astype(int) for name in ("fp32", "bf16"))
    assert 0 < np.abs(one - other).max() <= 16


def test_bench_trains_scores_and_draws(quick, untrained, here):
    result = run("bench", "vanilla", "--budget", "1s", "-n", "200", "--out", "b", "--device", "cpu")
    assert result.exit_code == 0, result.output
    assert "FD-lenet" in result.stdout
    assert "real test data" in result.stdout
    assert all(line.startswith("warning: vanilla.mnist: ") for line in result.stderr.splitlines())
    (row,) = map(json.loads, (here / "b" / "rows.jsonl").read_text().splitlines())
    assert (row["model"], row["error"], row["n"]) == ("vanilla.mnist", "", 200)
    assert (row["distribution"], row["protocol"]) == ("ganzoo-core", "mnist-lenet")
    assert {"FD-lenet", "KID-lenet", "IS-lenet"} < set(row["values"]) <= set(row["floor"])
    assert row["values"]["FD-lenet"] > row["floor"]["FD-lenet"] > 0
    assert row["generator_parameters"] == 1_486_352
    assert row["seconds"] >= 1
    assert row["kimg"] > 0
    assert (here / "b" / row["picture"]).is_file()
    assert "| FD-lenet |" in (here / "b" / "table.md").read_text()
    assert "samples" in done("sample", "local-dir:b/vanilla.mnist", "-o", "grid.png")


def test_a_bench_of_several_seeds_trains_each(quick, untrained, here):
    options = ("--budget", "0.2s", "-n", "100", "--seed", "4", "--seeds", "2", "--device", "cpu")
    rows = json.loads(done("bench", "vanilla", *options, "--out", "b", "--json"))
    assert [row["seed"] for row in rows] == [4, 5]
    assert len({row["picture"] for row in rows}) == 2
    assert all((here / "b" / row["picture"]).is_file() for row in rows)
    assert not (here / "b" / "comparison.png").exists()


def test_bench_without_budget_measures_speed_alone(quick, untrained, here):
    (row,) = json.loads(done("bench", "vanilla", "--budget", "0", "--out", "b", "--json"))
    assert row["train_images_per_second"] > 0
    assert row["sample_images_per_second"] > 0
    assert (row["kimg"], row["values"], row["weights"]) == (None, {}, "untrained")
    assert not (here / "b" / "vanilla.mnist").exists()


def test_list_as_json():
    rows = json.loads(done("list", "--json"))
    assert {row["model"] for row in rows} >= {"vanilla.mnist", "dcgan.celeba64", "wgan-gp.cifar10"}
    for row in rows:
        assert set(row) >= {"model", "weights", "data", "distribution", "version", "summary"}
    assert {row["model"] for row in json.loads(done("list", "dcgan.*", "--json"))} == {
        row["model"] for row in rows if row["model"].startswith("dcgan.")
    }


def test_list_of_what_is_trained(monkeypatch):
    rows = json.loads(done("list", "--json"))
    trained = [row for row in rows if row["weights"]]
    assert json.loads(done("list", "--pretrained", "--json")) == trained
    monkeypatch.setattr(registry.Model, "pretrained", True)
    assert len(json.loads(done("list", "--pretrained", "--json"))) == len(rows)
    monkeypatch.setattr(registry.Model, "pretrained", False)
    assert json.loads(done("list", "--pretrained", "--json")) == []


def test_list_in_columns():
    header, *rows = done("list").splitlines()
    assert header.split() == ["MODEL", "WEIGHTS", "DATA", "PROVIDED", "BY", "SUMMARY"]
    assert any(row.split()[:3:2] == ["vanilla.mnist", "mnist"] for row in rows)


def test_info_names_paper_deviations_and_every_key():
    stdout = done("info", "wgan-gp")
    for part in ("Gulrajani et al. (2017)", "because", "critic_updates", "optimizer.betas", "0.0,"):
        assert part in stdout


def test_info_as_json():
    facts = json.loads(done("info", "dcgan.celeba64", "--json"))
    assert facts["model"] == "dcgan.celeba64"
    assert facts["spec"]["presets"]["celeba64"]["config"]["size"] == 64
    assert facts["spec"]["paper"]["year"] == 2015


def test_a_dry_run_prints_the_whole_run_and_writes_nothing(here):
    plan = json.loads(
        done(
            *("train", "dcgan", "--dry-run", "--kimg", "2", "--batch", "16", "--seed", "7"),
            *("--set", "width=8", "--set", "optimizer.lr=1e-3", "--set", "mirror=true"),
        )
    )
    assert (plan["model"], plan["seed"]) == ("dcgan.mnist", 7)
    assert plan["config"]["width"] == 8
    recipe = plan["recipe"]
    assert (recipe["kimg"], recipe["batch"], recipe["mirror"]) == (2, 16, True)
    assert recipe["optimizer"]["lr"] == 1e-3
    assert recipe["data"] == "mnist"
    assert list(here.iterdir()) == []


# a run that is interrupted


def test_an_interrupted_run_is_saved_and_goes_on_to_the_same_end(images):
    command = ("train", "vanilla", *SMALL, "--kimg", "12", "--batch", "32")
    interrupted = images.parent / "interrupted"
    process = subprocess.Popen(
        [sys.executable, "-m", "ganzoo", *command, "--out", interrupted],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = interrupted / "metrics.jsonl"
    while process.poll() is None and not (log.exists() and log.stat().st_size):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "stopped; run the same command to resume" in stdout
    assert "Traceback" not in stderr
    images_then = checkpoint.load(interrupted)[1]["trainer"]["steps"] * 32
    assert 0 < images_then < 12_000
    assert "done at 12.0 kimg" in done(*command, "--out", interrupted)
    done(*command, "--out", "at-once")
    assert_same_weights(interrupted, images.parent / "at-once")

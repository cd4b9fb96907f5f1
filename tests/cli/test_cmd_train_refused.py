"""``ganzoo train``: data that is not there, folders that cannot be written or continued."""

import errno
import os
import resource
import sys
from pathlib import Path

import pytest
from commands import (
    DEFAULT,
    assert_same_weights,
    done,
    fails,
    words,
)

from ganzoo.runtime import checkpoint


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


def test_data_of_the_network_without_a_network(here, offline):
    line = fails(1, "train", "vanilla", "--data", "cifar10", "--set", "size=32", "--out", "run")
    assert str(here / "cache" / "data" / "cifar10") in line
    assert "cannot be downloaded" in line
    assert "--data mnist" in line
    assert not (here / "run").exists()


@pytest.mark.parametrize("out", ["file", "file/run"])
def test_a_run_folder_that_cannot_be(out, here):
    (here / "file").write_text("")
    line = fails(1, *DEFAULT, "--out", out)
    assert f"cannot write {out}" in line
    assert "checkpoint" not in line, "there is none to go on from"


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

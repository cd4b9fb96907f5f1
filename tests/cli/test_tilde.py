"""The shell leaves "~" alone behind ":" and "="; it is the home folder here (aider#4078)."""

import os
from pathlib import Path

import pytest
from commands import DEFAULT, done, fails

import ganzoo
from ganzoo import hub
from ganzoo.training import train


@pytest.fixture
def home(here, trained, monkeypatch):
    """A home folder that holds ``run``; no test makes a folder that is called "~"."""
    home = here / "home"
    home.mkdir()
    (home / "run").symlink_to(trained)
    (here / "work").mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here / "work")
    yield home
    assert not [path for path in here.rglob("*") if path.name.startswith("~")]


def test_paths_of_commands(home):
    done(*DEFAULT, "--out=~/again")
    for arguments in (
        ("sample", "local-dir:~/run", "-n", 4, "-o", "~/grid.png"),
        ("sample", "local-dir:~/run", "-n", 4, "--out=~/grids/one.png"),
        ("sample", "local-dir:$HOME/run", "-n", 4, "-o", "$HOME/grids/two.png"),
        ("export", "~/run", "--out=~/exported"),
        ("train", "~/run/config.json", "--out=~/third", "--kimg", "0.05"),
        ("plugin", "new", "acme", "--out=~/acme"),
    ):
        done(*arguments)
    made = {"again", "grid.png", "grids", "exported", "third", "acme"}
    assert made <= {path.name for path in home.iterdir()}
    assert os.listdir() == []


def test_paths_of_calls(home):
    assert hub.find_folder(Path("~/run")) == home / "run"
    ganzoo.load(Path("~/run"))
    hub.export(Path("~/run"), Path("~/out"))
    train("vanilla", out="~/python", kimg=0.03, batch=16, settings={"hidden": "8,8,8"})
    assert {"out", "python"} <= {path.name for path in home.iterdir()}
    assert os.listdir() == []


def test_a_user_who_is_not_there_is_left_as_it_is(home):
    assert "~nobody" in fails(1, "sample", "local-dir:~nobody-here/run")

"""A container's user without a name and without HOME (pytorch#140765)."""

import pwd

import pytest
from huggingface_hub import constants
from invoke import refused, run

from ganzoo.runtime.paths import cache_dir

NAMED = "set GANZOO_CACHE to a folder that can be written"


@pytest.fixture(autouse=True)
def nameless(tmp_path, monkeypatch):
    """A user whom /etc/passwd does not know, in a folder of their own."""

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", "~/.cache/huggingface/hub")
    for name in ("HOME", "XDG_CACHE_HOME", "GANZOO_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "~").exists()


def test_the_cache_has_no_folder():
    with pytest.raises(OSError, match="HOME is not set"):
        cache_dir()


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("sample", "vanilla", "-n", 4),
        ("train", "vanilla", "--kimg", 0.05, "--batch", 32, "--set", "hidden=8,8"),
        ("eval", "vanilla", "--protocol", "quick", "-n", 20),
    ],
    ids=lambda arguments: arguments[0],
)
def test_whatever_needs_no_cache_works(arguments, caplog):
    code, _, error = run(*arguments)
    assert code == 0, error
    if arguments[0] == "eval":
        assert NAMED in caplog.text


@pytest.mark.parametrize("home", [None, "/proc/1/nobody"])
def test_whatever_needs_one_names_the_setting(home, monkeypatch):
    if home:
        monkeypatch.setenv("HOME", home)
    line = refused("train", "dcgan.cifar10", "--kimg", "0.1")
    assert NAMED in line
    assert "a bug" not in line


def test_weights_that_are_not_there_are_named_all_the_same():
    line = refused("eval", "vanilla", "--protocol", "nv50k-full", "-n", 20)
    assert "ganzoo import" in line

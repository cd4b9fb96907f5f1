"""Commands of ganzoo in this process or in one of its own, and the run that tests of them read."""

import subprocess
import sys

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from typer.testing import CliRunner

from ganzoo import hub
from ganzoo.cli import app

CONSTANT = ("--set", "optimizer.schedule=constant")
"""A longer run begins as a shorter one does only where no schedule ends with it."""

DEFAULT = ("train", "vanilla", "--kimg", "0.3", "--batch", "32", "--device", "cpu", *CONSTANT)
"""The run that most tests here read: ten steps on MNIST."""

SMALL = ("--data", "folder:images", "--set", "size=8", "--set", "hidden=16,16", "--device", "cpu")


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


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def write_photos(folder, width, height, n=3):
    """Color images of noise in a new folder."""
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (n, height, width, 3), dtype=np.uint8)
    for number, image in enumerate(noise):
        Image.fromarray(image).save(folder / f"{number:02d}.png")

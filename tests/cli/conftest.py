"""A trained run, images, and a folder of its own for each test."""

import logging
import shutil
import socket

import numpy as np
import pytest
from commands import (
    DEFAULT,
    done,
)
from PIL import Image


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test starts in an empty folder of its own, and leaves the log as it was."""
    monkeypatch.chdir(tmp_path)
    level = logging.getLogger().level
    yield tmp_path
    logging.getLogger().setLevel(level)


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


@pytest.fixture
def offline(here, monkeypatch):
    """A machine without a network, whose cache is empty."""

    def nobody(*arguments, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    monkeypatch.setenv("GANZOO_CACHE", str(here / "cache"))

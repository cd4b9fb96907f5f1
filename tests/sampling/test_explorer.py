"""The function behind the page of ``ganzoo explore``."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from invoke import refused
from PIL import Image

import ganzoo
from ganzoo.errors import UsageError
from ganzoo.sampling.explorer import Choice, Explorer
from ganzoo.sampling.explorer_page import to_choice


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer")
    return Explorer(ganzoo.load("vanilla.mnist"), "vanilla.mnist", folder)


def test_each_control_changes_the_picture_and_calls_do_not_disturb_each_other(digits):
    first = Choice(seed=3)
    choices = [
        first,
        replace(first, seed=4),
        replace(first, other_seed=9, position=0.5),
        replace(first, moves=(2.0,)),
    ]
    alone = [digits.write(each).read_bytes() for each in choices]
    assert len(set(alone)) == len(choices)
    with ThreadPoolExecutor(4) as pool:
        together = [path.read_bytes() for path in pool.map(digits.write, [*choices, *choices])]
    assert together == [*alone, *alone]
    assert digits.write(replace(first, position=1.0, other_seed=4)).read_bytes() == alone[1]
    assert digits.write(first).name == "vanilla.mnist-seed3.png"
    assert digits.takes == {"latent"}


def test_a_class_by_name(tmp_path):
    explorer = Explorer(ganzoo.load("cgan.mnist"), "cgan.mnist", tmp_path)
    three, four = (explorer.write(Choice(label=explorer.classes[k])) for k in (3, 4))
    assert three.read_bytes() != four.read_bytes()
    with pytest.raises(UsageError, match="no such class"):
        explorer.write(Choice(label="nothing"))


def test_a_painted_source_becomes_a_source_and_a_mask(tmp_path):
    explorer = Explorer(ganzoo.load("context-encoder.mnist"), "context-encoder.mnist", tmp_path)
    with pytest.raises(UsageError, match="choose one first"):
        explorer.write(Choice())
    layer = np.zeros((28, 28, 4), np.uint8)
    layer[10:18, 10:18] = 255
    painted = {"background": Image.new("RGBA", (28, 28)), "layers": [Image.fromarray(layer)]}
    choice = to_choice({"seed": 2, "painted": painted}, tmp_path)
    assert np.asarray(Image.open(choice.mask)).sum() == 64 * 255
    assert np.asarray(Image.open(choice.source)).shape == (28, 28)
    assert explorer.write(choice).exists()
    painted["background"] = Image.new("RGBA", (28, 28), (9, 8, 7, 255))
    colored = to_choice({"seed": 2, "painted": painted}, tmp_path).source
    assert np.asarray(Image.open(colored)).shape == (28, 28, 3)


def test_without_gradio_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setattr("ganzoo.sampling.explorer_page.importlib.util.find_spec", lambda name: None)
    assert "ganzoo-core[explore]" in refused("explore", "vanilla.mnist", code=2)

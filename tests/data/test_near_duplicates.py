"""Near duplicates are looked for where imagehash is installed, and else that is said."""

import sys

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from ganzoo.cli import app
from ganzoo.data import load_data
from ganzoo.data.images.folder_report import check
from ganzoo.data.images.near_duplicates import fingerprint, group_near_duplicates


def test_without_the_library_the_report_says_what_to_install(tmp_path, monkeypatch):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    monkeypatch.setitem(sys.modules, "imagehash", None)
    result = CliRunner().invoke(app, ["data", "check", str(tmp_path)])
    assert result.exit_code == 0
    line = "near duplicates were not looked for: pip install 'ganzoo-core[images]'"
    assert line in result.stdout.splitlines()
    assert line in check(tmp_path, near=False).notes


def test_digits_are_rarely_near_duplicates():
    pytest.importorskip("imagehash")
    digits = load_data("mnist", (1, 28, 28), "test").columns["real"][:1000, :, :, 0].numpy()
    prints = [fingerprint(Image.fromarray(digit).convert("RGB")) for digit in digits]
    assert sum(map(len, group_near_duplicates(prints))) < 10


def test_images_that_differ_in_their_color_alone_are_no_near_duplicates():
    pytest.importorskip("imagehash")
    rng = np.random.default_rng(0)
    gray = rng.integers(0, 120, (8, 8), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    red = np.stack([gray * 2, gray // 8, gray // 8], -1)
    prints = [fingerprint(Image.fromarray(each)) for each in (red, red[..., ::-1].copy(), red)]
    assert group_near_duplicates(prints) == [[0, 2]]

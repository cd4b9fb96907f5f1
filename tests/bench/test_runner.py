"""Rows of a benchmark: a model that fails is a row; a resolved model is never looked up again."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from ganzoo import registry
from ganzoo.bench import BenchConfig, bench, speed, summary_table


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No published weights, and speeds measured over a moment."""
    monkeypatch.setattr(registry.Model, "pretrained", False)
    repeat = speed.repeat
    monkeypatch.setattr(speed, "repeat", lambda action, seconds: repeat(action, 0.02))


@pytest.fixture
def failing(monkeypatch):
    """Let the losses of Vanilla raise an error."""
    from ganzoo_vanilla.model import Vanilla

    def fail(error):
        def loss(gan, batch, fake):
            raise error

        monkeypatch.setattr(Vanilla, "generator_loss", loss)

    return fail


@pytest.mark.parametrize("budget", [0, 60])
def test_any_error_of_a_plugin_is_a_row(budget, failing, tmp_path):
    failing(KeyError("style"))
    (row,) = bench(registry.match(["vanilla"]), BenchConfig(tmp_path, budget, device="cpu"))
    assert row.error == "KeyError: 'style'"
    (line,) = (tmp_path / "rows.jsonl").read_text().splitlines()
    assert json.loads(line)["error"] == row.error
    assert "vanilla.mnist" in summary_table([row])


def test_ctrl_c_stops_the_whole_benchmark(failing, tmp_path):
    failing(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        list(bench(registry.match(["vanilla"]), BenchConfig(tmp_path, 0, device="cpu")))


def test_a_model_is_resolved_once(tmp_path, monkeypatch):
    models = registry.match(["vanilla"])
    monkeypatch.setattr("ganzoo.registry.resolve", None)
    config = BenchConfig(tmp_path, 0.5, device="cpu", n=64, protocol="quick")
    (row,) = bench(models, config)
    assert row.error == ""
    assert row.kimg > 0
    assert row.values
    assert row.peak_megabytes > 0
    assert (tmp_path / row.picture).exists()


def test_what_is_done_to_the_data_is_said_once(tmp_path, caplog):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(8):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(photos / f"{number}.png")
    config = BenchConfig(
        tmp_path / "out", 0.2, device="cpu", n=8, protocol="quick", data=f"folder:{photos}"
    )
    rows = list(bench(registry.match(["vanilla", "dcgan"]), config))
    assert [row.error for row in rows] == ["", ""]
    scaled = [text for text in caplog.messages if "scaled from 40 x 40" in text]
    assert len(scaled) == 1

"""Runs: resume, checkpoints, logs, signals, a killed process."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import after_step, assert_same_state, log, rows, run

import ganzoo
from ganzoo.errors import GanzooError
from ganzoo.runtime import checkpoint
from ganzoo.runtime.progress import progress_bar
from ganzoo.sampling import series
from ganzoo.training import Schedule, plan, train

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("fresh", ["true", "false"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_resumes_bit_for_bit(number, fresh, tmp_path, monkeypatch, capfd):
    """With the same losses in its log, though the interrupt comes between two lines of it."""

    def go(out: str, **changes: object):
        settings = {"latent": "4", "size": "8", "hidden": "8", "fresh_fakes": fresh}
        schedule = Schedule(report_images=48)
        return run(tmp_path / out, 10, settings=settings, schedule=schedule, **changes)

    go("whole")
    with monkeypatch.context() as patch:
        after_step(4, lambda: signal.raise_signal(number), patch)
        stopped = go("parts")
    assert (stopped.images, stopped.signal) == (64, number)
    assert "stopping, saving ..." in capfd.readouterr().err
    assert not go("parts").stopped
    assert_same_state(tmp_path / "parts", tmp_path / "whole")
    assert [line["images"] for line in log(tmp_path / "whole")] == [16, 32, 48, 96, 144]
    assert log(tmp_path / "parts") == log(tmp_path / "whole")


def test_a_second_ctrl_c_ends_it_at_once(tmp_path, monkeypatch):
    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    after_step(3, twice, monkeypatch)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, 6)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not (tmp_path / checkpoint.NEWEST).exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signals of POSIX")
def test_a_run_that_is_killed_again_and_again_ends_like_one_that_is_not(tmp_path):
    script = [sys.executable, ROOT / "benchmarks/kill.py", "--kimg", "5.12"]
    flags = ["--kills", "2", "--processes", "0", "--json", tmp_path / "result.json"]
    done = subprocess.run([*script, *flags], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"kills": 2' in done.stdout
    assert '"identical": true' in done.stdout


@pytest.mark.parametrize("keep", ["best", "last"])
def test_the_last_checkpoints_are_kept_and_the_best_if_asked(keep, tmp_path):
    schedule = Schedule(health_images=16, warm_up_images=0)
    run(tmp_path, 8, save_every=0, keep=keep, schedule=schedule)
    steps = {
        path.name: checkpoint.read(path)[1]["trainer"]["steps"]
        for path in tmp_path.glob("checkpoint*")
    }
    assert steps.pop(checkpoint.NEWEST) == 8
    assert steps.pop(checkpoint.PREVIOUS) == 8
    assert list(steps) == ([checkpoint.BEST] if keep == "best" else [])
    assert all(1 <= step <= 8 for step in steps.values())


def test_invalid_options_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(GanzooError, match="--keep best"):
        run(tmp_path, 8, keep="last", on_collapse="rollback")
    with pytest.raises(GanzooError, match="no value of --keep 'lost': did you mean last"):
        run(tmp_path, 8, keep="lost")
    assert list(tmp_path.iterdir()) == []


def test_samples_are_written_as_often_as_asked(tmp_path):
    run(tmp_path, 100, schedule=Schedule(sample_images=800))
    assert len(list((tmp_path / "samples").iterdir())) == 2
    assert (tmp_path / "samples.png").exists()


def test_the_first_steps_are_seen_at_doubling_intervals(tmp_path):
    run(tmp_path, 130)
    assert [line["images"] for line in log(tmp_path)] == [16, 32, 64, 128, 256, 512, 992, 1984]
    kimg = [each for each, _ in series.read(tmp_path / "samples")]
    assert [round(each * 1000 / 16) for each in kimg] == [
        *(1, 2, 3, 4, 6, 8, 12, 16, 24, 32),
        *(48, 64, 96, 128, 130),
    ]


def test_a_grid_is_drawn_at_every_checkpoint_without_a_longer_series(tmp_path, monkeypatch):
    drawn = []
    after_step(3, lambda: (tmp_path / "samples.png").unlink(), monkeypatch)
    run(
        tmp_path,
        3,
        save_every=0,
        on_checkpoint=lambda folder, images: drawn.append((folder / "samples.png").exists()),
    )
    assert drawn == [True] * 4
    assert len(series.read(tmp_path / "samples")) == 3


def test_callbacks_follow_a_run(tmp_path):
    reports, checkpoints = [], []
    result = run(
        tmp_path,
        3,
        on_report=lambda images, losses: reports.append((images, *losses)),
        on_checkpoint=lambda folder, images: checkpoints.append((folder, images)),
    )
    assert reports[0] == (16, "discriminator/adv", "generator/adv")
    assert checkpoints == [(tmp_path, 48)]
    assert result.new_images == 48
    assert run(tmp_path, 3).new_images == 0


def test_progress_under_a_budget_is_true(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("ganzoo.training.loop.progress_bar", partial(progress_bar, line_seconds=0))
    with monkeypatch.context() as patch:
        after_step(3, lambda: signal.raise_signal(signal.SIGINT), patch)
        run(tmp_path, 100, budget="1h", progress=True)
    line = capsys.readouterr().err.splitlines()[-1]
    assert re.match(r"vanilla.mnist: 0.048/1.6 kimg, 0:00/1:00:00, .* left, \d+ img/s dis", line)
    assert run(tmp_path, 1000, budget=0).images == 48


def test_a_budget_is_kept_and_repeated(tmp_path):
    run(tmp_path / "one", 3, budget="5m")
    config = tmp_path / "one" / "config.json"
    assert json.loads(config.read_text())["budget"] == 300
    assert plan(str(config)).run.budget == 300
    assert plan(str(config), budget=7).run.budget == 7
    train(str(config), data=rows(), out=tmp_path / "two", device="cpu")
    assert (tmp_path / "two" / "config.json").read_text() == config.read_text()
    run(tmp_path / "one", 4)
    assert "budget" not in json.loads(config.read_text())


def test_settings_are_plain_values_or_text():
    plain = {"latent": 16, "hidden": np.int64(8), "optimizer.betas": (0.0, 0.9), "mirror": True}
    typed = {"latent": "16", "hidden": "8", "optimizer.betas": "0,0.9", "mirror": "true"}
    assert plan("vanilla", settings=plain).run == plan("vanilla", settings=typed).run


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"settings": {"latent": object()}}, "latent=<object.*: expected a number, text"),
        ({"settings": {"latent": 1.5}}, "latent=1.5: expected a whole number"),
        ({"settings": "latent=4"}, "settings='latent=4': expected a mapping"),
        ({"settings": {3: 4}}, "the key 3 is no text"),
        ({"batch": 1.5}, "batch=1.5: expected a whole number"),
        ({"seed": "x"}, "seed='x': expected a whole number"),
        ({"budget": "soon"}, "a duration is written 90s, 5m or 1h, not 'soon'"),
        ({"budget": [1]}, "a duration is written"),
        ({"save_every": None}, "a duration is written"),
        ({"data": 7}, "data=7: expected the name of a data set"),
        ({"on_report": 7}, "on_report=7: expected a function"),
        ({"precision": 16}, "no precision 16: it is auto, fp32"),
        ({"compile": "yes"}, "compile='yes': expected True or False"),
        ({"accumulate": 0}, "accumulate=0: expected a whole number from 1 on"),
        ({"freeze": 5}, "freeze=5: expected a list of texts"),
        ({"init": None}, "init=None: expected a source"),
        ({"keep": 5}, "no value of --keep 5: "),
        ({"track": [5]}, r"track=\[5\]: expected a list of texts"),
        ({"schedule": 5}, "schedule=5: expected a Schedule"),
        ({"out": 5}, "out=5: expected the path of a folder"),
        ({"device": 1.5}, "1.5"),
    ],
)
def test_arguments_of_other_types_are_refused_in_one_line(arguments, answer, tmp_path):
    with pytest.raises(GanzooError, match=answer):
        train("vanilla", **{"data": rows(), "kimg": 0.032, "out": tmp_path / "run", **arguments})
    for name, value in (("model", 3), ("kimg", "many")):
        with pytest.raises(GanzooError, match=f"{name}={value!r}: expected"):
            train(**{"model": "vanilla", "data": rows(), name: value})


def test_python_can_train_on_its_own_data(tmp_path):
    result = run(tmp_path, 4)
    assert result.images == 64
    gan = ganzoo.load(f"local-dir:{tmp_path}")
    assert gan.sample(3, seed=0).shape == (3, 1, 8, 8)


def test_a_plan_holds_the_model_and_is_trained_without_another_lookup(tmp_path, monkeypatch):
    settings = {"hidden": "8", "size": "8", "latent": "4"}
    made = plan("vanilla", settings=settings, data="rows", kimg=0.032, batch=16)
    monkeypatch.setattr("ganzoo.registry.resolve", None)
    assert train(made, data=rows(), out=tmp_path, device="cpu").images == 32
    assert train(made, data=rows(), out=tmp_path, device="cpu").images == 32

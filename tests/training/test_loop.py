"""Runs: resume, checkpoints, logs, signals, a killed process."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_runs import after_step, assert_same_state, log, rows, run

import ganzoo
from ganzoo.errors import GanzooError
from ganzoo.runtime import checkpoint
from ganzoo.training import Schedule, plan, train

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("fresh", ["true", "false"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_resumes_bit_for_bit(number, fresh, tmp_path, monkeypatch):
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
    assert not go("parts").stopped
    assert_same_state(tmp_path / "parts", tmp_path / "whole")
    assert len(log(tmp_path / "whole")) == 3
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


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signals of POSIX")
def test_a_run_that_is_killed_again_and_again_ends_like_one_that_is_not(tmp_path):
    script = [sys.executable, ROOT / "benchmarks/kill.py", "--kimg", "5.12"]
    flags = ["--kills", "4", "--processes", "0", "--json", tmp_path / "result.json"]
    done = subprocess.run([*script, *flags], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"kills": 4' in done.stdout
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

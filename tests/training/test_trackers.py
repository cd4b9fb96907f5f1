"""Trackers get losses, health and samples of a run; the real packages, offline."""

import importlib.util

import pytest
from tiny_runs import run

from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.training import Schedule

OFTEN = Schedule(health_images=32)


def needs(package):
    return pytest.mark.skipif(
        importlib.util.find_spec(package) is None, reason=f"{package} is not installed"
    )


def test_trackers_that_do_not_exist_or_are_not_installed(tmp_path, monkeypatch):
    with pytest.raises(UnknownNameError, match="did you mean wandb"):
        run(tmp_path, 2, track="wandbb")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r'pip install "ganzoo-core\[wandb\]"'):
        run(tmp_path, 2, track=["wandb"])
    assert list(tmp_path.iterdir()) == []


@needs("tensorboard")
@pytest.mark.filterwarnings("ignore")
def test_tensorboard_gets_losses_health_and_samples(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    seen = []
    for steps in (2, 4):
        calls = {"track": "tensorboard", "on_health": lambda *call: seen.append(call)}
        run(tmp_path, steps, schedule=OFTEN, **calls)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    names = events.Tags()["scalars"]
    assert any(name.startswith("generator/") for name in names)
    assert [event.step for event in events.Scalars("health/fd")] == [32, 64]
    assert [event.step for event in events.Images("samples")] == [32, 64]
    assert [images for images, _ in seen] == [32, 64]
    assert {"fd", "recall", "gradient/generator"} <= seen[0][1].keys()


@needs("wandb")
@pytest.mark.filterwarnings("ignore")
def test_wandb_keeps_a_run_offline(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    assert run(tmp_path, 2, schedule=OFTEN, track="wandb").images == 32
    assert list((tmp_path / "wandb").glob("offline-run-*/run-*.wandb"))


@needs("trackio")
@pytest.mark.filterwarnings("ignore")
def test_trackio_keeps_a_run_on_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    assert run(tmp_path / "run", 2, schedule=OFTEN, track="trackio").images == 32
    assert list((tmp_path / "trackio").rglob("*.db"))

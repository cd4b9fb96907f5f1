"""Memory and time before the first step."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import torch
from toys import TOYS

from ganzoo.data import Dataset
from ganzoo.errors import RunError
from ganzoo.runtime.progress import showing
from ganzoo.training import Trainer, plan, train
from ganzoo.training.estimate import Estimate, check_estimate, estimate, quick_estimate

GB = 10**9


def rows() -> Dataset:
    return Dataset("rows", {"real": torch.zeros(64, 28, 28, 1, dtype=torch.uint8)})


def trainer(run, **recipe: object) -> Trainer:
    return Trainer(run.build(), replace(run.recipe, **recipe), rows())


def test_a_run_that_does_not_fit_is_refused_with_what_fits():
    run = plan("dcgan.mnist", batch=64)
    found = Estimate(seconds=60, fixed=1 * GB, per_row=GB)
    check_estimate(found, run, trainer(run), 66 * GB)
    message = (
        "dcgan.mnist: a step on a batch of 64 needs about 65.0 GB, 20.0 GB are available: use"
        " --accumulate 4 .the same batch in 4 parts., or --batch 16; --set width=..."
    )
    with pytest.raises(RunError, match=message):
        check_estimate(found, run, trainer(run), 20 * GB)
    with pytest.raises(RunError, match="no part of this batch fits; --set width"):
        check_estimate(found, run, trainer(run), 2 * GB)


def test_a_measured_run_is_refused_where_little_memory_is_available():
    run = plan("dcgan.mnist", batch=64)
    found = estimate(trainer(run), available=24 * GB)
    assert found.seconds > 0
    assert found.memory(64) < 8 * GB
    with pytest.raises(RunError, match=r"needs about .* 1 MB are available"):
        check_estimate(found, run, trainer(run), 10**6)
    untried = estimate(trainer(run), available=10**6)
    assert untried.seconds == 0
    assert untried.memory(64) > 10**6


def test_a_slow_trial_is_announced_and_is_the_only_one(capsys, monkeypatch):
    calls = []

    def slow(trainer: Trainer, rows: int) -> float:
        calls.append(rows)
        time.sleep(0.05)
        return 20.0

    monkeypatch.setattr("ganzoo.training.estimate.try_phases", slow)
    run = trainer(plan("dcgan.mnist", batch=64, kimg=0.64))
    with showing(True):
        found = estimate(run, available=24 * GB, slow=0.01, clear=-1)
    assert calls == [2]
    assert found.seconds == 10 * 32 * 20
    assert "memory and time of a step on 2 of 64 rows" in capsys.readouterr().err


def test_what_the_first_step_of_a_size_loads_is_not_counted(monkeypatch):
    """Libraries choose and prepare convolutions for each new number of rows."""
    seen = set()

    def warming_up(trainer: Trainer, rows: int) -> float:
        first = rows not in seen
        seen.add(rows)
        return 0.005 * rows + 0.5 * first

    monkeypatch.setattr("ganzoo.training.estimate.try_phases", warming_up)
    run = trainer(plan("dcgan.mnist", batch=64, kimg=64))
    for found in (estimate(run, available=24 * GB), quick_estimate(run, available=24 * GB)):
        assert found.seconds == pytest.approx(1000 * 0.32)
        seen.clear()


def test_a_run_of_days_is_said(caplog):
    run = plan("vanilla")
    found = Estimate(seconds=3.2 * 86400, fixed=0, per_row=0)
    check_estimate(found, run, trainer(run), GB)
    (warning,) = caplog.messages
    assert warning == (
        "vanilla.mnist takes about 3.2 days on this device; --budget 1h stops sooner"
    )
    check_estimate(found, plan("vanilla", budget="1h"), trainer(run), GB)
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.name)
def test_an_estimate_leaves_no_trace(toy):
    def state(measure: bool) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        run = Trainer(toy.make(), toy.recipe, toy.dataset())
        if measure:
            assert estimate(run, 24 * GB).seconds > 0
        drawn = torch.rand(1)
        for _ in range(3):
            run.step()
        tensors, numbers = run.state()
        return {**tensors, "drawn": drawn, "rows": torch.tensor(numbers["drawn"])}

    plain, measured = state(False), state(True)
    assert [name for name in plain if not torch.equal(plain[name], measured[name])] == []


def test_the_start_says_what_will_be_done_and_about_how_long(tmp_path, capsys):
    settings = {"size": 8, "latent": 4, "hidden": 8}
    data = Dataset("rows", {"real": torch.zeros(64, 8, 8, 1, dtype=torch.uint8)})
    out = tmp_path / "run"

    def go(kimg: float) -> str:
        train(
            "vanilla",
            data=data,
            settings=settings,
            batch=16,
            kimg=kimg,
            out=out,
            device="cpu",
            progress=True,
        )
        return capsys.readouterr().err

    first = go(0.032)
    assert first.startswith("vanilla.mnist: 0.032 kimg of rows (64 rows), batch 16, ")
    assert "about 1 s, " in first
    assert first.endswith(f"; in {out}\n")
    assert go(0.064).startswith("vanilla.mnist: resumes at 0.032 of 0.064 kimg of rows")

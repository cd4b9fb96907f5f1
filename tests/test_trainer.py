"""How steps are computed must not change what they compute: precision, parts, processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import resumes
import torch
from safetensors.torch import load_file

import ganzoo
from ganzoo.data import Dataset, load_data
from ganzoo.errors import ConfigError, RunError
from ganzoo.runtime import checkpoint
from ganzoo.spec import Optimizer
from ganzoo.training import ComputeConfig, Outcome, Trainer, plan, train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    whole = load_data("mnist", (1, 28, 28), "test")
    return Dataset("digits", {key: rows[:256] for key, rows in whole.columns.items()})


def trained(
    name: str, digits: Dataset, steps: int, engine: ComputeConfig, **recipe: object
) -> Trainer:
    run = plan(name, batch=16)
    torch.manual_seed(0)
    recipe = {"optimizer": Optimizer("sgd", lr=0.01), **recipe}
    trainer = Trainer(run.build(), replace(run.recipe, **recipe), digits, engine=engine)
    for _ in range(steps):
        trainer.step()
    return trainer


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in trainer.gan.parameters()])


def test_accumulated_parts_equal_the_whole_batch(digits):
    whole = trained("vanilla", digits, 4, ComputeConfig())
    parts = trained("vanilla", digits, 4, ComputeConfig(accumulate=4))
    torch.testing.assert_close(weights(parts), weights(whole), atol=1e-5, rtol=0)


def test_a_batch_that_cannot_be_split_is_refused(digits):
    with pytest.raises(ConfigError, match="cannot be split into 3 parts"):
        trained("vanilla", digits, 0, ComputeConfig(accumulate=3))


def test_bf16_stays_near_fp32(digits):
    exact = trained("vanilla", digits, 5, ComputeConfig(precision="fp32"))
    coarse = trained("vanilla", digits, 5, ComputeConfig(precision="bf16"))
    assert not torch.equal(weights(exact), weights(coarse))
    torch.testing.assert_close(weights(coarse), weights(exact), atol=2e-3, rtol=0)
    assert next(coarse.gan.parameters()).dtype == torch.float32


def test_compiled_updates_are_those_of_the_eager_ones(digits):
    """The tolerance of the documentation: 1e-4 after two updates of plain gradient descent."""
    rule = Optimizer("sgd", lr=1e-3)
    eager, compiled = (
        trained("wgan-gp", digits, 2, ComputeConfig(compile=flag), optimizer=rule)
        for flag in (False, True)
    )
    torch.testing.assert_close(weights(compiled), weights(eager), atol=1e-4, rtol=0)


def test_unknown_precision_is_named():
    with pytest.raises(ConfigError, match="no precision 'half'"):
        ComputeConfig(precision="half")


def test_learning_rates_follow_their_schedule(digits):
    linear = Optimizer("sgd", lr=0.1, schedule="linear", lr_end=0.02)
    trainer = trained("vanilla", digits, 3, ComputeConfig(), optimizer=linear, kimg=0.064)
    (rate,) = {group["lr"] for group in trainer.optimizers["generator"].optimizer.param_groups}
    assert rate == pytest.approx(0.1 - 0.08 * 2 / 4)


def torchrun(*arguments: str, cwd: Path, processes: int = 2) -> str:
    launcher = ["torch.distributed.run", "--nproc-per-node", str(processes), "--standalone"]
    return python(*launcher, "-m", "ganzoo", *arguments, cwd=cwd)


def ganzoo_alone(*arguments: str, cwd: Path) -> str:
    return python("ganzoo", *arguments, cwd=cwd)


def python(*arguments: str, cwd: Path) -> str:
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("name", "steps"), [("vanilla", 8), ("wgan-gp", 3)])
def test_two_processes_train_as_one(name, steps, tmp_path):
    kimg = 32 * steps / 1000
    settings = {"optimizer.name": "sgd", "optimizer.lr": "0.001"}
    sync = {**settings, "sync_batch_norm": "true"}
    train(name, out=tmp_path / "one", kimg=kimg, batch=32, settings=settings)
    flags = [part for key, value in sync.items() for part in ("--set", f"{key}={value}")]
    torchrun(
        "train", name, "--kimg", str(kimg), "--batch", "32", "--out", "two", *flags, cwd=tmp_path
    )
    one, two = (load_file(tmp_path / run / "model.safetensors") for run in ("one", "two"))
    for key, value in one.items():
        torch.testing.assert_close(two[key], value, atol=1e-5, rtol=0)


def test_two_processes_score_as_one(tmp_path):
    train("vanilla", out=tmp_path / "run", kimg=0.064, batch=32)
    command = ["eval", "local-dir:run", "-n", "301", "--protocol", "quick", "--json"]
    one = json.loads(ganzoo_alone(*command, cwd=tmp_path))
    two = json.loads(torchrun(*command, cwd=tmp_path))
    assert one["values"] == pytest.approx(two["values"], rel=1e-5)
    assert one["protocol_hash"] == two["protocol_hash"]


def test_two_processes_resume_bit_for_bit(tmp_path):
    settings = ["--set", "width=4", "--set", "optimizer.schedule=constant"]
    arguments = ["train", "dcgan", "--batch", "16", *settings, "--kimg"]
    torchrun(*arguments, "0.064", "--out", "parts", cwd=tmp_path)
    torchrun(*arguments, "0.128", "--out", "parts", cwd=tmp_path)
    torchrun(*arguments, "0.128", "--out", "whole", cwd=tmp_path)
    one, _ = checkpoint.load(tmp_path / "parts")
    two, _ = checkpoint.load(tmp_path / "whole")
    assert one.keys() == two.keys()
    assert all(torch.equal(one[key], two[key]) for key in one)


def interrupt_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send this process SIGINT, as Ctrl-C does, after so many steps."""
    step = Trainer.step

    def interrupting(trainer: Trainer) -> None:
        step(trainer)
        if trainer.steps == steps:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Trainer, "step", interrupting)


def test_every_model_and_family_resumes_on_two_processes(tmp_path):
    script = str(Path(resumes.__file__))
    launcher = ["torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
    lines = python(*launcher, script, str(tmp_path), cwd=tmp_path).splitlines()
    assert {line.rpartition(" ")[0] for line in lines} >= {*resumes.embedded(), "toy text"}
    assert [line for line in lines if not line.endswith(" same")] == []


@pytest.mark.parametrize("model", list(resumes.embedded()))
@pytest.mark.parametrize("fresh", ["true", "false"])
def test_every_plugin_resumes_bit_for_bit(model, fresh, tmp_path, monkeypatch):
    monkeypatch.setattr("ganzoo.training.loop.REPORT_IMAGES", 48)

    def run(out: str) -> Outcome:
        settings = {"fresh_fakes": fresh}
        return train(model, out=tmp_path / out, kimg=0.16, batch=16, settings=settings)

    run("whole")
    with monkeypatch.context() as patch:
        interrupt_after(3, patch)
        assert run("parts").stopped
    assert not run("parts").stopped
    one, two = (checkpoint.load(tmp_path / run) for run in ("parts", "whole"))
    assert all(torch.equal(one[0][key], two[0][key]) for key in two[0])
    logs = [(tmp_path / run / "metrics.jsonl").read_text() for run in ("parts", "whole")]
    lines = [[json.loads(line) for line in log.splitlines()] for log in logs]
    for line in [*lines[0], *lines[1]]:
        line.pop("seconds")
    assert lines[0] == lines[1]


def test_a_damaged_newest_checkpoint_falls_back(tmp_path, caplog):
    train("vanilla", out=tmp_path, kimg=0.064, batch=16)
    train("vanilla", out=tmp_path, kimg=0.128, batch=16)
    newest = tmp_path / checkpoint.NEWEST
    newest.write_bytes(newest.read_bytes()[:-1] + b"!")
    _, numbers = checkpoint.load(tmp_path)
    assert numbers["trainer"]["steps"] == 4
    assert "damaged" in caplog.text
    (tmp_path / checkpoint.PREVIOUS).write_bytes(b"")
    with pytest.raises(RunError, match="no checkpoint"):
        checkpoint.load(tmp_path)


def test_no_space_keeps_the_checkpoint_before(tmp_path, monkeypatch):
    train("vanilla", out=tmp_path, kimg=0.064, batch=16)
    before = (tmp_path / checkpoint.NEWEST).read_bytes()

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ganzoo.runtime.checkpoint.save_file", full)
    with pytest.raises(RunError, match="No space left on device"):
        train("vanilla", out=tmp_path, kimg=0.128, batch=16)
    assert (tmp_path / checkpoint.NEWEST).read_bytes() == before
    assert not list(tmp_path.glob(".*.tmp"))


def test_two_trainings_never_share_a_folder(tmp_path):
    import fcntl
    import os

    train("vanilla", out=tmp_path, kimg=0.016, batch=16)
    with open(tmp_path / ".lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(RunError, match=f"process {os.getpid()} on"):
            train("vanilla", out=tmp_path, kimg=0.032, batch=16)


def test_python_can_train_on_its_own_data(digits, tmp_path):
    outcome = train("vanilla", data=digits, out=tmp_path, kimg=0.064, batch=16)
    assert outcome.images == 64
    gan = ganzoo.load(f"local-dir:{tmp_path}")
    assert gan.sample(3, seed=0).shape == (3, 1, 28, 28)

"""Whatever goes wrong, no more is lost than the time since the last checkpoint."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import threads
import torch
from safetensors.torch import load_file

from ganzoo.data import Dataset
from ganzoo.errors import GanzooError, RunError
from ganzoo.runtime import checkpoint, distributed
from ganzoo.training import ComputeConfig, Outcome, Trainer, train
from ganzoo.training import signals as stopping

ROOT = Path(__file__).resolve().parents[1]
SMALL = {"hidden": "8", "size": "8", "latent": "4"}


def rows(shade: int = 0) -> Dataset:
    """Data that needs no file; one for each shade."""
    pixels = (torch.arange(64 * 8 * 8) * 37 + shade) % 251
    return Dataset("rows", {"real": pixels.to(torch.uint8).view(64, 8, 8, 1)})


def run(out: Path, steps: int, **changes: object) -> Outcome:
    given = {"data": rows(), "batch": 16, "settings": SMALL, "device": "cpu", **changes}
    return train("vanilla", out=out, kimg=16 * steps / 1000, **given)


def state(folder: Path) -> dict[str, torch.Tensor]:
    found = checkpoint.load(folder)
    assert found is not None
    return found[0]


def assert_same(one: Path, other: Path) -> None:
    tensors, others = state(one), state(other)
    assert tensors.keys() == others.keys()
    assert all(torch.equal(tensors[name], others[name]) for name in tensors)


# Killed


def test_a_training_that_is_killed_again_and_again_is_the_training(tmp_path):
    script = [sys.executable, ROOT / "benchmarks/kill.py", "--kimg", "5.12"]
    flags = ["--kills", "4", "--processes", "0", "--json", tmp_path / "result.json"]
    done = subprocess.run([*script, *flags], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"kills": 4' in done.stdout
    assert '"identical": true' in done.stdout


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    run(tmp_path, 2)
    shutil.copytree(tmp_path / "samples", tmp_path / "pictures")
    left = [tmp_path / ".model.safetensors.7.tmp", tmp_path / "samples" / ".x.png.7.tmp"]
    for path in left:
        path.write_bytes(b"half")
    run(tmp_path, 3)
    assert not any(path.exists() for path in left)
    assert (tmp_path / "pictures").exists()


def test_a_folder_whose_first_process_was_killed_at_once_is_no_other_run(tmp_path):
    (tmp_path / ".config.json.7.tmp").write_text("{")
    (tmp_path / ".lock").touch()
    assert run(tmp_path, 1).images == 16


# Damaged, full


def test_a_damaged_checkpoint_never_replaces_the_one_before(tmp_path, caplog):
    run(tmp_path, 2)
    run(tmp_path, 4)
    newest, previous = (tmp_path / name for name in (checkpoint.NEWEST, checkpoint.PREVIOUS))
    newest.write_bytes(newest.read_bytes()[:-1])
    run(tmp_path, 6)
    assert "damaged" in caplog.text
    assert checkpoint.read(previous)[1]["trainer"]["steps"] == 2
    assert checkpoint.read(newest)[1]["trainer"]["steps"] == 6


def test_any_damage_in_a_checkpoint_is_found(tmp_path):
    run(tmp_path, 2)
    path = tmp_path / checkpoint.NEWEST
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(GanzooError):
            checkpoint.load(tmp_path)


def test_logs_that_are_too_short_get_no_holes(tmp_path):
    run(tmp_path, 100)
    (tmp_path / "metrics.jsonl").write_text("")
    run(tmp_path, 130)
    assert "\0" not in (tmp_path / "metrics.jsonl").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of Unix")
def test_a_disk_that_takes_no_more_is_named_and_the_checkpoint_kept(tmp_path):
    run(tmp_path, 2)
    before = (tmp_path / checkpoint.NEWEST).read_bytes()
    limit = len(before) // 2
    program = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_faults import Path, run
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
run(Path({str(tmp_path)!r}), 4)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert "cannot write" in last
    assert "the last checkpoint is kept, the same command goes on from it" in last
    assert (tmp_path / checkpoint.NEWEST).read_bytes() == before
    assert not list(tmp_path.glob(".*.tmp"))


def test_the_last_two_and_the_best_checkpoint_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("ganzoo.training.loop.EVERY_IMAGES", 16)
    monkeypatch.setattr("ganzoo.training.health.WARM_UP_IMAGES", 0)
    run(tmp_path, 8, save_every=0)
    kept = {path.name for path in tmp_path.glob("checkpoint*")}
    assert kept == {checkpoint.NEWEST, checkpoint.PREVIOUS, checkpoint.BEST}
    steps = [checkpoint.read(tmp_path / name)[1]["trainer"]["steps"] for name in sorted(kept)]
    assert steps[1:] == [8, 8]
    assert 1 <= steps[0] <= 8


def test_the_last_checkpoint_alone_is_kept_if_that_is_wanted(tmp_path, monkeypatch):
    monkeypatch.setattr("ganzoo.training.loop.EVERY_IMAGES", 16)
    monkeypatch.setattr("ganzoo.training.health.WARM_UP_IMAGES", 0)
    run(tmp_path, 8, save_every=0, keep="last")
    assert (tmp_path / checkpoint.NEWEST).exists()
    assert not (tmp_path / checkpoint.BEST).exists()
    with pytest.raises(GanzooError, match="--keep best"):
        run(tmp_path, 8, keep="last", on_collapse="rollback")
    with pytest.raises(GanzooError, match="no value of --keep 'lost': did you mean last"):
        run(tmp_path, 8, keep="lost")


# Another run


def test_a_folder_of_other_data_of_the_same_name_is_refused(tmp_path):
    run(tmp_path, 2)
    hashes = f"'{rows().sha256[:12]}' there, '{rows(1).sha256[:12]}' here"
    with pytest.raises(RunError, match=f"sha256 of the data is {hashes}"):
        run(tmp_path, 4, data=rows(1))
    assert run(tmp_path, 4).images == 64


def test_all_that_differs_is_listed(tmp_path):
    run(tmp_path, 2)
    with pytest.raises(RunError) as caught:
        run(tmp_path, 2, data=rows(1), batch=8, seed=3, settings={**SMALL, "latent": "5"})
    for part in ("latent is 4 there, 5 here", "batch is 16", "seed is 0", "sha256 of the data"):
        assert part in str(caught.value)


def test_weights_of_an_incompatible_version_are_refused(tmp_path, monkeypatch):
    run(tmp_path, 2)
    tensors, numbers = checkpoint.read(tmp_path / checkpoint.NEWEST)
    name = "gan.discriminator.1.0.weight"
    tensors["gan.discriminator.body.weight"] = tensors.pop(name)
    checkpoint.save(tmp_path, tensors, numbers)
    with pytest.raises(RunError) as caught:
        run(tmp_path, 4)
    assert f"{name} is None there, [1, 64] here" in str(caught.value)


# Memory


def hungry(monkeypatch, most: int, error: Exception) -> None:
    """From its third step on, a phase of Vanilla has no memory for more rows than that."""
    from ganzoo_vanilla.model import Vanilla

    whole = Vanilla.generator_loss

    def loss(gan, batch, fake):
        if len(fake) > most:
            raise error
        return whole(gan, batch, fake)

    monkeypatch.setattr(Vanilla, "generator_loss", loss)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        MemoryError(),
    ],
    ids=["cuda", "cpu", "python"],
)
def test_out_of_memory_says_what_to_type_and_loses_nothing(error, tmp_path, monkeypatch):
    run(tmp_path, 2)
    hungry(monkeypatch, 4, error)
    with pytest.raises(RunError) as caught:
        run(tmp_path, 6)
    message = str(caught.value)
    assert "a batch of 16: 4 fit; give the same command with --accumulate 4" in message
    assert len(message.splitlines()) == 1
    assert checkpoint.read(tmp_path / checkpoint.NEWEST)[1]["trainer"]["steps"] == 2
    assert run(tmp_path, 6, engine=ComputeConfig(accumulate=4)).images == 96


def test_a_batch_that_cannot_be_halved_again_has_another_way_out(tmp_path, monkeypatch):
    hungry(monkeypatch, 0, MemoryError())
    with pytest.raises(RunError, match="a batch of 16 in 16 parts: give a smaller --batch"):
        run(tmp_path, 6, engine=ComputeConfig(accumulate=16))


def test_other_errors_of_torch_stay_what_they_are(tmp_path, monkeypatch):
    hungry(monkeypatch, 0, RuntimeError("sizes do not match"))
    with pytest.raises(RuntimeError, match="sizes do not match"):
        run(tmp_path, 6)


# Signals


def test_a_second_ctrl_c_ends_it_at_once(tmp_path, monkeypatch):
    step = Trainer.step

    def interrupted(trainer):
        step(trainer)
        if trainer.steps == 3:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Trainer, "step", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, 6)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not (tmp_path / checkpoint.NEWEST).exists()


def test_a_process_that_waits_in_vain_gives_up_after_a_grace(monkeypatch):
    gave_up = threading.Event()
    monkeypatch.setattr(stopping, "_give_up", gave_up.set)
    monkeypatch.setattr(stopping, "GRACE_SECONDS", 0.05)
    monkeypatch.setattr(distributed, "processes", lambda: 2)
    with stopping.stopping() as caught:
        signal.raise_signal(signal.SIGTERM)
        assert gave_up.wait(5)
    assert caught == [signal.SIGTERM]


# Several processes


@dataclass
class Torchrun:
    """Two processes that train together, and the one that started them."""

    process: subprocess.Popen[str]

    def worker(self, rank: int) -> int:
        """The process id of a rank."""
        agent = self.process.pid
        for child in Path(f"/proc/{agent}/task/{agent}/children").read_text().split():
            if f"RANK={rank}".encode() in Path(f"/proc/{child}/environ").read_bytes().split(b"\0"):
                return int(child)
        raise AssertionError(f"no process has rank {rank}")


@contextmanager
def torchrun(out: Path, port: int, restarts: int, steps: int) -> Iterator[Torchrun]:
    """Train so many steps, with a checkpoint after each."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--master-port", str(port), "--max-restarts", str(restarts), "-m", "ganzoo"]
    command += ["train", "vanilla", "--set", "hidden=8", "--set", "optimizer.schedule=constant"]
    command += ["--batch", "16", "--kimg", str(16 * steps / 1000), "--save-every", "0"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([*command, "--out", out], env=environment, **pipes)
    try:
        yield Torchrun(process)
    finally:
        process.terminate()
        process.communicate()


def kill_once_it_saves(group: Torchrun, out: Path) -> float:
    """Kill rank 1 by SIGKILL after the second checkpoint; when that was."""
    deadline = time.monotonic() + 300
    while not (out / checkpoint.PREVIOUS).exists():
        assert group.process.poll() is None, group.process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(group.worker(1), signal.SIGKILL)
    return time.monotonic()


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@linux
def test_a_killed_process_ends_the_others_with_a_reason(tmp_path):
    with torchrun(tmp_path, 29541, restarts=0, steps=100_000) as group:
        killed = kill_once_it_saves(group, tmp_path)
        _, said = group.process.communicate(timeout=60)
        seconds = time.monotonic() - killed
    assert seconds < 30
    assert group.process.returncode != 0
    ours = [line for line in said.splitlines() if line.startswith("error:")]
    assert len(ours) == 1, said
    assert "another process of this training is gone" in ours[0]
    assert "the same command goes on" in ours[0]
    assert f"{ROOT}/ganzoo/" not in said
    assert state(tmp_path)


@linux
def test_an_elastic_restart_resumes_exactly(tmp_path):
    with torchrun(tmp_path / "killed", 29542, restarts=2, steps=60) as group:
        kill_once_it_saves(group, tmp_path / "killed")
        _, said = group.process.communicate(timeout=300)
        assert group.process.returncode == 0, said
        assert "another process of this training is gone" in said
    with torchrun(tmp_path / "whole", 29543, restarts=0, steps=60) as group:
        _, said = group.process.communicate(timeout=300)
        assert group.process.returncode == 0, said
    assert_same(tmp_path / "killed", tmp_path / "whole")
    weights = [load_file(tmp_path / name / "model.safetensors") for name in ("killed", "whole")]
    assert all(torch.equal(weights[0][key], value) for key, value in weights[1].items())


@linux
@pytest.mark.parametrize(("end", "survivors"), [("whole", 2), ("leave", 1)])
def test_no_thread_of_the_group_outlives_it(end, survivors, tmp_path):
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    training = ["train", "vanilla", "--set", "hidden=8", "--batch", "16", "--kimg", "0.064"]
    command = [*launcher, "--standalone", threads.__file__, end, *training, "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    told = [line for line in done.stdout.splitlines() if line.startswith("threads:")]
    assert len(told) == survivors, done.stderr
    assert not any("gloo" in line for line in told)

"""Several processes train, score and resume like one; the loss of one ends the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_runs import assert_same_state, state
from toys import TOYS

from ganzoo.errors import ConfigError
from ganzoo.runtime import checkpoint, distributed

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

import two_processes  # noqa: E402

LAUNCHER = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
linux = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


def output(command: list[object], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def resumed(folder: Path, *models: str) -> dict[str, str]:
    """Lines of `two_processes`: "same" or "differs" by name."""
    lines = output([sys.executable, two_processes.__file__, folder, *models], folder).splitlines()
    return {name: result for name, _, result in (line.rpartition(" ") for line in lines)}


@pytest.fixture(scope="module")
def together(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """Folder and lines of `two_processes`."""
    folder = tmp_path_factory.mktemp("two")
    return folder, resumed(folder)


forks = pytest.mark.skipif(sys.platform == "win32", reason="forks")


@pytest.mark.slow
@forks
def test_every_kind_of_step_resumes_on_two_processes(together):
    names = ["vanilla.mnist", *(f"toy {toy.name}" for toy in TOYS)]
    assert together[1] == dict.fromkeys(names, "same")


@pytest.mark.slow
@forks
def test_models_with_steps_of_their_own_resume_on_two_processes(tmp_path):
    names = two_processes.STEPS_OF_THEIR_OWN
    assert resumed(tmp_path, *names) == dict.fromkeys(names, "same")


@pytest.mark.slow
@forks
@pytest.mark.parametrize("name", two_processes.SYNCED)
def test_two_processes_train_like_one(name, together):
    folder, _ = together
    two, one = load_file(folder / f"{name}.safetensors"), two_processes.generator(name)
    for key, value in one.items():
        torch.testing.assert_close(two[key], value, atol=1e-5, rtol=0)


def test_sync_batch_norm_without_cuda_names_the_option():
    with pytest.raises(ConfigError, match="--set sync_batch_norm=false"):
        distributed.convert_sync_batch_norm(torch.nn.Sequential(), torch.device("cpu"))


@dataclass
class Torchrun:
    """Two processes that train together, and the one that started them."""

    process: subprocess.Popen[str]

    def worker(self, rank: int) -> int:
        """Process id of a rank."""
        agent = self.process.pid
        for child in Path(f"/proc/{agent}/task/{agent}/children").read_text().split():
            if f"RANK={rank}".encode() in Path(f"/proc/{child}/environ").read_bytes().split(b"\0"):
                return int(child)
        raise AssertionError(f"no process has rank {rank}")


STEPS = 60
TRAINING = ("train", "vanilla", "--set", "hidden=8", "--set", "optimizer.schedule=constant")
TRAINING += ("--batch", "16", "--save-every", "0", "--kimg")


@contextmanager
def torchrun(out: Path, port: int, restarts: int, steps: int) -> Iterator[Torchrun]:
    """Train for some steps, with a checkpoint after each."""
    command = [*LAUNCHER, "--master-port", str(port), "--max-restarts", str(restarts)]
    command += ["-m", "ganzoo", *TRAINING, str(16 * steps / 1000)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([*command, "--out", out], env=environment, **pipes)
    try:
        yield Torchrun(process)
    finally:
        process.terminate()
        process.communicate()


def threads(end: str, out: Path, steps: int) -> list[str]:
    """Output of `group_threads` after a run of two processes: a line for each that ended well."""
    script = [HERE / "group_threads.py", end, *TRAINING, str(16 * steps / 1000), "--out", out]
    command = [*LAUNCHER, "--standalone", *script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    told = [line for line in done.stdout.splitlines() if line.startswith("threads:")]
    assert told, done.stderr
    return told


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Path, list[str]]:
    """Folder of a run of two processes that nothing happens to, and the threads they leave."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, threads("whole", folder, STEPS)


def kill_once_it_saves(group: Torchrun, out: Path) -> float:
    """Kill rank 1 by SIGKILL after the second checkpoint; the time of it."""
    deadline = time.monotonic() + 300
    while not (out / checkpoint.PREVIOUS).exists():
        assert group.process.poll() is None, group.process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(group.worker(1), signal.SIGKILL)
    return time.monotonic()


@pytest.mark.slow
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
    assert "another process of this run is lost" in ours[0]
    assert "run the same command to resume" in ours[0]
    assert f"{ROOT}/ganzoo/" not in said
    assert state(tmp_path)


@pytest.mark.slow
@linux
def test_an_elastic_restart_resumes_exactly(tmp_path, whole):
    with torchrun(tmp_path, 29542, restarts=2, steps=STEPS) as group:
        kill_once_it_saves(group, tmp_path)
        _, said = group.process.communicate(timeout=300)
        assert group.process.returncode == 0, said
        assert "another process of this run is lost" in said
    assert_same_state(tmp_path, whole[0])
    weights = [load_file(folder / "model.safetensors") for folder in (tmp_path, whole[0])]
    assert all(torch.equal(weights[0][key], value) for key, value in weights[1].items())


@pytest.mark.slow
@linux
def test_no_thread_of_the_group_outlives_it(tmp_path, whole):
    for told, survivors in ((whole[1], 2), (threads("leave", tmp_path, 4), 1)):
        assert len(told) == survivors
        assert not any("gloo" in line for line in told)

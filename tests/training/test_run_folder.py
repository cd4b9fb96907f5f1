"""Run folders: locked, written whole, and refused to another run."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from image_files import noise
from tiny_runs import SMALL, rows, run

from ganzoo.errors import RunError
from ganzoo.runtime import checkpoint
from ganzoo.training import run_lock

TESTS = Path(__file__).resolve().parents[1]


HOLDER = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

spec = spec_from_file_location("run_lock", sys.argv[1])
run_lock = module_from_spec(spec)  # without its package, which imports torch
spec.loader.exec_module(run_lock)
with run_lock.lock_folder(Path(sys.argv[2])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_two_runs_never_share_a_folder(tmp_path):
    command = [sys.executable, "-c", HOLDER, run_lock.__file__, tmp_path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout.readline() == "locked\n"
        owner = f"process {other.pid} on"
        with pytest.raises(RunError, match=f"{tmp_path} is being trained by {owner}"):
            run(tmp_path, 2)
        other.stdin.close()
        assert other.wait(60) == 0
    assert run(tmp_path, 2).images == 32, "the lock is free again"
    assert run(tmp_path, 3).images == 48


def test_a_lock_file_that_a_killed_process_left_is_no_obstacle(tmp_path):
    for name in (".lock", ".owner"):
        (tmp_path / name).write_text("process 7 on elsewhere")
    assert run(tmp_path, 1).images == 16


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
@pytest.mark.parametrize("reason", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_trains_with_a_warning(reason, tmp_path, monkeypatch, caplog):
    import fcntl

    def unsupported(*arguments: object) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    assert run(tmp_path, 1).images == 16
    warnings = [record.getMessage() for record in caplog.records]
    assert [text for text in warnings if "this file system has no locks" in text] == warnings
    assert len(warnings) == 1


def test_files_that_a_killed_process_left_half_written_are_removed(tmp_path):
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


def test_logs_that_are_too_short_get_no_holes(tmp_path):
    run(tmp_path, 100)
    (tmp_path / "metrics.jsonl").write_text("")
    run(tmp_path, 130)
    assert "\0" not in (tmp_path / "metrics.jsonl").read_text()


@contextmanager
def files_of_at_most(limit):
    """No file may grow beyond so many bytes."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_named_and_the_checkpoint_kept(tmp_path):
    run(tmp_path, 2)
    before = (tmp_path / checkpoint.NEWEST).read_bytes()
    limit = len(before) // 2
    kept = "the last checkpoint is kept: run the same command to resume"
    with files_of_at_most(limit), pytest.raises(RunError, match=f"cannot write.*{kept}"):
        run(tmp_path, 4)
    assert (tmp_path / checkpoint.NEWEST).read_bytes() == before
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_folder_of_other_data_of_the_same_name_is_refused(tmp_path):
    run(tmp_path, 2)
    hashes = f"'{rows().sha256[:12]}' there, '{rows(1).sha256[:12]}' here"
    going_on = f"--init local-dir:{tmp_path} starts it with these weights"
    with pytest.raises(RunError, match=f"sha256 of the data is {hashes}.*{going_on}"):
        run(tmp_path, 4, data=rows(1))
    assert run(tmp_path, 4).images == 64


def write_images(folder, n):
    folder.mkdir()
    for number in range(n):
        noise(number, (8, 8)).save(folder / f"{number}.png")


def test_equal_data_continues_wherever_it_lies_and_however_its_path_is_written(
    tmp_path, monkeypatch
):
    def go(data: str, steps: int):
        return run(tmp_path / "run", steps, data=data)

    monkeypatch.chdir(tmp_path)
    write_images(tmp_path / "photos", 16)
    go("folder:photos", 1)
    assert go(f"folder:{tmp_path / 'photos'}", 2).images == 32
    (tmp_path / "photos").rename(tmp_path / "input")
    assert go("folder:input", 3).images == 48
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["recipe"]["data"] == "folder:input"
    write_images(tmp_path / "other", 17)
    with pytest.raises(RunError, match="data is 'folder:input' there, 'folder:other' here"):
        go("folder:other", 4)


def test_all_differences_are_listed(tmp_path):
    run(tmp_path, 2)
    with pytest.raises(RunError) as caught:
        run(tmp_path, 2, data=rows(1), batch=8, seed=3, settings={**SMALL, "latent": "5"})
    for part in ("latent is 4 there, 5 here", "batch is 16", "seed is 0", "sha256 of the data"):
        assert part in str(caught.value)


def test_weights_of_an_incompatible_version_are_refused(tmp_path):
    run(tmp_path, 2)
    tensors, numbers = checkpoint.read(tmp_path / checkpoint.NEWEST)
    name = "gan.discriminator.1.0.weight"
    shape = list(tensors[name].shape)
    tensors["gan.discriminator.body.weight"] = tensors.pop(name)
    checkpoint.save(tmp_path, tensors, numbers)
    with pytest.raises(RunError) as caught:
        run(tmp_path, 4)
    assert f"{name} is None there, {shape} here" in str(caught.value)
    assert torch.is_tensor(tensors["gan.discriminator.body.weight"])

"""Checkpoints: the damaged one is found, and another one is loaded or kept."""

from __future__ import annotations

import pytest
from tiny_runs import run

from ganzoo.errors import GanzooError, RunError
from ganzoo.runtime import checkpoint


def test_a_damaged_newest_checkpoint_falls_back_to_the_previous_one(tmp_path, caplog):
    run(tmp_path, 4)
    run(tmp_path, 8)
    newest = tmp_path / checkpoint.NEWEST
    newest.write_bytes(newest.read_bytes()[:-1] + b"!")
    _, numbers = checkpoint.load(tmp_path)
    assert numbers["trainer"]["steps"] == 4
    assert "damaged" in caplog.text
    (tmp_path / checkpoint.PREVIOUS).write_bytes(b"")
    with pytest.raises(RunError, match="all checkpoints in"):
        checkpoint.load(tmp_path)


def test_a_damaged_checkpoint_never_replaces_the_previous_one(tmp_path, caplog):
    run(tmp_path, 2)
    run(tmp_path, 4)
    newest, previous = (tmp_path / name for name in (checkpoint.NEWEST, checkpoint.PREVIOUS))
    newest.write_bytes(newest.read_bytes()[:-1])
    run(tmp_path, 6)
    assert "damaged" in caplog.text
    assert checkpoint.read(previous)[1]["trainer"]["steps"] == 2
    assert checkpoint.read(newest)[1]["trainer"]["steps"] == 6


def test_any_damage_is_found(tmp_path):
    run(tmp_path, 2)
    path = tmp_path / checkpoint.NEWEST
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(GanzooError):
            checkpoint.load(tmp_path)

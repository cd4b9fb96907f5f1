"""Out of memory: one line that says what to type, and nothing is lost."""

from __future__ import annotations

import pytest
import torch
from tiny_runs import run

from ganzoo.errors import RunError
from ganzoo.runtime import checkpoint


def hungry(monkeypatch: pytest.MonkeyPatch, most: int, error: Exception) -> None:
    """Let the generator's loss of Vanilla fail for more rows than that."""
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
    assert "a batch of 16: 4 fit; run the same command with --accumulate 4" in message
    assert len(message.splitlines()) == 1
    assert checkpoint.read(tmp_path / checkpoint.NEWEST)[1]["trainer"]["steps"] == 2
    assert run(tmp_path, 6, accumulate=4).images == 96


def test_a_batch_that_cannot_be_halved_again_needs_a_smaller_one(tmp_path, monkeypatch):
    hungry(monkeypatch, 0, MemoryError())
    with pytest.raises(RunError, match="a batch of 16 in 16 parts: give a smaller --batch"):
        run(tmp_path, 6, accumulate=16)


def test_other_errors_of_torch_are_not_changed(tmp_path, monkeypatch):
    hungry(monkeypatch, 0, RuntimeError("sizes do not match"))
    with pytest.raises(RuntimeError, match="sizes do not match"):
        run(tmp_path, 6)

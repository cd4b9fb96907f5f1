"""The folder of a run: who may write it, whose it is, and what is put there."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ganzoo import hub
from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, RunError, UnknownNameError
from ganzoo.gan import GAN
from ganzoo.hub import RunConfig
from ganzoo.hub.card import write_card
from ganzoo.runtime import checkpoint
from ganzoo.runtime.files import atomic_write
from ganzoo.sampling import writers as output
from ganzoo.spec.config import from_json, to_json

LOG = "metrics.jsonl"
HEALTH = "health.jsonl"


class Folder:
    """Config, checkpoints, weights, log and pictures of one run.

    Args:
        path: where; made if need be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = {LOG: 0, HEALTH: 0}
        self.data = ""
        """Hash of what is learned, once the folder is open."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes here meanwhile. The lock goes with the process, however it ends.

        Raises:
            RunError: another process trains here, or the folder holds something else.
        """
        import fcntl

        if not (self.path / hub.CONFIG).exists() and self.path.is_dir():
            own = {self.path / ".lock", *self._unfinished()}
            others = [child.name for child in self.path.iterdir() if child not in own]
            if others:
                raise RunError(
                    f"{self.path} holds no run but {others[0]}: choose another --out, or empty it"
                )
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.path / ".lock", "a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                owner = file.read().strip() or "another process"
                raise RunError(
                    f"{self.path} is being trained by {owner}: wait or stop it"
                ) from None
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
            for left in self._unfinished():
                left.unlink()
            yield

    def _unfinished(self) -> list[Path]:
        """What a process that was killed while it wrote has left; it is part of no file."""
        return [path for place in ("", "samples") for path in (self.path / place).glob(".*.tmp")]

    def open(
        self, run: RunConfig, dataset: Dataset
    ) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Begin in a new folder, or go on in one of this very run: then, its checkpoint.

        Raises:
            RunError: the folder is another run's, or the data is not what it was.
            FormatError: a newer ganzoo wrote it.
        """
        self.data = dataset.sha256
        found = checkpoint.load(self.path)
        if (self.path / hub.CONFIG).exists():
            self._refuse_another(run, (found[1]["data"] if found else None) or self.data)
        hub.write_config(self.path, run)
        self.rewind(found[1] if found else {"bytes": {LOG: 0, HEALTH: 0}})
        return found

    def rewind(self, numbers: Mapping[str, Any]) -> None:
        """Cut the logs to what they were when a checkpoint was written."""
        self.bytes = dict(numbers["bytes"])
        for name, size in self.bytes.items():
            (self.path / name).touch()
            os.truncate(self.path / name, min(size, (self.path / name).stat().st_size))

    def _refuse_another(self, run: RunConfig, data: str) -> None:
        """A folder is continued by the run that it belongs to; only its length may change.

        Args:
            run: which wants to.
            data: hash of what the folder's run learns.
        """
        theirs, ours = to_json(_filled(hub.read_config(self.path / hub.CONFIG), run)), to_json(run)
        for side, content in ((theirs, data), (ours, self.data)):
            side["sha256 of the data"] = content[:12]
            side.pop("version")
            side.pop("editable")
            side["recipe"].pop("kimg")
        self.refuse(theirs, ours)

    def refuse(self, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
        """Name what differs between the folder's run and this one.

        Raises:
            RunError: something does.
        """
        different = list(_differences(theirs, ours))
        more = f" and {len(different) - 5} more" if len(different) > 5 else ""
        if different:
            raise RunError(
                f"{self.path} holds another run ({'; '.join(different[:5])}{more}):"
                " choose another --out"
            )

    def log(self, line: Mapping[str, object]) -> None:
        """One more line of metrics.jsonl."""
        self._append(LOG, line)

    def record(self, line: Mapping[str, object]) -> None:
        """One more line of health.jsonl."""
        self._append(HEALTH, line)

    def _append(self, name: str, line: Mapping[str, object]) -> None:
        with open(self.path / name, "ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            self.bytes[name] = file.tell()

    def save(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any], name: str) -> None:
        """A checkpoint to go on from; the logs that it counts on are on the disk before it."""
        for log in self.bytes:
            with open(self.path / log, "rb") as file:
                os.fsync(file.fileno())
        numbers = {**numbers, "bytes": self.bytes, "data": self.data}
        checkpoint.save(self.path, tensors, numbers, name)

    def publish(self, generator: nn.Module, facts: Mapping[str, str]) -> None:
        """Weights and card, for whoever loads the folder."""
        hub.save_weights(self.path, generator, facts)
        write_card(self.path)

    def draw(
        self, gan: GAN, samples: Tensor, given: Mapping[str, Tensor | int], images: int
    ) -> None:
        """The newest samples, as picture, sound or text, and their place in the series."""
        suffix = output.suffix(gan)
        drawn = self.path / "samples" / f"{images // 1000:07d}{suffix}"
        output.save(gan, samples, drawn, given)
        with atomic_write(self.path / f"samples{suffix}") as temporary:
            shutil.copyfile(drawn, temporary)


def _filled(theirs: RunConfig, ours: RunConfig) -> RunConfig:
    """With defaults for what an older version of the plugin did not have in its config."""
    kind = type(ours.resolve().preset.config)
    try:
        return replace(theirs, config=to_json(from_json(kind, theirs.config)))
    except (ConfigError, UnknownNameError):
        return theirs


def _differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*theirs, *ours}):
        one, other = theirs.get(key), ours.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _differences(one, other)
        elif one != other:
            yield f"{key} is {one!r} there, {other!r} here"

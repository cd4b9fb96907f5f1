"""Files of a run: config, checkpoints, weights, logs and samples."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ganzoo import hub, registry
from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, RunError, UnknownNameError
from ganzoo.gan import GAN
from ganzoo.hub import RunConfig
from ganzoo.hub.card import write_card
from ganzoo.runtime import checkpoint
from ganzoo.runtime.paths import SAMPLES
from ganzoo.runtime.text import first_items, printable
from ganzoo.sampling import series, writers
from ganzoo.spec.config import from_json, to_json
from ganzoo.training.planning import Plan
from ganzoo.training.run_lock import LOCK, OWNER, lock_folder
from ganzoo.training.stop_signals import KEPT

LOG = "metrics.jsonl"
HEALTH = "health.jsonl"


class RunFolder:
    """Folder of one run.

    Args:
        path: of the folder, which `locked` makes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = {LOG: 0, HEALTH: 0}
        """Sizes of the logs, which a checkpoint stores."""
        self.data = ""
        """Hash of the data set, once the folder is open."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder for this process, and explain errors of writing to it.

        Raises:
            RunError: another process trains here, the folder holds something else, or it cannot be
                written.
        """
        try:
            self._refuse_other_content()
            self.path.mkdir(parents=True, exist_ok=True)
            with lock_folder(self.path):
                for path in self._unfinished():
                    path.unlink()
                yield
        except OSError as error:
            names = (checkpoint.NEWEST, checkpoint.PREVIOUS)
            kept = any((self.path / name).is_file() for name in names)
            rest = f"; {KEPT}" if kept else ""
            reason = error.strerror or str(error)
            raise RunError(f"cannot write {self.path}: {reason}{rest}") from error

    def _refuse_other_content(self) -> None:
        if (self.path / hub.CONFIG).exists() or not self.path.is_dir():
            return
        own = {self.path / LOCK, self.path / OWNER, *self._unfinished()}
        others = sorted(child.name for child in self.path.iterdir() if child not in own)
        if others:
            named = first_items(map(printable, others), separator=", ")
            raise RunError(
                f"{self.path} is not a run, it holds {named}: choose another --out, or empty it"
            )

    def _unfinished(self) -> list[Path]:
        """Temporary files of a process that was killed while it wrote."""
        return [path for place in ("", "samples") for path in (self.path / place).glob(".*.tmp")]

    def has_checkpoint(self) -> bool:
        """True if a run was saved here before."""
        return (self.path / checkpoint.NEWEST).is_file()

    def open(self, plan: Plan, dataset: Dataset) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Write the config of a new run, or load the checkpoint of this run.

        Raises:
            RunError: the folder has another run, or the data has changed.
            FormatError: a newer ganzoo wrote it.
        """
        self.data = dataset.sha256
        found = checkpoint.load(self.path)
        if (self.path / hub.CONFIG).exists():
            self._refuse_other_run(plan, found[1]["data"] if found else "")
        hub.write_config(self.path, plan.run)
        self.truncate_logs(found[1] if found else {"bytes": {LOG: 0, HEALTH: 0}})
        return found

    def truncate_logs(self, numbers: Mapping[str, Any]) -> None:
        """Cut the logs to their sizes at a checkpoint."""
        self.bytes = dict(numbers["bytes"])
        for name, size in self.bytes.items():
            (self.path / name).touch()
            os.truncate(self.path / name, min(size, (self.path / name).stat().st_size))

    def _refuse_other_run(self, plan: Plan, found_data: str | None) -> None:
        """Refuse a run that differs from the folder's in more than its length.

        Data is known by its hash: with an equal one, its name and its place may change.

        Args:
            plan: of the run to start.
            found_data: hash of the data in the folder's checkpoint; empty if there is none.
        """
        before = _with_defaults(hub.read_config(self.path / hub.CONFIG), plan.model)
        theirs, ours = to_json(before), to_json(plan.run)
        for side, content in ((theirs, found_data or self.data), (ours, self.data)):
            side["sha256 of the data"] = content[:12]
            side.pop("version")
            for key in ("editable", "classes", "budget"):
                side.pop(key)
            side["recipe"].pop("kimg")
            if found_data == self.data:
                side["recipe"].pop("data")
        self.refuse_differences(theirs, ours)

    def refuse_differences(self, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
        """Name the differences between the folder's run and this one.

        Raises:
            RunError: there are some.
        """
        different = list(_differences(theirs, ours))
        different.sort(key=lambda text: not text.startswith("model is"))
        is_new_data = all(text.startswith(("data is", "sha256 of the data")) for text in different)
        going_on = f"; --init local-dir:{self.path} starts it with these weights"
        more = f" and {len(different) - 5} more" if len(different) > 5 else ""
        if different:
            raise RunError(
                f"{self.path} holds another run ({'; '.join(different[:5])}{more}):"
                f" choose another --out{going_on if is_new_data else ''}"
            )

    def log_metrics(self, line: Mapping[str, object]) -> None:
        """Append a line to metrics.jsonl."""
        self._append(LOG, line)

    def log_health(self, line: Mapping[str, object]) -> None:
        """Append a line to health.jsonl."""
        self._append(HEALTH, line)

    def _append(self, name: str, line: Mapping[str, object]) -> None:
        with open(self.path / name, "ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            self.bytes[name] = file.tell()

    def save_checkpoint(
        self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any], name: str
    ) -> None:
        """Write a checkpoint, after the log lines that it counts on are on the disk."""
        for log in self.bytes:
            with open(self.path / log, "ab") as file:
                os.fsync(file.fileno())
        numbers = {**numbers, "bytes": self.bytes, "data": self.data}
        checkpoint.save(self.path, tensors, numbers, name)

    def save_weights(
        self, generator: nn.Module, facts: Mapping[str, str], model: registry.Model
    ) -> None:
        """Write the weights and the card of a model folder."""
        hub.save_weights(self.path, generator, facts)
        write_card(self.path, model=model)

    def save_samples(self, gan: GAN, samples: Tensor, given: Mapping[str, Tensor | int]) -> None:
        """Write the newest samples as picture, sound or text.

        Args:
            gan: the model.
            samples: to write.
            given: conditions and prior that they were made from.
        """
        writers.save(gan, samples, self.path / f"samples{writers.suffix(gan)}", given)

    def keep_samples(self, images: int) -> None:
        """Copy the newest samples into the series.

        Args:
            images: seen in training.
        """
        newest = next(path for name in SAMPLES if (path := self.path / name).is_file())
        series.add(newest, self.path / series.FOLDER, images)


def _with_defaults(run: RunConfig, model: registry.Model) -> RunConfig:
    """A run's config with defaults for fields that an older version of the plugin did not have."""
    kind = type(model.preset.config)
    try:
        return replace(run, config=to_json(from_json(kind, run.config)))
    except (ConfigError, UnknownNameError):
        return run


def _differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*theirs, *ours}):
        one, other = theirs.get(key), ours.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _differences(one, other)
        elif one != other:
            yield f"{key} is {one!r} there, {other!r} here"

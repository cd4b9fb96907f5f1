"""Experiment trackers: losses, health and samples of a run, besides its own files."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ganzoo.errors import ConfigError, RunError, UnknownNameError
from ganzoo.hub import RunConfig
from ganzoo.spec.config import to_json

if TYPE_CHECKING:
    from ganzoo.training.run_options import RunOptions

log = logging.getLogger("ganzoo")

A = TypeVar("A")
B = TypeVar("B")

PROJECT = "ganzoo"
"""Name of the project; the environment variables of the packages choose others."""


class Tracker(Protocol):
    """One tracker of one run."""

    def log(self, images: int, values: Mapping[str, float]) -> None:
        """Store numbers at so many images seen."""

    def picture(self, images: int, path: Path) -> None:
        """Store a grid of samples, a PNG."""

    def close(self) -> None:
        """Flush, and end the run of the tracker."""


class TensorBoard:
    """Event files in the folder ``tensorboard`` of the run."""

    def __init__(self, run: RunConfig, folder: Path) -> None:
        from torch.utils.tensorboard.writer import SummaryWriter

        self._writer: Any = SummaryWriter(str(folder / "tensorboard"))

    def log(self, images: int, values: Mapping[str, float]) -> None:
        """Store numbers at so many images seen."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, images)

    def picture(self, images: int, path: Path) -> None:
        """Store a grid of samples, a PNG."""
        import numpy as np
        from PIL import Image

        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        self._writer.add_image("samples", pixels, images, dataformats="HWC")

    def close(self) -> None:
        """Flush, and end the run of the tracker."""
        self._writer.close()


class WandB:
    """Run of Weights & Biases or of Trackio, whose calls have the same names."""

    def __init__(self, run: RunConfig, folder: Path, package: str) -> None:
        self._package: Any = import_module(package)
        path = str(folder.resolve())
        given: dict[str, Any] = {"project": PROJECT, "config": to_json(run), "resume": "allow"}
        if package == "wandb":
            given["id"] = hashlib.sha256(path.encode()).hexdigest()[:16]
            given["dir"] = path
        self._package.init(name=f"{run.model} {folder.name}", **given)

    def log(self, images: int, values: Mapping[str, float]) -> None:
        """Store numbers at so many images seen."""
        self._package.log(dict(values), step=images)

    def picture(self, images: int, path: Path) -> None:
        """Store a grid of samples, a PNG."""
        self._package.log({"samples": self._package.Image(str(path))}, step=images)

    def close(self) -> None:
        """Flush, and end the run of the tracker."""
        self._package.finish()


START: Mapping[str, Callable[[RunConfig, Path], Tracker]] = {
    "tensorboard": TensorBoard,
    "wandb": lambda run, folder: WandB(run, folder, "wandb"),
    "trackio": lambda run, folder: WandB(run, folder, "trackio"),
}
"""Trackers by name, which is that of their package and of the extra that installs it."""


def check_trackers(names: Sequence[str]) -> None:
    """Check that trackers exist and are installed.

    Raises:
        UnknownNameError: no such tracker.
        ConfigError: a package is missing.
    """
    for name in names:
        if name not in START:
            raise UnknownNameError("tracker", name, START)
        if importlib.util.find_spec(name) is None:
            raise ConfigError(
                f'--track {name} needs the package {name}: pip install "ganzoo-core[{name}]"'
            )


class TrackedRun:
    """Callbacks of a run that feed trackers; they start with its first report.

    A tracker that fails later costs a warning, and gets no more.
    """

    def __init__(self, names: Sequence[str], run: RunConfig, folder: Path) -> None:
        self._names, self._run, self._folder = names, run, folder
        self._trackers: dict[str, Tracker] | None = None

    def on_report(self, images: int, losses: Mapping[str, float]) -> None:
        """Store mean losses."""
        self._each(lambda tracker: tracker.log(images, losses))

    def on_health(self, images: int, values: Mapping[str, float]) -> None:
        """Store the numbers of a health measurement."""
        numbers = {f"health/{name}": value for name, value in values.items()}
        self._each(lambda tracker: tracker.log(images, numbers))

    def on_checkpoint(self, folder: Path, images: int) -> None:
        """Store the newest sample grid."""
        path = folder / "samples.png"
        if path.is_file():
            self._each(lambda tracker: tracker.picture(images, path))

    def _each(self, action: Callable[[Tracker], None]) -> None:
        for name, tracker in [*self._started().items()]:
            try:
                action(tracker)
            except Exception as error:
                self._started().pop(name)
                log.warning("%s gets no more of this run: %s", name, _line(error))

    def _started(self) -> dict[str, Tracker]:
        """The trackers, which start when this is called first.

        Raises:
            RunError: one cannot start.
        """
        if self._trackers is None:
            self._trackers = {}
            for name in self._names:
                try:
                    self._trackers[name] = START[name](self._run, self._folder)
                except Exception as error:
                    offline = "; WANDB_MODE=offline needs no account" if name == "wandb" else ""
                    raise RunError(f"--track {name}: {_line(error)}{offline}") from error
        return self._trackers

    def close(self) -> None:
        """End all trackers."""
        for name, tracker in (self._trackers or {}).items():
            try:
                tracker.close()
            except Exception as error:
                log.warning("%s may lack the end of this run: %s", name, _line(error))


@contextmanager
def tracked(options: RunOptions, run: RunConfig, folder: Path) -> Iterator[RunOptions]:
    """Options whose callbacks also feed the trackers, which are closed after the block."""
    if not options.track:
        yield options
        return
    more = TrackedRun(options.track, run, folder)
    try:
        yield replace(
            options,
            on_report=_both(options.on_report, more.on_report),
            on_health=_both(options.on_health, more.on_health),
            on_checkpoint=_both(options.on_checkpoint, more.on_checkpoint),
        )
    finally:
        more.close()


def _both(
    one: Callable[[A, B], None] | None, other: Callable[[A, B], None]
) -> Callable[[A, B], None]:
    """One callback that calls two."""

    def call(first: A, second: B) -> None:
        if one is not None:
            one(first, second)
        other(first, second)

    return call


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__

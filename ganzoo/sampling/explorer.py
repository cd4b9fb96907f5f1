"""One sample at a time for a page: seed, interpolation, directions, class, source and mask."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ganzoo.errors import UsageError
from ganzoo.gan import GAN
from ganzoo.gan.latent_space import LatentSpace
from ganzoo.sampling import sample_request, writers

DIRECTIONS = 4
"""Principal directions that are offered."""
STEPS = 100
"""Places between two seeds."""


@dataclass(frozen=True)
class Choice:
    """Values of the controls; a model ignores what it does not take."""

    seed: int = 0
    other_seed: int = 1
    """Seed at the end of the interpolation."""
    position: float = 0.0
    """Place between the two seeds, from 0 to 1."""
    truncation: float = 1.0
    label: str = ""
    """Class, by name or number; empty: the one that the seed draws."""
    moves: tuple[float, ...] = ()
    """Distance along each principal direction, in standard deviations of the latents."""
    source: Path | None = None
    mask: Path | None = None

    @property
    def title(self) -> str:
        """The choice as a part of a file name, e.g. ``seed3-to7-at0.25``."""
        parts = [f"seed{self.seed}"]
        if self.position:
            parts.append(f"to{self.other_seed}-at{self.position:.2f}")
        if self.truncation != 1:
            parts.append(f"truncation{self.truncation:g}")
        if self.label:
            parts.append("class" + "".join(c if c.isalnum() else "_" for c in self.label))
        if any(self.moves):
            parts.append("moved" + "_".join(f"{move:g}" for move in self.moves))
        return "-".join(parts)


class Explorer:
    """Samples of a model as files. Threads may call it: a call depends on its choice alone.

    Args:
        gan: the model, as `ganzoo.load` returns it.
        name: of the model, the start of the file names.
        folder: where files are written, each in a folder of its own.
    """

    def __init__(self, gan: GAN, name: str, folder: Path) -> None:
        self.gan, self.name, self.folder = gan, name, folder
        self.takes = {each.name for each in gan.inputs}
        """Names of the inputs that the model takes."""
        self.space = LatentSpace(gan) if "latent" in self.takes else None
        self._directions: Tensor | None = None
        self._lock = threading.Lock()

    @property
    def classes(self) -> list[str]:
        """Classes to choose from, by name or number; empty without labels."""
        if "label" not in self.takes:
            return []
        names = self.gan.class_names or map(str, range(self.gan.num_classes))
        return list(names)

    @property
    def directions(self) -> Tensor:
        """Principal directions of the latents, computed at their first use."""
        with self._lock:
            if self._directions is None:
                assert self.space is not None
                count = min(DIRECTIONS, self.space.shape[-1])
                self._directions = self.space.directions(count)
            return self._directions

    def write(self, choice: Choice) -> Path:
        """Write the sample of a choice into a new file, whose name has the seed.

        Raises:
            GanzooError: an input that is missing or does not fit.
        """
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        path = folder / f"{self.name}-{choice.title}{writers.suffix(self.gan)}"
        if "source" in self.takes:
            self._translate(choice, path)
        else:
            samples, given = self.sample(choice)
            writers.save(self.gan, samples, path, given)
        return path

    def sample(self, choice: Choice) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The sample of a choice, (1, ...), and its latents, for a model without a source."""
        given: dict[str, Tensor] = {}
        if self.space is not None:
            given = self._latents(choice)
        if "truncation" in self.takes and choice.truncation != 1:
            given["truncation"] = torch.tensor(choice.truncation)
        return self.gan.sample(1, seed=choice.seed, **given), given

    def _latents(self, choice: Choice) -> dict[str, Tensor]:
        label = {"label": self._label(choice.label)} if choice.label else {}
        space = LatentSpace(self.gan, choice.seed, label)
        points = space.points([choice.seed])
        if choice.position:
            curve = space.interpolate([choice.seed, choice.other_seed], STEPS)
            place = round(max(0.0, min(1.0, choice.position)) * STEPS)
            points = curve[place : place + 1]
        if any(choice.moves):
            for move, direction in zip(choice.moves, self.directions, strict=False):
                points = points + move * direction
        return space.inputs(points)

    def _label(self, name: str) -> int:
        classes = self.classes
        if name not in classes:
            raise UsageError(f"class {name!r}: this model has no such class")
        return classes.index(name)

    def _translate(self, choice: Choice, path: Path) -> None:
        if choice.source is None:
            raise UsageError("this model makes a sample from a source: choose one first")
        mask = choice.mask if "mask" in self.takes else None
        request = sample_request.Request(
            n=1, out=path, seed=choice.seed, source=str(choice.source), mask=mask
        )
        sample_request.fulfill(self.gan, request)

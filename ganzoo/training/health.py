"""How a training fares, in numbers and in plain words, while there is still time to act."""

from __future__ import annotations

import inspect
import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from ganzoo.data import Dataset
from ganzoo.evaluation.extractors import Projection
from ganzoo.evaluation.statistic_metrics import frechet
from ganzoo.gan import GAN, evaluating
from ganzoo.runtime import seeds

log = logging.getLogger("ganzoo")

Action = Literal["warn", "stop", "rollback"]

EVERY_IMAGES = 20_000
"""How often a training is looked at."""
SAMPLES = 256
WARM_UP_IMAGES = 40_000
"""Until then a generator may look like anything."""
NEIGHBOURS = 5


@dataclass(frozen=True)
class Vitals:
    """What was measured of 256 real rows and as many samples, in 64 random projections."""

    images: int
    accuracy: float
    """P(D(x) > D(G(z))) over all pairs: 0.5 is a guess, 1 never errs; NaN if it does not say."""
    margin: float
    """Mean of D(x) - D(G(z))."""
    diversity: float
    """Mean distance between samples over that between real rows: 1 is as diverse."""
    coverage: float
    """Share of real rows with a sample among their 5 nearest (Naeem et al. 2020)."""
    duplicates: float
    """Share of samples with another at less than a hundredth of the real nearest distance."""
    distance: float
    """Between the means of real and generated features, over the spread of the real ones."""
    recall: float = math.nan
    """Share of real rows that lie within a sample's distance to its 5th neighbour
    (Kynkäänniemi et al. 2019)."""
    fd: float = math.nan
    """Fréchet distance in these features."""
    gradients: Mapping[str, float] = field(default_factory=dict)
    """Norm of the latest gradient, by phase."""


class Health:
    """Looks at a GAN from time to time and says what is wrong, once it is so for some time.

    Args:
        gan: in training.
        dataset: what it learns; the same rows of it are used each time.
        seed: of rows and latents.
    """

    def __init__(self, gan: GAN, dataset: Dataset, seed: int) -> None:
        self.gan = gan
        self.history: list[Vitals] = []
        generator = torch.Generator().manual_seed(seeds.mix(seed, "health"))
        chosen = torch.randperm(len(dataset), generator=generator)[:SAMPLES]
        self._rows = {key: row.to(gan.device) for key, row in dataset.rows(chosen).items()}
        names = {each.name for each in gan.inputs}
        self._given = {key: row for key, row in self._rows.items() if key in names}
        self._seed = seed
        self._told = False
        self._project = Projection().to(gan.device)

    def look(self, images: int, gradients: Mapping[str, float] | None = None) -> Vitals:
        """Measure now, and remember.

        Args:
            images: seen in training.
            gradients: their norms, which only a trainer knows.
        """
        fake = self.gan.sample(len(self._rows["real"]), seed=self._seed, **self._given)
        real_scores, fake_scores = self._scores(self._rows["real"]), self._scores(fake)
        real, made = self._features(self._rows["real"]), self._features(fake)
        inside, among, across = (
            torch.cdist(real, real),
            torch.cdist(made, made),
            torch.cdist(real, made),
        )
        neighbour = min(NEIGHBOURS + 1, len(real))
        radius = inside.kthvalue(neighbour, 1).values
        reach = among.kthvalue(neighbour, 1).values
        nearest = (inside + torch.eye(len(real), device=real.device) * inside.max()).min(1).values
        twin = (among + torch.eye(len(made), device=made.device) * (among.max() + 1)).min(1).values
        spread = real.std(0).norm().clamp_min(1e-12)
        vitals = Vitals(
            images=images,
            accuracy=_wins(real_scores, fake_scores),
            margin=(real_scores.mean() - fake_scores.mean()).item(),
            diversity=(among.mean() / inside.mean().clamp_min(1e-12)).item(),
            coverage=(across.min(1).values <= radius).float().mean().item(),
            duplicates=(twin < nearest.mean() / 100).float().mean().item(),
            distance=((real.mean(0) - made.mean(0)).norm() / spread).item(),
            recall=(across <= reach).any(1).float().mean().item(),
            fd=frechet(*_gaussian(real), *_gaussian(made)),
            gradients=gradients or {},
        )
        self.history.append(vitals)
        return vitals

    def _scores(self, data: Tensor) -> Tensor:
        """Mean score of the discriminator for each row of data, (N,); NaN if it gives none.

        Its ``forward`` gets the data first, and conditions by name where it has such parameters.
        """
        discriminator = self.gan.discriminator
        parameters = inspect.signature(discriminator.forward).parameters
        conditions = {key: row for key, row in self._given.items() if key in parameters}
        try:
            with torch.no_grad(), evaluating(self.gan):
                scores: Tensor = discriminator(data, **conditions).float()
                return scores.reshape(len(data), -1).mean(1)
        except Exception as error:
            if not self._told:
                log.warning(
                    "accuracy and margin are not measured: the discriminator of %s cannot be called"
                    " with data alone: %s",
                    type(self.gan).__name__,
                    str(error).partition("\n")[0] or type(error).__name__,
                )
            self._told = True
            return torch.full((len(data),), math.nan)

    def _features(self, samples: Tensor) -> Tensor:
        rows: Tensor = self._project(samples).rows
        return torch.nan_to_num(rows, nan=0.0, posinf=1e6, neginf=-1e6)

    def verdict(self, losses: Mapping[str, float]) -> str:
        """What is wrong and what to try, in one sentence; empty while nothing is.

        Args:
            losses: their latest means.
        """
        norms = self.history[-1].gradients if self.history else {}
        values = {**losses, **{f"the gradient of {name}": norm for name, norm in norms.items()}}
        broken = [name for name, value in values.items() if not math.isfinite(value)]
        if broken:
            return f"{broken[0]} is not finite: lower the learning rate, or use --precision fp32"
        recent = [v for v in self.history if v.images > WARM_UP_IMAGES][-2:]
        if len(recent) == 2 and all(v.diversity < 0.35 or v.duplicates > 0.5 for v in recent):
            return (
                f"the samples have collapsed: diversity {recent[-1].diversity:.2f} of the data's,"
                f" {recent[-1].duplicates:.0%} duplicates; lower the learning rates or add R1"
            )
        lately = [v for v in self.history if v.images > WARM_UP_IMAGES][-3:]
        if len(lately) == 3 and all(v.accuracy > 0.995 and v.coverage < 0.1 for v in lately):
            since = (lately[-1].images - lately[0].images) / 1000
            return (
                f"the discriminator wins: accuracy {lately[-1].accuracy:.3f} for {since:.0f} kimg"
                f" and coverage {lately[-1].coverage:.2f}; lower its learning rate or add R1"
            )
        if len(recent) == 2 and _is_lost(*recent):
            return (
                f"the samples are nowhere near the data: coverage {recent[-1].coverage:.2f}, and no"
                " nearer than a look before; lower the learning rates or add R1"
            )
        return self._trend()

    def _trend(self) -> str:
        settled = [v for v in self.history if v.images > WARM_UP_IMAGES]
        best = min((v.distance for v in settled), default=math.inf)
        if len(settled) > 3 and all(v.distance > max(4 * best, 0.5) for v in settled[-3:]):
            return (
                f"the samples drift away: distance {settled[-1].distance:.2f}, it was {best:.2f};"
                " go back to an earlier checkpoint, lower the learning rates"
            )
        return ""

    def at_best(self) -> bool:
        """Whether the latest look, after the warm-up, found the samples nearest to the data."""
        settled = [v.distance for v in self.history if v.images > WARM_UP_IMAGES]
        return bool(settled) and settled[-1] == min(settled)

    def state(self) -> list[dict[str, Any]]:
        """The history, for a checkpoint."""
        return [asdict(vitals) for vitals in self.history]

    def load_state(self, history: list[dict[str, Any]]) -> None:
        """Go on from a checkpoint's history."""
        self.history = [Vitals(**vitals) for vitals in history]


def _is_lost(before: Vitals, now: Vitals) -> bool:
    """Whether hardly any real row has a sample near it, and the samples come no nearer."""
    far = before.coverage < 0.02 and now.coverage < 0.02
    return far and now.distance > 0.9 * before.distance


def _gaussian(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and covariance in float64, on the CPU, where there always is such a type."""
    exact = rows.cpu().double()
    return exact.mean(0), exact.T.cov()


def _wins(real: Tensor, fake: Tensor) -> float:
    """How often a real row is judged more real than a sample; a tie is half a win.

    NaN if a score is not finite.
    """
    if not torch.isfinite(real).all() or not torch.isfinite(fake).all():
        return math.nan
    difference = real[:, None] - fake[None, :]
    return ((difference > 0).float() + 0.5 * (difference == 0).float()).mean().item()

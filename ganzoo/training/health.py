"""Health of a run in training: measurements of its samples, and a verdict in plain words."""

from __future__ import annotations

import inspect
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from ganzoo.data import Dataset
from ganzoo.data.dataset import as_float
from ganzoo.evaluation.extractors import Projection
from ganzoo.gan import GAN, evaluating
from ganzoo.metrics import functional
from ganzoo.runtime import seeds

log = logging.getLogger("ganzoo")

Action = Literal["warn", "stop", "rollback"]

EVERY_IMAGES = 20_000
"""Images between two measurements."""
SAMPLES = 256
WARM_UP_IMAGES = 40_000
"""Images before the first verdict on samples."""
NEIGHBORS = 5


@dataclass(frozen=True)
class HealthRecord:
    """Measurements of 256 real rows and as many samples, in 64 random projections."""

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
    """Share of real rows that lie within a sample's distance to its 5th neighbor
    (Kynkäänniemi et al. 2019)."""
    fd: float = math.nan
    """Fréchet distance in these features."""
    gradients: Mapping[str, float] = field(default_factory=dict)
    """Norm of the latest gradient, by phase."""

    def numbers(self) -> dict[str, float]:
        """All measurements by name, gradients as ``gradient/PHASE``."""
        values = {key: value for key, value in asdict(self).items() if isinstance(value, float)}
        return {**values, **{f"gradient/{key}": norm for key, norm in self.gradients.items()}}


class Health:
    """Measures a GAN from time to time; its verdict names a problem that lasts.

    Args:
        gan: in training.
        dataset: what it learns; the same rows of it are used each time.
        seed: of rows and latents.
        warm_up: images during which nothing is judged.
    """

    def __init__(
        self, gan: GAN, dataset: Dataset, seed: int, warm_up: float = WARM_UP_IMAGES
    ) -> None:
        self.gan = gan
        self.warm_up = warm_up
        self.history: list[HealthRecord] = []
        generator = torch.Generator().manual_seed(seeds.mix(seed, "health"))
        order = torch.randperm(len(dataset), generator=generator)
        chosen, others = order[:SAMPLES], order[SAMPLES : 2 * SAMPLES]
        self._others = dataset.columns["real"][others]
        self._rows = {key: row.to(gan.device) for key, row in dataset.rows(chosen).items()}
        names = {each.name for each in gan.inputs}
        self._given = {key: row for key, row in self._rows.items() if key in names}
        self._seed = seed
        self._told = False
        self._project = Projection().to(gan.device)

    def measure(self, images: int, gradients: Mapping[str, float] | None = None) -> HealthRecord:
        """Measure now and append to the history.

        Args:
            images: seen in training.
            gradients: their norms, which only a trainer knows.
        """
        fake = self.gan.sample(len(self._rows["real"]), seed=self._seed, **self._given)
        real_scores, fake_scores = self._scores(self._rows["real"]), self._scores(fake)
        real_rows, fake_rows = self._features(self._rows["real"]), self._features(fake)
        record = HealthRecord(
            images=images,
            accuracy=_win_rate(real_scores, fake_scores),
            margin=(real_scores.mean() - fake_scores.mean()).item(),
            **_compare(real_rows, fake_rows),
            gradients=gradients or {},
        )
        self.history.append(record)
        return record

    def floor(self) -> dict[str, float]:
        """The same measurements of as many other real rows; empty if there are not enough."""
        if len(self._others) < SAMPLES:
            return {}
        others = self._features(as_float(self._others).to(self.gan.device))
        return _compare(self._features(self._rows["real"]), others)

    def _scores(self, data: Tensor) -> Tensor:
        """Mean score of the discriminator for each row of data, (N,); NaN if it gives none.

        Its ``forward`` gets the data first, and conditions by name where it has such parameters.
        """
        discriminator = self.gan.discriminator
        parameters = inspect.signature(discriminator.forward).parameters
        conditions = {key: row for key, row in self._rows.items() if key in list(parameters)[1:]}
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
        """The problem and its remedy in one sentence; empty while there is none.

        Args:
            losses: their latest means.
        """
        settled = [record for record in self.history if record.images > self.warm_up]
        return (
            self._broken(losses)
            or _collapse(settled[-2:])
            or _discriminator_wins(settled[-3:])
            or _lost(settled[-2:])
            or _drift(settled)
        )

    def _broken(self, losses: Mapping[str, float]) -> str:
        """A loss or a gradient that is not finite."""
        norms = self.history[-1].gradients if self.history else {}
        values = {**losses, **{f"the gradient of {name}": norm for name, norm in norms.items()}}
        broken = [name for name, value in values.items() if not math.isfinite(value)]
        if not broken:
            return ""
        return f"{broken[0]} is not finite: lower the learning rate, or use --precision fp32"

    def at_best(self) -> bool:
        """True if the samples of the latest record, after the warm-up, are nearest to the data."""
        settled = [record.distance for record in self.history if record.images > self.warm_up]
        return bool(settled) and settled[-1] == min(settled)

    def state(self) -> list[dict[str, Any]]:
        """The history, for a checkpoint."""
        return [asdict(record) for record in self.history]

    def load_state(self, history: list[dict[str, Any]]) -> None:
        """Continue a checkpoint's history."""
        self.history = [HealthRecord(**record) for record in history]


def _collapse(recent: Sequence[HealthRecord]) -> str:
    """Samples that are all alike, twice in a row."""
    if len(recent) < 2 or not all(r.diversity < 0.35 or r.duplicates > 0.5 for r in recent):
        return ""
    return (
        f"the samples have collapsed: diversity {recent[-1].diversity:.2f} of the data's,"
        f" {recent[-1].duplicates:.0%} duplicates; lower the learning rates or add R1"
    )


def _discriminator_wins(recent: Sequence[HealthRecord]) -> str:
    """A discriminator that never errs while the samples cover nothing, three times in a row."""
    if len(recent) < 3 or not all(r.accuracy > 0.995 and r.coverage < 0.1 for r in recent):
        return ""
    kimg = (recent[-1].images - recent[0].images) / 1000
    return (
        f"the discriminator wins: accuracy {recent[-1].accuracy:.3f} for {kimg:.0f} kimg"
        f" and coverage {recent[-1].coverage:.2f}; lower its learning rate, add R1, or with few"
        " images --augment ada"
    )


def _lost(recent: Sequence[HealthRecord]) -> str:
    """Hardly any real row with a sample near it, and the samples come no nearer."""
    if len(recent) < 2 or not all(r.coverage < 0.02 for r in recent):
        return ""
    before, now = recent
    if now.distance <= 0.9 * before.distance:
        return ""
    return (
        f"the samples are nowhere near the data: coverage {now.coverage:.2f}, and no"
        " nearer than at the measurement before; lower the learning rates or add R1"
    )


def _drift(settled: Sequence[HealthRecord]) -> str:
    """Samples that were near the data once and have moved away."""
    best = min((r.distance for r in settled), default=math.inf)
    if len(settled) < 4 or not all(r.distance > max(4 * best, 0.5) for r in settled[-3:]):
        return ""
    return (
        f"the samples drift away: distance {settled[-1].distance:.2f}, it was {best:.2f};"
        " go back to an earlier checkpoint, lower the learning rates"
    )


def _compare(real: Tensor, fake: Tensor) -> dict[str, float]:
    """Measurements of features, as `HealthRecord` names them."""
    neighbors = min(NEIGHBORS, len(real) - 1)
    near = functional.precision_recall_density_coverage(real, fake, neighbors, neighbors)
    distance = functional.frechet_distance(*_gaussian(real), *_gaussian(fake))
    return {
        "diversity": (_spread(fake) / _spread(real).clamp_min(1e-12)).item(),
        "coverage": float(near.get("coverage", math.nan)),
        "duplicates": functional.duplicate_share(real, fake).item(),
        "distance": _mean_shift(real, fake),
        "recall": float(near.get("recall", math.nan)),
        "fd": distance.item(),
    }


def _spread(rows: Tensor) -> Tensor:
    """Mean distance between the rows."""
    return torch.cdist(rows, rows).mean()


def _mean_shift(real: Tensor, fake: Tensor) -> float:
    """Distance between the means, over the spread of the real rows."""
    spread = real.std(0).norm().clamp_min(1e-12)
    return float((real.mean(0) - fake.mean(0)).norm() / spread)


def _gaussian(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and covariance in float64, on the CPU, where there always is such a type."""
    exact = rows.cpu().double()
    return exact.mean(0), exact.T.cov()


def _win_rate(real: Tensor, fake: Tensor) -> float:
    """Share of pairs in which a real row scores higher than a sample; a tie is half a win.

    NaN if a score is not finite.
    """
    if not torch.isfinite(real).all() or not torch.isfinite(fake).all():
        return math.nan
    difference = real[:, None] - fake[None, :]
    return ((difference > 0).float() + 0.5 * (difference == 0).float()).mean().item()

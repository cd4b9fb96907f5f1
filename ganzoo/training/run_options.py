"""Options of a run that leave its result alone: reports, checkpoints, and when to stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.training.health import EVERY_IMAGES, WARM_UP_IMAGES, Action

Keep = Literal["last", "best"]

SAVE_SECONDS = 120.0
"""Default time between checkpoints."""


@dataclass(frozen=True)
class Schedule:
    """Intervals of reports, in images of the data set.

    Args:
        report_images: between lines of metrics.jsonl.
        health_images: between lines of health.jsonl.
        warm_up_images: before the first verdict on samples.
        sample_images: between pictures; left out, a twentieth of the run, at most 50,000.
    """

    report_images: float = 1000
    health_images: float = EVERY_IMAGES
    warm_up_images: float = WARM_UP_IMAGES
    sample_images: float | None = None


@dataclass(frozen=True)
class RunOptions:
    """Options of `ganzoo.training.train` beside the plan.

    Args:
        budget: seconds after which the run stops; None for no limit.
        on_collapse: ``warn``, ``stop`` or ``rollback``.
        save_every: seconds between checkpoints.
        keep: ``last``, or ``best`` for the checkpoint nearest to the data too.
        schedule: of reports.

    Raises:
        UnknownNameError: a value that does not exist.
        ConfigError: a rollback without the checkpoint that it needs.
    """

    budget: float | None = None
    on_collapse: Action = "warn"
    save_every: float = SAVE_SECONDS
    keep: Keep = "best"
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self) -> None:
        for name, value, known in (
            ("on-collapse", self.on_collapse, get_args(Action)),
            ("keep", self.keep, get_args(Keep)),
        ):
            if value not in known:
                raise UnknownNameError(f"value of --{name}", value, known)
        if self.on_collapse == "rollback" and self.keep == "last":
            raise ConfigError("--on-collapse rollback needs the best checkpoint: use --keep best")

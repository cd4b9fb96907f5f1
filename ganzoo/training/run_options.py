"""Options of a run that leave its result alone: reports, checkpoints, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.runtime.arguments import as_texts, check_callable, check_type
from ganzoo.training.health import EVERY_IMAGES, WARM_UP_IMAGES, Action
from ganzoo.training.trackers import check_trackers

Keep = Literal["last", "best"]
OnReport: TypeAlias = Callable[[int, Mapping[str, float]], None]
"""``(images, losses)``: images seen, and mean losses as ``phase/term``."""
OnHealth: TypeAlias = Callable[[int, Mapping[str, float]], None]
"""``(images, values)``: images seen, and the numbers of a line of health.jsonl."""
OnCheckpoint: TypeAlias = Callable[[Path, int], None]
"""``(folder, images)``: the run folder, a model folder from now on, and images seen."""

SAVE_SECONDS = 120.0
"""Default time between checkpoints."""


@dataclass(frozen=True)
class Schedule:
    """Intervals of reports, in images of the data set.

    Args:
        report_images: between lines of metrics.jsonl; the first lines come after 1, 2, 4, ...
            steps.
        health_images: between lines of health.jsonl.
        warm_up_images: before the first verdict on samples.
        sample_images: between pictures; left out, they come after 1, 2, 3, 4, 6, 8,
            12, 16, ... steps.
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
        on_report: called with the images seen and the mean losses, for each line of metrics.jsonl.
        on_health: called with the images seen and the numbers of each line of health.jsonl.
        on_checkpoint: called with the run folder and the images seen, after each checkpoint.
        track: trackers that get losses, health and samples: ``tensorboard``, ``wandb`` or
            ``trackio``.
        announce: say at the start what will be done, where progress is shown.

    Raises:
        UnknownNameError: a value that does not exist.
        ConfigError: a rollback without the checkpoint that it needs; a tracker that is not
            installed.
    """

    budget: float | None = None
    on_collapse: Action = "warn"
    save_every: float = SAVE_SECONDS
    keep: Keep = "best"
    schedule: Schedule = field(default_factory=Schedule)
    on_report: OnReport | None = None
    on_checkpoint: OnCheckpoint | None = None
    announce: bool = False
    on_health: OnHealth | None = None
    track: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, value, known in (
            ("on-collapse", self.on_collapse, get_args(Action)),
            ("keep", self.keep, get_args(Keep)),
        ):
            if value not in known:
                raise UnknownNameError(f"value of --{name}", value, known)
        check_type("schedule", self.schedule, (Schedule,), "a Schedule")
        check_callable("on_report", self.on_report)
        check_callable("on_checkpoint", self.on_checkpoint)
        check_callable("on_health", self.on_health)
        names = as_texts("track", self.track, '["wandb"]')
        check_trackers(names)
        object.__setattr__(self, "track", names)
        if self.on_collapse == "rollback" and self.keep == "last":
            raise ConfigError("--on-collapse rollback needs the best checkpoint: use --keep best")

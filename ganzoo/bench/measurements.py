"""Measurements of a benchmark: models, weights, settings and seeds as a list of work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from ganzoo.bench.rows import BenchConfig, Row, Target
from ganzoo.errors import ConfigError, UsageError
from ganzoo.evaluation import protocols
from ganzoo.evaluation.protocol_choice import choose_protocol
from ganzoo.gan import GAN
from ganzoo.runtime.devices import without_memory
from ganzoo.runtime.progress import say
from ganzoo.runtime.text import first_items
from ganzoo.spec.protocol import Protocol
from ganzoo.training import Plan, plan


@dataclass(frozen=True)
class Measurement:
    """One row before it is measured."""

    target: Target
    weights: str
    """As in `Row.weights`."""
    seed: int
    settings: Mapping[str, str] = field(default_factory=dict)

    def describe(self, config: BenchConfig) -> str:
        """Name, weights, and what differs between the rows of one model."""
        swept = [f"{key}={self.settings[key]}" for key in config.sweep if key in self.settings]
        seed = [f"seed {self.seed}"] if config.seeds > 1 else []
        return f"{self.target.name} ({', '.join([self.weights, *swept, *seed])})"

    def plan(self, config: BenchConfig) -> Plan:
        """The run of a model that is trained here.

        Raises:
            UsageError: a setting that the model does not take.
        """
        model = self.target.model
        return plan(model, settings=self.settings, data=config.data, seed=self.seed)


def list_measurements(targets: Sequence[Target], config: BenchConfig) -> list[Measurement]:
    """All rows of a benchmark, or those of its shard.

    Raises:
        UsageError: settings that fit no model, or no model to train; where they fit some, the
            others are rows with an error.
    """
    grid = settings_grid(config)
    if (stated := {**config.settings, **config.sweep}) and all(each.trained for each in targets):
        raise UsageError(
            f"{next(iter(stated))} cannot be set: {first_items(each.name for each in targets)} is"
            " trained already; name a model to train (`ganzoo list`)"
        )
    for settings in grid:
        _check_settings(targets, settings, config)
    found = [each for target in targets for each in _of_target(target, grid, config)]
    return found[config.shard[0] - 1 :: config.shard[1]]


def settings_grid(config: BenchConfig) -> list[dict[str, str]]:
    """Each combination of the swept values, with the settings of all rows."""
    twice = sorted({*config.sweep} & {*config.settings})
    if twice:
        raise ConfigError(f"{twice[0]} is both set and swept: give it once")
    return [
        {**config.settings, **dict(zip(config.sweep, values, strict=True))}
        for values in product(*config.sweep.values())
    ]


def _of_target(
    target: Target, grid: Sequence[Mapping[str, str]], config: BenchConfig
) -> Iterator[Measurement]:
    if target.trained:
        yield Measurement(target, "given", config.seed)
        return
    if target.model.pretrained and not config.data and not grid[0]:
        yield Measurement(target, "published", config.seed)
    if target.optional and (problem := target.model.unmet_need()):
        say(f"{target.name} is not trained here: {problem}")
        return
    for settings in grid:
        if not config.budget:
            yield Measurement(target, "untrained", config.seed, settings)
            continue
        for seed in range(config.seed, config.seed + config.seeds):
            yield Measurement(target, "trained", seed, settings)


def _check_settings(
    targets: Sequence[Target], settings: Mapping[str, str], config: BenchConfig
) -> None:
    problems: list[UsageError] = []
    for target in targets:
        try:
            Measurement(target, "", config.seed, settings).plan(config)
        except UsageError as error:
            problems.append(error)
    if problems and len(problems) == len(targets):
        raise problems[0]


def protocol_for(target: Target, gan: GAN, config: BenchConfig) -> Protocol:
    """The protocol that was asked for, or the one that fits the model and its data."""
    if config.protocol is not None:
        return protocols.find_protocol(config.protocol)
    return choose_protocol(target.model, config.data or target.data, gan.sample_spec)


def find_done(rows: Iterable[Row], work: Measurement, like: Row, config: BenchConfig) -> Row | None:
    """The row of a finished measurement that need not be repeated.

    Args:
        rows: of earlier calls.
        work: the measurement.
        like: its row before it is measured: model, versions, device.
        config: of the benchmark.

    Returns:
        The row of a run that has reached the budget or its length, or of published weights, under
        the same protocol; None if there is none.
    """
    if work.weights not in ("trained", "published"):
        return None
    same = [row for row in rows if not row.error and row.values and _facts(row) == _facts(like)]
    if not same:
        return None
    try:
        run = work.plan(config)
        with without_memory():
            gan = run.build()
        protocol = protocol_for(work.target, gan, config)
    except Exception:  # of the plugin: the row that is measured says which
        return None
    for row in same:
        over = (row.kimg or 0) >= run.recipe.kimg or (row.seconds or 0) >= config.budget
        scored = (row.protocol, row.n) == (protocol.name, config.n or protocol.n)
        if scored and (over or work.weights == "published"):
            return row
    return None


def _facts(row: Row) -> tuple[object, ...]:
    settings = tuple(sorted(row.settings.items()))
    versions = row.version, row.torch, row.device
    return row.distribution, row.model, row.weights, row.seed, settings, *versions

"""Rows of one model and several seeds as one line: means and spreads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from ganzoo.bench.rows import Row


@dataclass(frozen=True)
class SeedGroup:
    """Rows that differ in their seeds alone."""

    rows: tuple[Row, ...]
    name: str
    """The model, and the settings that other rows do not have."""

    @property
    def label(self) -> str:
        """Name, and the number of seeds behind a mean."""
        if len(self.rows) > 1:
            return f"{self.name}, {len(self.rows)} seeds"
        return f"{self.name}, several sets" if self.rows[0].spread else self.name

    @property
    def values(self) -> dict[str, float]:
        """Mean of each score that all rows have."""
        labels = self.rows[0].values
        return {
            label: mean(row.values[label] for row in self.rows)
            for label in labels
            if all(label in row.values for row in self.rows)
        }

    @property
    def spread(self) -> Mapping[str, float]:
        """Standard deviations over the seeds, or over the sets of samples of a single row."""
        if len(self.rows) == 1:
            return self.rows[0].spread
        return {label: stdev(row.values[label] for row in self.rows) for label in self.values}

    def average(self, figure: Callable[[Row], float | None]) -> float | None:
        """Mean of a figure over the rows that have it."""
        found = [value for row in self.rows if (value := figure(row)) is not None]
        return mean(found) if found else None


def group_seeds(rows: Sequence[Row]) -> list[SeedGroup]:
    """Rows in groups; a row that failed is alone, and does not spoil the mean of the others."""
    shown = distinct_settings(rows)
    groups: dict[object, list[Row]] = {}
    for index, row in enumerate(rows):
        key = _key(row), index if row.error else -1
        groups.setdefault(key, []).append(row)
    return [SeedGroup(tuple(group), _name(group[0], shown)) for group in groups.values()]


def distinct_settings(rows: Sequence[Row]) -> set[str]:
    """Keys of settings that rows of the same model do not share."""
    found: set[str] = set()
    first: dict[str, Mapping[str, str]] = {}
    for row in rows:
        other = first.setdefault(row.model, row.settings)
        items = {*other.items()} ^ {*row.settings.items()}
        found |= {key for key, _ in items}
    return found


def _key(row: Row) -> object:
    settings = tuple(sorted(row.settings.items()))
    return row.distribution, row.model, row.weights, row.protocol_hash, row.data, settings


def _name(row: Row, shown: set[str]) -> str:
    parts = [f"{key}={value}" for key, value in row.settings.items() if key in shown]
    return " ".join([row.model, *parts])

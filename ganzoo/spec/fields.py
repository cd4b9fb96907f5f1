"""Constraints of config fields, and the base class of every model's config.

    @dataclass(frozen=True)
    class Config(ModelConfig):
        size: Annotated[int, Doubled(4, 7), "height and width of the images"] = 64
        latent: Annotated[int, AtLeast(1), "latent dimension"] = 100
        r1: Annotated[float, AtLeast(0), "weight of the R1 penalty; 0: none"] = 0.0

A constraint applies to each element of a tuple; ``None`` passes.
"""

from __future__ import annotations

import math
import types
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from ganzoo.errors import ConfigError

SHOWN = 6
"""Allowed values that a message shows."""


class Constraint(ABC):
    """A rule for the values of a field, written into its ``Annotated`` type."""

    @abstractmethod
    def problem(self, value: Any) -> str:
        """The rule that the value breaks, as ``must be ...``; empty if it is accepted."""


@dataclass(frozen=True)
class AtLeast(Constraint):
    """A number not below a bound."""

    bound: float

    def problem(self, value: Any) -> str:
        return "" if value >= self.bound else f"must be at least {self.bound:g}"


@dataclass(frozen=True)
class Above(Constraint):
    """A number above a bound."""

    bound: float

    def problem(self, value: Any) -> str:
        return "" if value > self.bound else f"must be above {self.bound:g}"


@dataclass(frozen=True)
class AtMost(Constraint):
    """A number not above a bound."""

    bound: float

    def problem(self, value: Any) -> str:
        return "" if value <= self.bound else f"must be at most {self.bound:g}"


@dataclass(frozen=True)
class Below(Constraint):
    """A number below a bound."""

    bound: float

    def problem(self, value: Any) -> str:
        return "" if value < self.bound else f"must be below {self.bound:g}"


@dataclass(frozen=True)
class Between(Constraint):
    """A number in a closed interval."""

    low: float
    high: float

    def problem(self, value: Any) -> str:
        if self.low <= value <= self.high:
            return ""
        return f"must be between {self.low:g} and {self.high:g}"


class OneOf(Constraint):
    """One of a few values."""

    def __init__(self, *allowed: object) -> None:
        self.allowed = allowed

    def problem(self, value: Any) -> str:
        *others, last = map(str, self.allowed)
        known = f"{', '.join(others)} or {last}" if others else last
        return "" if value in self.allowed else f"must be {known}"


@dataclass(frozen=True)
class MultipleOf(Constraint):
    """A whole number that another one divides."""

    step: int

    def problem(self, value: Any) -> str:
        if value % self.step == 0:
            return ""
        below = value // self.step * self.step
        return f"must be a multiple of {self.step}, {_nearest(below, below + self.step)}"


@dataclass(frozen=True)
class Doubled(Constraint):
    """A number from ``low`` to ``high``, doubled a few times: sizes that a network can halve.

    Args:
        low, high: the numbers that are doubled.
        times: doublings at least.
    """

    low: int
    high: int
    times: int = 1

    def problem(self, value: Any) -> str:
        sizes = self._sizes(value)
        if value in sizes:
            return ""
        below = max((size for size in sizes if size < value), default=0)
        above = min(size for size in sizes if size > value)
        first = sorted(self._sizes(self.high << self.times))[:SHOWN]
        return (
            f"is not allowed. Allowed: {', '.join(map(str, first))}, ...;"
            f" nearest: {f'{below}, {above}' if below else above}"
        )

    def _sizes(self, value: int) -> set[int]:
        """All sizes up to the next one above a value."""
        doublings = range(self.times, self.times + max(value, 1).bit_length() + 1)
        return {base << each for each in doublings for base in range(self.low, self.high + 1)}


def _nearest(below: int, above: int) -> str:
    return f"e.g. {below} or {above}" if below > 0 else f"e.g. {above}"


@dataclass(frozen=True)
class ModelConfig:
    """Base of a model's config: a frozen dataclass whose fields are checked when it is built."""

    def __post_init__(self) -> None:
        check_fields(self)
        self.check()

    def check(self) -> None:
        """Override it for fields that contradict each other: raise `ganzoo.errors.ConfigError`."""


def check_fields(config: object) -> None:
    """Check numbers, choices and constraints of a dataclass instance.

    Raises:
        ConfigError: a value of the wrong type, or one that a constraint refuses.
    """
    cls: Any = type(config)
    for rule in _rules(cls):
        value = getattr(config, rule.name)
        elements = value if isinstance(value, tuple) else (value,)
        for element in elements:
            problem = "" if element is None else rule.problem(element)
            if problem:
                shown = ",".join(map(str, value)) if isinstance(value, tuple) else value
                each = "each " if isinstance(value, tuple) else ""
                raise ConfigError(f"{rule.name}={shown}: {each}{problem}")


class _Rule(NamedTuple):
    """Checks of one field."""

    name: str
    kind: Any
    """``int``, ``float``, or a ``Literal``; anything else is not checked."""
    constraints: tuple[Constraint, ...]

    def problem(self, value: Any) -> str:
        if get_origin(self.kind) is Literal:
            return OneOf(*get_args(self.kind)).problem(value)
        if self.kind in (int, float):
            accepted = int if self.kind is int else (int, float)
            if not isinstance(value, accepted) or isinstance(value, bool):
                return "must be a whole number" if self.kind is int else "must be a number"
            if not math.isfinite(value):
                return "must be a finite number"
        problems = (constraint.problem(value) for constraint in self.constraints)
        return next(filter(None, problems), "")


@cache
def _rules(cls: type[Any]) -> tuple[_Rule, ...]:
    hints = get_type_hints(cls, include_extras=True)
    rules = []
    for field in fields(cls):
        hint = hints[field.name]
        extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        hint = get_args(hint)[0] if extras else hint
        constraints = tuple(extra for extra in extras if isinstance(extra, Constraint))
        rules.append(_Rule(field.name, _element(hint), constraints))
    return tuple(rules)


def _element(kind: Any) -> Any:
    """The type of a single value: ``int`` of ``tuple[int, ...]`` and of ``int | None``."""
    arguments = [each for each in get_args(kind) if each not in (type(None), Ellipsis)]
    if get_origin(kind) in (Union, types.UnionType, tuple) and len(set(arguments)) == 1:
        return _element(arguments[0])
    return kind

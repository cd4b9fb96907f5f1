"""Checks of arguments of Python functions, with messages of one line."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real

from ganzoo.errors import ConfigError

MODEL_NAME = "the name of a model (see `ganzoo list`)"


def check_number(
    name: str, value: object, *, whole: bool = False, least: float | None = None
) -> None:
    """Refuse what is no number, or below the least; None passes.

    Raises:
        ConfigError: another type, or a smaller number.
    """
    kind = Integral if whole else Real
    expected = "a whole number" if whole else "a number"
    if least is not None:
        expected += f" from {least} on"
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ConfigError(f"{name}={value!r}: expected {expected}")
    if least is not None and not value >= least:  # type: ignore[operator] # a number
        raise ConfigError(f"{name}={value!r}: expected {expected}")


def check_type(name: str, value: object, kinds: tuple[type, ...], expected: str) -> None:
    """Refuse a value of another type; None passes.

    Raises:
        ConfigError: with what is expected.
    """
    if value is not None and not isinstance(value, kinds):
        raise ConfigError(f"{name}={_short(value)}: expected {expected}")


def check_given(name: str, value: object, kinds: tuple[type, ...], expected: str) -> None:
    """Refuse a value of another type, and None.

    Raises:
        ConfigError: with what is expected.
    """
    if value is None:
        raise ConfigError(f"{name}=None: expected {expected}")
    check_type(name, value, kinds, expected)


def as_texts(name: str, value: object, example: str) -> tuple[str, ...]:
    """A text or a sequence of texts as a tuple.

    Raises:
        ConfigError: something else; the message has an example.
    """
    texts = (value,) if isinstance(value, str) else value
    if isinstance(texts, Iterable):
        found = tuple(texts)
        if all(isinstance(each, str) for each in found):
            return found
    raise ConfigError(f"{name}={_short(value)}: expected a list of texts, e.g. {example}")


def check_callable(name: str, value: object) -> None:
    """Refuse what cannot be called; None passes.

    Raises:
        ConfigError: it cannot be called.
    """
    if value is not None and not callable(value):
        raise ConfigError(f"{name}={value!r}: expected a function")


def _short(value: object) -> str:
    """A value on one line, as short as an error message needs it."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."

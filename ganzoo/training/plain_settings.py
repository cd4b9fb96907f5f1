"""Settings of `plan` and `train` as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ganzoo.errors import ConfigError

Value: TypeAlias = "str | float | bool | list[Value] | tuple[Value, ...] | None"
"""A setting in Python: 16, 1e-4, True, None, (64, 32), or text as on the command line."""


def settings_as_text(settings: Mapping[str, Value] | None) -> dict[str, str]:
    """Settings as they are typed on the command line.

    Raises:
        ConfigError: no mapping of names to plain values.
    """
    if not isinstance(settings or {}, Mapping):
        raise ConfigError(f'settings={settings!r}: expected a mapping, e.g. {{"width": 32}}')
    texts = {}
    for name, value in (settings or {}).items():
        if not isinstance(name, str):
            raise ConfigError(f"settings: the key {name!r} is no text")
        texts[name] = _as_text(name, value)
    return texts


def _as_text(name: str, value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(_as_text(name, each) for each in value)
    if isinstance(value, int | float):
        return repr(value)
    plain = getattr(value, "tolist", None)  # a number or an array of NumPy, or a tensor
    if plain is not None:
        return _as_text(name, plain())
    raise ConfigError(f"{name}={value!r}: expected a number, text, true, none or a list of these")

"""Configs from and to ``key=value`` settings and JSON."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ganzoo.errors import ConfigError, UnknownNameError

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Key:
    """One setting: its dotted name, value, type and help."""

    name: str
    value: Any
    type: Any
    help: str


def keys(config: Any, prefix: str = "") -> Iterator[Key]:
    """All settings of a dataclass instance; nested ones are dotted (``optimizer.lr``)."""
    hints = get_type_hints(type(config), include_extras=True)
    for field in dataclasses.fields(config):
        kind, text = _split(hints[field.name])
        value = getattr(config, field.name)
        name = prefix + field.name
        if dataclasses.is_dataclass(value):
            yield from keys(value, name + ".")
        elif _is_mapping(kind):
            for entry, inner in value.items():
                yield from keys(inner, f"{name}.{entry}.")
        else:
            yield Key(name, value, kind, text)


def override(config: T, settings: Mapping[str, str]) -> T:
    """A copy of a dataclass instance with ``{"optimizer.lr": "1e-4"}`` applied.

    Raises:
        UnknownNameError: a key that the dataclass does not have.
        ConfigError: a value that its type, or the dataclass itself, refuses.
    """
    known = {key.name: key for key in keys(config)}
    data = to_json(config)
    for name, text in settings.items():
        if name not in known:
            raise unknown_key(name, known)
        *path, last = name.split(".")
        node = data
        for part in path:
            node = node[part]
        node[last] = to_json(parse(text, known[name].type, name))
    return from_json(type(config), data)


def with_entries(config: T, settings: Mapping[str, str]) -> T:
    """A copy that has the entries of mappings which settings name: ``optimizers.critic.lr`` may be
    set though no ``critic`` is there yet.

    A new entry begins as the field that the mapping's metadata calls ``like`` (with what is set of
    that), and is then `override`'s.
    """
    for field in dataclasses.fields(config):  # type: ignore[arg-type] # T is a dataclass
        named = {key.split(".")[1] for key in settings if key.startswith(f"{field.name}.")}
        entries = getattr(config, field.name)
        new = named - set(entries) if "like" in field.metadata else set()
        if new:
            like = field.metadata["like"]
            own = {k.partition(".")[2]: v for k, v in settings.items() if k.startswith(f"{like}.")}
            start = override(getattr(config, like), own)
            grown = {**entries, **dict.fromkeys(sorted(new - {""}), start)}
            config = dataclasses.replace(config, **{field.name: grown})  # type: ignore[type-var]
    return config


def unknown_key(name: str, known: Iterable[str]) -> UnknownNameError:
    """An error that offers ``optimizer.lr`` for ``lr``: the last part is compared first."""
    known = list(known)
    same_end = [key for key in known if key.split(".")[-1] == name.split(".")[-1]]
    return UnknownNameError("key", name, known, near=same_end)


def parse_settings(pairs: list[str], option: str = "--set") -> dict[str, str]:
    """``["width=32"]`` to ``{"width": "32"}``.

    Raises:
        ConfigError: an item without ``=``, or a key given twice.
    """
    settings: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise ConfigError(f"{option} takes key=value, not {pair!r}")
        if name in settings:
            raise ConfigError(f"{option} {name} is given twice")
        settings[name] = text
    return settings


def parse(text: str, kind: Any, name: str) -> Any:
    """Parse text as a value of type ``kind``; ``name`` is for the message."""
    try:
        return _parse(text.strip(), kind)
    except ValueError:
        raise ConfigError(f"{name}={text}: expected {_name_of(kind)}") from None


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _parse(text: str, kind: Any) -> Any:
    if kind is bool:
        return _BOOLEANS[text.lower()] if text.lower() in _BOOLEANS else _fail()
    if kind is float:
        return float(text) if math.isfinite(float(text)) else _fail()
    if kind in (int, str):
        return kind(text)
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return text if text in arguments else _fail()
    if get_origin(kind) is tuple:
        parts = [part for part in text.strip("()[]").split(",") if part.strip()]
        return _tuple([part.strip() for part in parts], arguments)
    if type(None) in arguments:
        inner = next(argument for argument in arguments if argument is not type(None))
        return None if text.lower() == "none" else _parse(text, inner)
    return _fail()


def _fail() -> Any:
    raise ValueError


def _tuple(parts: list[str], kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if kinds[-1] is Ellipsis:
        return tuple(_parse(part, kinds[0]) for part in parts)
    if len(parts) != len(kinds):
        raise ValueError
    return tuple(_parse(part, kind) for part, kind in zip(parts, kinds, strict=True))


def to_json(value: Any) -> Any:
    """Dataclasses, mappings and tuples as objects and lists for ``json.dump``."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def from_json(cls: type[T], data: Mapping[str, Any]) -> T:
    """A dataclass instance from the result of `to_json`; missing keys have their defaults.

    Raises:
        UnknownNameError: a key that the dataclass does not have.
        ConfigError: a value of the wrong type, or one that the dataclass refuses.
    """
    if not isinstance(data, Mapping):
        raise ConfigError(f"{cls.__name__}: expected an object, not {data!r}")
    hints = get_type_hints(cls)
    names = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type] # T is a dataclass
    for name in data:
        if name not in names:
            raise UnknownNameError("key", name, names)
    missing = [
        field.name
        for field in dataclasses.fields(cls)  # type: ignore[arg-type] # T is a dataclass
        if field.name not in data
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise ConfigError(f"{cls.__name__.lower()} lacks {', '.join(missing)}")
    try:
        return cls(**{name: _from_json(hints[name], item, name) for name, item in data.items()})
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{cls.__name__}: {error}") from None


def _from_json(kind: Any, value: Any, name: str) -> Any:
    arguments = get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        try:
            return from_json(kind, value)
        except ConfigError as error:
            field, equals, _ = str(error).partition("=")
            dotted = equals and field.replace(".", "_").isidentifier()
            raise ConfigError(f"{name}.{error}" if dotted else str(error)) from None
    if _is_mapping(kind) and isinstance(value, Mapping):
        entries = value.items()
        return {key: _from_json(arguments[1], item, f"{name}.{key}") for key, item in entries}
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        if arguments[-1] is Ellipsis:
            return tuple(_from_json(arguments[0], item, name) for item in value)
        if len(value) == len(arguments):
            pairs = zip(arguments, value, strict=True)
            return tuple(_from_json(inner, item, name) for inner, item in pairs)
    if get_origin(kind) is Literal and value in arguments:
        return value
    if get_origin(kind) in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        inner = next(argument for argument in arguments if argument is not type(None))
        return _from_json(inner, value, name)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is Any or (isinstance(kind, type) and type(value) is kind):
        return value
    raise ConfigError(f"{name}={value!r}: expected {_name_of(kind)}")


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _split(hint: Any) -> tuple[Any, str]:
    """``Annotated[int, "pixels"]`` to ``(int, "pixels")``."""
    if get_origin(hint) is Annotated:
        kind, *rest = get_args(hint)
        return kind, next((item for item in rest if isinstance(item, str)), "")
    return hint, ""


def _name_of(kind: Any) -> str:
    """A type in words, for messages."""
    plain = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    if kind in plain:
        return plain[kind]
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, arguments))
    if get_origin(kind) is tuple:
        if arguments[-1] is Ellipsis:
            return "values separated by commas"
        return f"{len(arguments)} values separated by commas"
    if type(None) in arguments:
        inner = next(argument for argument in arguments if argument is not type(None))
        return f"{_name_of(inner)}, or none"
    return str(kind)

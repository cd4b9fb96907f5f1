"""Validation of the inputs of `GAN.sample`, on the CPU and before anything is generated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor

from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.runtime.arguments import check_number
from ganzoo.spec import SampleInput, SampleSpec

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Given: TypeAlias = "Tensor | ArrayLike"
"""A value of an input: a number for all samples, or a row for each as tensor, array or list.
Labels may be names of classes."""


def as_mapping(given: object) -> Mapping[str, Given]:
    """The inputs of `GAN.samples`, or none.

    Raises:
        ConfigError: no mapping.
    """
    if not isinstance(given or {}, Mapping):
        raise ConfigError(f'given={given!r}: expected a mapping, e.g. {{"label": 3}}')
    return given or {}  # type: ignore[return-value] # its values are checked by `as_rows`


def check_seed(n: object, seed: object) -> None:
    """Refuse a number of samples or a seed that is no whole number; None passes.

    Raises:
        ConfigError: another type, or a number below 1.
    """
    check_number("n", n, whole=True, least=1)
    check_number("seed", seed, whole=True)


def check_names(inputs: Sequence[SampleInput], names: Iterable[str]) -> None:
    """Refuse names that a model does not declare, and a required input that is missing.

    Raises:
        ConfigError: with the inputs that the model takes.
    """
    names, known = list(names), [each.name for each in inputs]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.6)
            offer = f": did you mean {near[0]}?" if near else "."
            listed = "; ".join(f"{each.name} ({each.description})" for each in inputs)
            takes = listed or "nothing beside n and seed"
            raise ConfigError(f"sample() takes no {name!r}{offer} This model takes {takes}")
    for each in inputs:
        if each.required and each.name not in names:
            raise ConfigError(
                f"this model cannot sample without a {each.name} ({each.description}): give it as"
                f" --{each.name} PATH or sample({each.name}=...)"
            )


def fixed(inputs: Sequence[SampleInput], prior: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Drawn rows without those whose declared shape has a free dimension: any size is accepted."""
    free = {each.name for each in inputs if each.is_free}
    return {name: value for name, value in prior.items() if name not in free}


def as_rows(
    given: Mapping[str, Given],
    prior: Mapping[str, Tensor],
    classes: int,
    class_names: Sequence[str] = (),
) -> dict[str, Tensor]:
    """Inputs as tensors on their own device: a scalar for all samples, or a row for each.

    Args:
        given: the inputs, with declared names.
        prior: rows that the model would draw itself; an input has their dtype and shape.
        classes: number of classes of ``label``; 0: unknown.
        class_names: their names by label; empty: unknown.

    Raises:
        ConfigError: a value that is not numbers, or of another dtype, shape or range.
        UnknownNameError: a label that is neither the name of a class nor a number.
    """
    rows = {}
    for name, value in given.items():
        tensor = _tensor(name, _numbered(value, class_names) if name == "label" else value)
        if name == "label":
            tensor = _labels(tensor, classes)
        elif name in prior:
            tensor = _like(name, tensor, prior[name])
        elif tensor.dtype == torch.float64 or (name == "mask" and not tensor.is_floating_point()):
            tensor = tensor.float()
        elif name == "source" and not tensor.is_floating_point():
            raise ConfigError(
                f"source must be floats in [-1, 1], not {_dtype(tensor)}: divide images of 0 to 255"
                " by 127.5 and subtract 1"
            )
        rows[name] = tensor
    return rows


def check_shapes(inputs: Sequence[SampleInput], rows: Mapping[str, Tensor]) -> None:
    """Refuse rows that have not the shape that the model declares.

    Raises:
        ConfigError: with the shape that is declared.
    """
    for each in inputs:
        given = rows.get(each.name)
        if each.shape and given is not None and not SampleSpec(each.shape).fits(given.shape[1:]):
            wanted = ", ".join(("n", *("any" if s is None else str(s) for s in each.shape)))
            raise ConfigError(f"{each.name} must have the shape ({wanted}), not {(*given.shape,)}")


def count(rows: Mapping[str, Tensor], n: int | None, span: tuple[int, int] | None) -> int:
    """The number of samples: n, or as many as the inputs have rows, or one.

    Raises:
        ConfigError: an input with another number of rows, or a span outside of n.
    """
    lengths = {name: len(each) for name, each in rows.items() if each.ndim}
    if n is None:
        n = max(lengths.values(), default=1)
    if span is not None and not _is_part(span, n):
        raise ConfigError(f"span={span}: expected two numbers from 0 to n={n}, the lower one first")
    allowed = {n, span[1] - span[0]} if span else {n}
    for name, length in lengths.items():
        if length not in allowed:
            raise ConfigError(f"sample({n}): {name} has {length} rows, it must have {n}")
    return n


def _is_part(span: object, n: int) -> bool:
    match span:
        case (int(first), int(last)):
            return 0 <= first < last <= n
    return False


def part(rows: Tensor, n: int, span: tuple[int, int], start: int, stop: int) -> Tensor:
    """Rows start to stop of an input: a scalar, n rows, or the rows of a span."""
    if not rows.ndim:
        return rows.repeat(stop - start)
    skipped = 0 if len(rows) == n else span[0]
    return rows[start - skipped : stop - skipped]


def label_number(text: str, names: Sequence[str], model: str = "this model") -> int:
    """The label of a class as typed: its name, else its number.

    Args:
        text: as typed.
        names: names of the classes by label; empty: unknown.
        model: name of the model, for messages.

    Raises:
        UnknownNameError: neither a name of a class nor a number.
    """
    if text in names:
        return names.index(text)
    try:
        return int(text)
    except ValueError:
        hint = "or a number" if names else f"{model} has no names of classes, write its number"
        raise UnknownNameError("class", text, names, hint) from None


def _numbered(label: Given, names: Sequence[str]) -> Given:
    """Labels with numbers in the place of names."""
    if isinstance(label, np.ndarray) and label.dtype.kind == "U":
        label = label.tolist()
    if isinstance(label, str):
        return label_number(label, names)
    if isinstance(label, list | tuple):
        return [label_number(each, names) if isinstance(each, str) else each for each in label]
    return label


def _tensor(name: str, value: Given) -> Tensor:
    try:
        if isinstance(value, list | tuple) and value and isinstance(value[0], Tensor):
            value = torch.stack(value)
        tensor = value if isinstance(value, Tensor) else torch.as_tensor(np.array(value, order="C"))
    except (TypeError, ValueError, RuntimeError):
        raise ConfigError(
            f"{name} must be a number, or a tensor, an array or a list of numbers with a row for"
            f" each sample, not {type(value).__name__} {str(value)[:40]!r}"
        ) from None
    return tensor.detach()


def _labels(label: Tensor, classes: int) -> Tensor:
    if label.is_floating_point() or label.is_complex() or label.dtype == torch.bool:
        raise ConfigError(f"label must be whole numbers, not {_dtype(label)}")
    if label.ndim > 1:
        raise ConfigError(f"label must have the shape (n,), not {tuple(label.shape)}")
    label = label.to(torch.int64)
    wrong = label[(label < 0) | (label >= classes)] if classes else label[label < 0]
    if wrong.numel():
        known = f"0 to {classes - 1}" if classes else "0, 1, 2, ..."
        raise ConfigError(f"label={int(wrong[0])}: the labels of this model are {known}")
    return label


def _like(name: str, given: Tensor, drawn: Tensor) -> Tensor:
    """An input with the dtype and shape of the rows that would be drawn."""
    if (given.ndim and given.shape[1:] != drawn.shape[1:]) or (not given.ndim and drawn.ndim > 1):
        wanted = ", ".join(("n", *map(str, drawn.shape[1:])))
        raise ConfigError(f"{name} must have the shape ({wanted}), not {tuple(given.shape)}")
    if given.dtype == drawn.dtype:
        return given
    exact = given.dtype == torch.bool or given.is_floating_point() <= drawn.is_floating_point()
    if given.is_complex() or not exact or drawn.dtype == torch.bool:
        raise ConfigError(f"{name} must be {_dtype(drawn)}, not {_dtype(given)}")
    return given.to(drawn.dtype)


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")

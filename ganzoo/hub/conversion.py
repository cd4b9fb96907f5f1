"""Conversion of other programs' weights: what a plugin's converter gets and returns, and its tools.

A converter is a function of a plugin, named by `ModelSpec.converters` and `Weights.converter`::

    def berkeley(state: ForeignState) -> Converted | None:
        if "model.1.weight" not in state.tensors:
            return None  # not a file of this kind
        ...
        return Converted(config, generator)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo.errors import ConfigError, WeightsError
from ganzoo.spec import ModelConfig

WRAPPERS = ("module.", "_orig_mod.")
"""Prefixes that DataParallel and torch.compile add to the name of every tensor."""

Replacement: TypeAlias = "str | Callable[[re.Match[str]], str] | None"
"""New name (may name groups of the pattern, as ``re.Match.expand``), or a function of the match;
None drops the tensor."""


@dataclass(frozen=True)
class ForeignState:
    """Tensors and plain facts of another program's file."""

    tensors: Mapping[str, Tensor]
    """By full name, keys of nested dictionaries joined by dots: ``g_ema.style.1.weight``."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Constructor arguments and other plain data that the file states, by key of the file, e.g.
    ``{"G_ema": {"z_dim": 512, ...}}``; empty for a bare state dict."""
    name: str = "the file"
    """Name for messages."""

    def part(self, *prefixes: str) -> dict[str, Tensor]:
        """Tensors under the first of several prefixes that has any, without that prefix.

        Wrappers (``module.``, ``_orig_mod.``) are removed before and after the prefix.

        Args:
            prefixes: e.g. ``"generator_ema.", "generator.", ""``; the empty one has all tensors.
        """
        names = {name: _unwrapped(name) for name in self.tensors}
        for prefix in prefixes:
            found = {
                _unwrapped(own.removeprefix(prefix)): self.tensors[name]
                for name, own in names.items()
                if own.startswith(prefix)
            }
            if found:
                return found
        return {}


@dataclass(frozen=True)
class Converted:
    """A converted file: the config of the model and the state of its networks."""

    config: ModelConfig
    """The plugin's config, taken from the file."""
    generator: Mapping[str, Tensor]
    """State dict of ``gan.generator``, complete."""
    rest: Mapping[str, Tensor] = field(default_factory=dict)
    """Entries of ``gan.state_dict()`` outside the generator, by their full names, e.g.
    ``discriminator.body.0.weight``; empty if the file has no discriminator."""
    unstated: Sequence[str] = ()
    """Settings that files of this kind do not state, e.g. weights of losses: those of the preset
    count."""

    def of_preset(self, config: ModelConfig) -> Converted:
        """The same with the unstated settings of a preset's config, if the network allows them."""
        known = {name: getattr(config, name) for name in self.unstated}
        try:
            return replace(self, config=replace(self.config, **known))
        except ConfigError:
            return self


def rename(
    tensors: Mapping[str, Tensor], table: Sequence[tuple[str, Replacement]], kind: str
) -> dict[str, Tensor]:
    """Tensors under new names.

    Args:
        tensors: by old name.
        table: pairs of a regular expression, which must match a whole old name, and its
            replacement; the first that matches counts.
        kind: kind of file, for the message.

    Raises:
        WeightsError: a name that no pattern matches, or two tensors with one new name.
    """
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        new = _new_name(name, table, kind)
        if new is None:
            continue
        if new in renamed:
            raise WeightsError(f"{kind}: two tensors would become {new}, one of them {name}")
        renamed[new] = tensor.detach()
    return renamed


def _new_name(name: str, table: Sequence[tuple[str, Replacement]], kind: str) -> str | None:
    for pattern, replacement in table:
        if match := re.fullmatch(pattern, name):
            if replacement is None:
                return None
            return match.expand(replacement) if isinstance(replacement, str) else replacement(match)
    raise WeightsError(f"{kind}: unexpected tensor {name}")


def fold_weight_norm(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Replace each pair ``weight_g``, ``weight_v`` of torch's weight norm (dim 0) by ``weight``.

    The names of the newer parametrization (``parametrizations.weight.original0`` and ``1``) are
    accepted as well. Salimans and Kingma (2016): weight = g v / ||v||.
    """
    folded = dict(tensors)
    for g_end, v_end in (
        ("weight_g", "weight_v"),
        ("parametrizations.weight.original0", "parametrizations.weight.original1"),
    ):
        for name in [name for name in folded if name.endswith(g_end)]:
            stem = name.removesuffix(g_end)
            g, v = folded.pop(name), folded.pop(f"{stem}{v_end}")
            norm = torch.linalg.vector_norm(v.flatten(1), dim=1).view(-1, *[1] * (v.ndim - 1))
            folded[f"{stem}weight"] = v * (g / norm)
    return folded


def fold_spectral_norm(
    tensors: Mapping[str, Tensor], transposed: str = "(?!)"
) -> dict[str, Tensor]:
    """Replace ``weight_orig``, ``weight_u``, ``weight_v`` of torch's spectral norm by ``weight``.

    weight = weight_orig / (u . W v), where W is the weight as a matrix (Miyato et al. 2018).

    Args:
        tensors: state dict.
        transposed: regular expression of the names, without ``weight``, of transposed convolutions,
            whose dimension 1 is the output; left out, there are none.
    """
    folded = dict(tensors)
    for name in [name for name in folded if name.endswith("weight_orig")]:
        stem = name.removesuffix("weight_orig")
        weight = folded.pop(name)
        u, v = folded.pop(f"{stem}weight_u"), folded.pop(f"{stem}weight_v")
        rows = weight.transpose(0, 1) if re.fullmatch(transposed, stem) else weight
        folded[f"{stem}weight"] = weight / (u @ rows.flatten(1) @ v)
    return folded


def fold_power_iteration(weight: Tensor, u: Tensor, eps: float) -> Tensor:
    """Weight divided by its spectral norm after one power iteration (Miyato et al. 2018).

    Args:
        weight: (out, ...).
        u: stored left singular vector, (1, out).
        eps: lower bound of the norms.
    """
    u, v = power_iteration(weight, u, eps)
    return weight / (v @ weight.flatten(1).t() @ u.t()).squeeze()


def power_iteration(weight: Tensor, u: Tensor, eps: float = 1e-12) -> tuple[Tensor, Tensor]:
    """Singular vectors u, (1, out), and v, (1, in), after one power iteration.

    Args:
        weight: (out, ...).
        u: stored left singular vector, (1, out).
        eps: lower bound of the norms.
    """
    matrix = weight.flatten(1)
    v = F.normalize(u @ matrix, eps=eps)
    return F.normalize(v @ matrix.t(), eps=eps), v


def keep_power_iteration(tensors: Mapping[str, Tensor], u: str, sigma: str) -> dict[str, Tensor]:
    """Give spectral norms that iterate in every pass the names that `keep_spectral_norm` knows.

    The vectors after one iteration give the same weight without one, in evaluation.

    Args:
        tensors: state dict; beside such a vector is its ``weight``.
        u: last part of the names of the left singular vectors, (1, out).
        sigma: last part of the names of the stored singular values, which are dropped.
    """
    kept = {name: each for name, each in tensors.items() if name.rpartition(".")[2] != sigma}
    for name in [name for name in kept if name.rpartition(".")[2] == u]:
        stem = name.removesuffix(u)
        weight = kept.pop(f"{stem}weight")
        left, right = power_iteration(weight, kept.pop(name))
        kept |= {
            f"{stem}weight_orig": weight,
            f"{stem}weight_u": left.flatten(),
            f"{stem}weight_v": right.flatten(),
        }
    return kept


def keep_spectral_norm(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give ``weight_orig``, ``weight_u``, ``weight_v`` the names of torch's parametrization."""
    ends = {"weight_orig": "original", "weight_u": "0._u", "weight_v": "0._v"}
    kept = {}
    for name, tensor in tensors.items():
        stem, _, end = name.rpartition(".")
        new = f"{stem}.parametrizations.weight.{ends[end]}" if end in ends else name
        kept[new] = tensor
    return kept


def _unwrapped(name: str) -> str:
    while name.startswith(WRAPPERS):
        name = name.partition(".")[2]
    return name

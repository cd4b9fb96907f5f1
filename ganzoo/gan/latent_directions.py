"""Directions of a latent space: GANSpace (Haerkoenen et al. 2020), SeFa (Shen and Zhou 2021)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from ganzoo.errors import ConfigError
from ganzoo.runtime import seeds

CPU = torch.device("cpu")
OVERSAMPLED = 8
"""Principal components computed beyond those asked for, for accuracy (Halko et al. 2011)."""


def principal_components(points: Tensor, count: int) -> Tensor:
    """Unit principal components of the rows, (count, d), by variance."""
    centered = points.double() - points.double().mean(0)
    return _eigenvectors(centered.t() @ centered, count).to(points.dtype)


def regressed_components(latents: Tensor, activations: Tensor, count: int) -> Tensor:
    """Latent directions of the principal components of activations, (count, d), of unit length.

    Least squares from the coordinates of the activations to the latents (GANSpace, equation 2).

    Raises:
        ConfigError: there are fewer activations than directions.
    """
    rows, width = activations.shape
    if count > min(rows, width):
        raise ConfigError(f"the first layer has {width} outputs, so no {count} directions")
    activations = activations - activations.mean(0)
    wanted = min(count + OVERSAMPLED, rows, width)
    with seeds.fork_rng(CPU, 0):
        _, _, basis = torch.pca_lowrank(activations, wanted, center=False, niter=4)
    coordinates = activations @ basis[:, :count]
    solved = torch.linalg.lstsq(coordinates, latents - latents.mean(0)).solution
    directions: Tensor = nn.functional.normalize(solved, dim=1)
    return directions


def factorized(effect: Tensor, count: int) -> Tensor:
    """Unit directions that change a linear layer's output most (SeFa, equation 8).

    Args:
        effect: (d, outputs): change of the output by each latent dimension.
        count: number of directions.
    """
    return _eigenvectors(effect.double() @ effect.double().t(), count).to(effect.dtype)


def _eigenvectors(matrix: Tensor, count: int) -> Tensor:
    """Eigenvectors of a symmetric matrix as rows, by falling eigenvalue."""
    vectors: Tensor = torch.linalg.eigh(matrix).eigenvectors
    return vectors.flip(1)[:, :count].t()


class _Reached(Exception):  # noqa: N818 # ends a forward pass early, and is no error
    """The first layer has run."""


def first_activations(generator: nn.Module, generate: Callable[[], object]) -> Tensor:
    """Output of the first layer whose input differs between rows, (N, outputs), on the CPU.

    Args:
        generator: its layers with weights are watched.
        generate: runs the generator on rows that differ in their latents alone.

    Raises:
        ConfigError: the generator has no such layer.
    """
    found: list[Tensor] = []

    def look(module: nn.Module, given: tuple[Any, ...], output: Tensor) -> None:
        x = given[0] if given else None
        if isinstance(x, Tensor) and x.is_floating_point() and bool((x[1:] != x[:1]).any()):
            found.append(output.detach().float().flatten(1).cpu())
            raise _Reached

    with _watched(generator, look):
        try:
            generate()
        except _Reached:
            return found[0]
    raise ConfigError("no layer of this model's generator takes the latents")


def style_effects(generator: nn.Module, w: Tensor, generate: Callable[[], object]) -> Tensor:
    """Weights of all linear layers whose input is w, (d, outputs), on the CPU.

    Args:
        generator: its layers are watched.
        w: rows of intermediate latents, (N, d).
        generate: runs the generator on w.

    Raises:
        ConfigError: the generator has no such layer.
    """
    takers: dict[nn.Module, None] = {}

    def look(module: nn.Module, given: tuple[Any, ...], output: Tensor) -> None:
        x = given[0] if given else None
        if isinstance(x, Tensor) and x.shape == w.shape and torch.equal(x.to(w.dtype), w):
            takers[module] = None

    with _watched(generator, look):
        generate()
    if not takers:
        raise ConfigError("no linear layer of this model's generator takes w")
    units = torch.eye(w.shape[1], device=w.device, dtype=w.dtype)
    effects = [module(units) - module(torch.zeros_like(units)) for module in takers]
    return torch.cat([each.flatten(1) for each in effects], 1).float().cpu()


@contextmanager
def _watched(generator: nn.Module, look: Callable[..., None]) -> Iterator[None]:
    """Call a hook after each layer with a weight matrix, embeddings apart."""
    handles = [
        module.register_forward_hook(look)
        for module in generator.modules()
        if _has_matrix(module) and not isinstance(module, nn.Embedding)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _has_matrix(module: nn.Module) -> bool:
    """True for a layer with weights of two or more dimensions, also parametrized ones."""
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim >= 2

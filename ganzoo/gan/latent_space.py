"""Latent space of a model: its statistics, curves and directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.gan import interpolation, latent_directions, sample_inputs
from ganzoo.gan.contract import GAN
from ganzoo.gan.evaluation_mode import evaluating
from ganzoo.gan.interpolation import Curve
from ganzoo.gan.sample_inputs import Given

Method: TypeAlias = Literal["pca", "sefa"]
"""Principal components (GANSpace), or eigenvectors of weights (SeFa)."""
METHODS = ("pca", "sefa")
SAMPLES = 10_000
"""Latents that statistics are computed from (Karras et al. 2020a, appendix D)."""
ROWS = 1000
"""Latents that are mapped at once."""
ACTIVATIONS = 2000
"""Latents whose activations are compared."""


class LatentSpace:
    """Latents of a model: w where the model has intermediate latents, else z.

    Statistics are computed when they are first needed, and kept as long as this object.

    Args:
        gan: the model.
        seed: its first sample gives what else the model draws, e.g. a label.
        given: inputs of `GAN.sample` that are not drawn, e.g. ``{"label": 3}``.

    Raises:
        ConfigError: a model without latents, or an input that it does not take.
    """

    def __init__(self, gan: GAN, seed: int = 0, given: Mapping[str, Given] | None = None) -> None:
        names = [each.name for each in gan.inputs]
        if "latent" not in names:
            takes = ", ".join(names) or "nothing"
            raise ConfigError(f"this model has no latent; it makes its samples from {takes}")
        self.gan = gan
        self.name = "w" if "w" in names else "latent"
        """Input of `GAN.sample` that takes the latents: ``w`` or ``latent``."""
        sample_inputs.check_names(gan.inputs, given or {})
        drawn = gan.prior_rows(1, seed)
        others = {name: row for name, row in drawn.items() if name in names and name != "latent"}
        fixed = {name: value for name, value in (given or {}).items() if name in others}
        rows = sample_inputs.as_rows(fixed, drawn, gan.num_classes, gan.class_names)
        self._given = {name: value.view(-1, *value.shape[1:])[:1] for name, value in rows.items()}
        self._conditions = {**others, **self._given} if self.name == "latent" else {}

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of a point: (d,)."""
        return tuple(self.draw(1, 0).shape[1:])

    @cached_property
    def layers(self) -> int:
        """Number of layers that take a w each; 0: the latents are z."""
        styles = self._styles(self.gan.prior_rows(1, 0))
        return 0 if styles is None else styles.shape[1]

    @cached_property
    def mean(self) -> Tensor:
        """Mean latent."""
        return self._sample.mean(0)

    @cached_property
    def std(self) -> float:
        """Root of the mean squared distance from the mean."""
        return float((self._sample - self.mean).flatten(1).square().sum(1).mean().sqrt())

    @cached_property
    def _sample(self) -> Tensor:
        return self.draw(SAMPLES, 0)

    def draw(self, n: int, seed: int) -> Tensor:
        """Latents of the n samples of a seed, (n, d), on the CPU."""
        rows = self.rows(n, seed)
        if self.name == "latent":
            return rows["latent"]
        parts = []
        for start in range(0, n, ROWS):
            part = {name: value[start : start + ROWS] for name, value in rows.items()}
            styles = self._styles(part)
            assert styles is not None
            parts.append(styles[:, 0].float().cpu())
        return torch.cat(parts)

    def rows(self, n: int, seed: int) -> dict[str, Tensor]:
        """Inputs of the n samples of a seed that the model draws, or that are given; on the CPU."""
        names = {each.name for each in self.gan.inputs}
        drawn = self.gan.prior_rows(n, seed)
        given = {name: row.expand(n, *row.shape[1:]) for name, row in self._given.items()}
        return {**{name: row for name, row in drawn.items() if name in names}, **given}

    def points(self, points: Sequence[int] | Given) -> Tensor:
        """Latents as a tensor, on the CPU.

        Args:
            points: seeds, each for its first sample; or latents, (K, d), in w also (K, layers, d).

        Raises:
            ConfigError: neither seeds nor latents of this model.
        """
        if isinstance(points, list | tuple | range) and all(isinstance(p, int) for p in points):
            if not points:
                raise ConfigError("latents: give seeds, e.g. [1, 5, 9], or latents")
            return torch.cat([self.draw(1, seed) for seed in points])
        rows = sample_inputs.as_rows({self.name: points}, {}, 0)[self.name].cpu()
        shapes = [self.shape, (self.layers, *self.shape)] if self.layers else [self.shape]
        if not rows.ndim or tuple(rows.shape[1:]) not in shapes or not rows.is_floating_point():
            wanted = " or ".join(str(("n", *shape)).replace("'", "") for shape in shapes)
            dtype = str(rows.dtype).removeprefix("torch.")
            raise ConfigError(
                f"latents of this model ({self.name}) are floats of shape {wanted},"
                f" not {dtype} of {tuple(rows.shape)}"
            )
        if not rows.isfinite().all():
            raise ConfigError("latents: NaN or infinity is none")
        return rows.float()

    def inputs(self, points: Tensor) -> dict[str, Tensor]:
        """Inputs of `GAN.sample` for latents; labels are the same for all."""
        n = len(points)
        fixed = {name: row.expand(n, *row.shape[1:]) for name, row in self._conditions.items()}
        return {self.name: points, **fixed}

    def sample(self, points: Sequence[int] | Given, **given: Given) -> Tensor:
        """Samples of latents, or of the seeds' first samples.

        Args:
            points: as for `points`.
            given: further inputs of `GAN.sample`, e.g. ``truncation=0.7``.
        """
        inputs: dict[str, Given] = {**self.inputs(self.points(points)), **given}
        return torch.cat(list(self.gan.samples(given=inputs)))

    def interpolate(
        self, points: Sequence[int] | Given, steps: int = 30, how: Curve | None = None
    ) -> Tensor:
        """Latents on a curve through seeds or latents, ((K - 1) * steps + 1, d).

        Args:
            points: as for `points`, two or more; the first one again at the end closes the curve.
            steps: from one point to the next.
            how: ``linear``, ``slerp`` (along the sphere) or ``spline`` (smooth at the points); left
                out, linear in w and slerp in z, whose lengths are nearly equal.

        Raises:
            ConfigError: fewer than two points, or no latents of this model.
            UnknownNameError: an unknown curve.
        """
        default: Curve = "slerp" if self.name == "latent" else "linear"
        return interpolation.interpolate(self.points(points), steps, how or default)

    def directions(self, count: int = 10, method: Method = "pca") -> Tensor:
        """Directions along which samples change most, (count, d), the strongest first.

        The length of each is the standard deviation of the latents along it: add -3 to 3 times it.

        Args:
            count: number of directions.
            method: ``pca``: principal components of w, in z those of the first layer's activations
                (GANSpace); ``sefa``: eigenvectors of the weights that w or z meets first (SeFa).

        Raises:
            ConfigError: more directions than dimensions, or no layer that takes the latents.
            UnknownNameError: an unknown method.
        """
        if method not in METHODS:
            raise UnknownNameError("method", method, METHODS)
        if not 1 <= count <= self.mean.numel():
            raise ConfigError(f"this model has 1 to {self.mean.numel()} directions, not {count}")
        found = self._pca(count) if method == "pca" else self._sefa(count)
        largest = found.gather(1, found.abs().argmax(1, keepdim=True))
        centered = (self._sample - self.mean).flatten(1)
        scale = (centered @ found.t()).std(0)[:, None] * largest.sign()
        return (found * scale).view(count, *self.shape)

    def _pca(self, count: int) -> Tensor:
        if self.name == "w":
            return latent_directions.principal_components(self._sample, count)
        latents = self._sample[:ACTIVATIONS]
        return latent_directions.regressed_components(
            latents.flatten(1), self._activations(latents), count
        )

    def _sefa(self, count: int) -> Tensor:
        width = self.mean.numel()
        if self.name == "latent":
            units = torch.cat([torch.zeros(1, width), torch.eye(width)]).view(-1, *self.shape)
            outputs = self._activations(units)
            return latent_directions.factorized(outputs[1:] - outputs[0], count)
        rows = {**self.gan.prior_rows(2, 0), "w": self._sample[:2]}
        rows = {name: value.to(self.gan.device) for name, value in rows.items()}
        with torch.no_grad(), evaluating(self.gan):
            effects = latent_directions.style_effects(
                self.gan.generator, rows["w"], lambda: self.gan.generate(rows)
            )
        return latent_directions.factorized(effects, count)

    def _activations(self, latents: Tensor) -> Tensor:
        n, device = len(latents), self.gan.device
        rows = {name: row[:1] for name, row in self.gan.prior_rows(1, 0).items()}
        rows = {**rows, **self._conditions}
        rows = {name: row.expand(n, *row.shape[1:]).to(device) for name, row in rows.items()}
        rows["latent"] = latents.to(device)
        with torch.no_grad(), evaluating(self.gan):
            return latent_directions.first_activations(
                self.gan.generator, lambda: self.gan.generate(rows)
            )

    def _styles(self, rows: Mapping[str, Tensor]) -> Tensor | None:
        rows = {name: value.to(self.gan.device) for name, value in rows.items()}
        with torch.no_grad(), evaluating(self.gan):
            return self.gan.styles(rows)

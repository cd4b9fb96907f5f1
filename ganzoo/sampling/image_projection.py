"""Projection: the latents of given images (Karras et al. 2020a, appendix D)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, pi

import torch
from torch import Tensor

from ganzoo.errors import ConfigError
from ganzoo.gan import GAN, evaluating
from ganzoo.gan.latent_space import LatentSpace
from ganzoo.runtime import seeds
from ganzoo.sampling import noise_maps
from ganzoo.sampling.image_distance import ImageDistance

RATE = 0.1
"""Largest learning rate."""
RAMP_UP, RAMP_DOWN = 0.05, 0.25
"""Shares of the steps in which the learning rate rises and falls."""
NOISE, NOISE_UNTIL = 0.05, 0.75
"""Noise on the latents in units of their deviation, and the share of the steps that have it."""
CANDIDATES = 1000
"""Samples among which a search in z starts from the nearest."""
STARTS, PRUNED = 4, 0.25
"""Searches in z for each image, and the share of the steps after which the best one is kept."""


@dataclass(frozen=True)
class Projection:
    """Latents of images."""

    latents: Tensor
    """(n, d); in W+ (n, layers, d)."""
    inputs: Mapping[str, Tensor]
    """All inputs of `GAN.sample` for them: the latents, and labels where the model has z alone."""
    trace: tuple[Tensor, ...]
    """Latents on the way."""
    noise: Mapping[str, Tensor]
    """Fitted noise maps by buffer; empty: the model's own."""


def project(
    gan: GAN,
    images: Tensor,
    distance: ImageDistance,
    *,
    steps: int = 1000,
    plus: bool = False,
    seed: int = 0,
    given: Mapping[str, int | Tensor] | None = None,
    frames: int = 0,
    noise: bool = False,
    update: Callable[[int, float], None] | None = None,
) -> Projection:
    """Find latents whose samples are near given images, in w where the model has it, else in z.

    In w the search starts from the mean. In z, which is less smooth, it starts from each of the
    four nearest of 1,000 samples, whose labels are kept, and continues with the best of them after
    a quarter of the steps. Noise of layers is the model's own unless it is fitted, so that
    `GAN.sample` returns what was found.

    Args:
        gan: the model.
        images: float, (n, C, H, W), in [-1, 1].
        distance: distance to minimize.
        steps: steps of Adam.
        plus: in W+: a w for each layer.
        seed: of the noise on the latents; images do not depend on each other.
        given: inputs that are fixed, e.g. ``{"label": 3}``.
        frames: latents to keep on the way.
        noise: also fit `GAN.noise_maps`, to one image.
        update: called with the number of steps done and the mean distance.

    Raises:
        ConfigError: no latents, no W+, or no noise maps.
    """
    space = LatentSpace(gan, given=given)
    if noise and (len(images) != 1 or not gan.noise_maps):
        raise ConfigError("--noise: needs a model with noise maps, and one image at a time")
    if plus and not space.layers:
        raise ConfigError("--plus: this model has no w; its latents are z")
    target = images.to(gan.device)
    maps = noise_maps.start(gan, seed) if noise else {}
    search = _Search(gan, space, distance, steps, seed, frames, maps, update)
    latents, rows = _start(space, target, plus)
    trace: list[Tensor] = []
    pruned = 0
    with _frozen(gan), evaluating(gan), noise_maps.replaced(gan, maps):
        if (starts := len(latents) // len(target)) > 1:
            pruned = int(steps * PRUNED)
            repeated = target.repeat_interleave(starts, 0)
            latents = search.run(range(pruned), latents, rows, repeated, trace)
            best = search.best(latents, rows, repeated, starts)
            trace = [each[best] for each in trace]
            latents, rows = latents[best], {name: row[best] for name, row in rows.items()}
        found = search.run(range(pruned, steps), latents, rows, target, trace)
    fitted = {name: each.detach() for name, each in maps.items()}
    return Projection(found, {**rows, space.name: found}, (*trace, found), fitted)


@dataclass(frozen=True)
class _Search:
    """Gradient descent on latents."""

    gan: GAN
    space: LatentSpace
    distance: ImageDistance
    steps: int
    """Steps of the whole search, which all schedules refer to."""
    seed: int
    frames: int
    noise: Mapping[str, Tensor]
    """Noise maps to fit; empty: none."""
    update: Callable[[int, float], None] | None

    def run(
        self,
        span: range,
        latents: Tensor,
        rows: Mapping[str, Tensor],
        target: Tensor,
        trace: list[Tensor],
    ) -> Tensor:
        """Latents after some of the steps, on the CPU; those on the way are added to the trace."""
        latents = latents.to(self.gan.device, copy=True).requires_grad_()
        fitted = [latents, *self.noise.values()]
        optimizer = torch.optim.Adam(fitted)
        for step in span:
            if self.frames and step % max(1, self.steps // self.frames) == 0:
                trace.append(latents.detach().cpu().clone())
            optimizer.param_groups[0]["lr"] = RATE * learning_rate(step / self.steps)
            noise = _noise(latents, self.seed, step, self.steps)
            made = self._samples(latents + self.space.std * noise, rows)
            loss = self.distance.between(made, target)
            total = loss + noise_maps.regularization(self.noise) if self.noise else loss
            for each, gradient in zip(fitted, torch.autograd.grad(total, fitted), strict=True):
                each.grad = gradient
            optimizer.step()
            noise_maps.normalize(self.noise)
            if self.update:
                self.update(step + 1, float(loss.detach()) / len(target))
        return latents.detach().cpu()

    def best(
        self, latents: Tensor, rows: Mapping[str, Tensor], target: Tensor, starts: int
    ) -> Tensor:
        """Place of the nearest of the latents that were started for each image."""
        with torch.no_grad():
            made = self._samples(latents.to(self.gan.device), rows)
            pairs = zip(made, target, strict=True)
            each = [self.distance.between(one[None], other[None]) for one, other in pairs]
            distances = torch.stack(each).cpu()
        nearest = distances.view(-1, starts).argmin(1)
        return nearest + starts * torch.arange(len(nearest))

    def _samples(self, latents: Tensor, rows: Mapping[str, Tensor]) -> Tensor:
        inputs = {name: row.to(self.gan.device) for name, row in rows.items()}
        return self.gan.decode(self.gan.generate({**inputs, self.space.name: latents}).float())


def learning_rate(share: float) -> float:
    """Share of the largest rate: it rises linearly, and falls along a cosine at the end."""
    fall = min(1.0, (1 - share) / RAMP_DOWN)
    return (0.5 - 0.5 * cos(pi * fall)) * min(1.0, (share + 1e-3) / RAMP_UP)


def _noise(latents: Tensor, seed: int, step: int, steps: int) -> Tensor:
    """Noise that ends after three quarters of the steps; the same for each row."""
    size = NOISE * max(0.0, 1 - step / steps / NOISE_UNTIL) ** 2
    generator = torch.Generator().manual_seed(seeds.mix(seed, "projection", step))
    return size * torch.randn(latents.shape[1:], generator=generator).to(latents.device)


def _start(space: LatentSpace, target: Tensor, plus: bool) -> tuple[Tensor, dict[str, Tensor]]:
    """First latents, and the other inputs of the samples; in z, several in a row for each image."""
    n = len(target)
    if space.layers:
        shape = (n, space.layers, *space.shape) if plus else (n, *space.shape)
        return space.mean.expand(shape).clone(), {}
    rows = space.rows(CANDIDATES, 0)
    samples = torch.cat([each.flatten(1) for each in space.gan.samples(given=rows)])
    distances = torch.cdist(target.flatten(1), samples)
    nearest = distances.topk(STARTS, largest=False).indices.flatten().cpu()
    chosen = {name: row[nearest] for name, row in rows.items()}
    return chosen.pop("latent"), chosen


@contextmanager
def _frozen(gan: GAN) -> Iterator[None]:
    """Let no weight require gradients inside the block: they cost memory."""
    trainable = [each for each in gan.parameters() if each.requires_grad]
    for each in trainable:
        each.requires_grad_(False)
    try:
        yield
    finally:
        for each in trainable:
            each.requires_grad_(True)

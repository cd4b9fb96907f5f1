"""Augmentation in front of a GAN's discriminator, and the strength of ADA."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ganzoo.errors import ConfigError
from ganzoo.gan import GAN, Batch
from ganzoo.layers import augmentation
from ganzoo.runtime import distributed, seeds
from ganzoo.spec import Recipe

INTERVAL = 4
"""Steps between two adjustments of ADA's strength."""
TARGET = 0.6
"""Mean sign of the scores of real images that ADA aims at (Karras et al. 2020b, section 3.1)."""


@dataclass(frozen=True)
class _Method:
    """An augmentation: the random numbers that it takes for each image, and its function."""

    numbers: int
    augment: Callable[[Tensor, Tensor, float], Tensor]
    adaptive: bool = False


def _diff_augment(images: Tensor, numbers: Tensor, p: float) -> Tensor:
    """DiffAugment, whose strength is always 1."""
    return augmentation.diff_augment(images, numbers)


METHODS: Mapping[str, _Method] = {
    "diff": _Method(augmentation.DIFF_NUMBERS, _diff_augment),
    "ada": _Method(augmentation.ADAPTIVE_NUMBERS, augmentation.adaptive_augment, adaptive=True),
}


class Augmentation:
    """Augments the images of each call of a discriminator while a phase computes its gradients.

    Real and fake images, and the images of a penalty, pass it alike; gradients pass through it. All
    images of one call (a pair) are changed alike. The random numbers of an image are functions of
    the seed and of its place in the batch of all processes.

    ADA's strength p follows r = E[sign(D(x))] over the real images of four steps: above 0.6 it
    grows, else it shrinks. The scores are those of the calls that the losses make; the rows of a
    call that equal the batch's are real.

    Args:
        gan: whose discriminator it is; outside of `applied` nothing is changed.
        recipe: names the augmentation, and states the batch and ADA's speed.
        compiles: losses are compiled, except for what is done here.

    Raises:
        ConfigError: samples that are no images, or a discriminator that cannot be trained with it.
    """

    def __init__(self, gan: GAN, recipe: Recipe, compiles: bool = False) -> None:
        self._method = METHODS.get(recipe.augment)
        if self._method is not None:
            _check(gan, recipe.augment)
        self._gan, self._recipe, self._compiles = gan, recipe, compiles
        self.p = 0.0 if self.is_adaptive else 1.0
        self._signs = torch.zeros(2)
        """Sum of the signs of real scores, and their number, since the last adjustment."""
        self._latest = 0.0
        self._generator = torch.Generator()
        self._calls, self._counted = 0, False

    @property
    def is_adaptive(self) -> bool:
        """True if the strength is steered."""
        return self._method is not None and self._method.adaptive

    def seed(self, seed: int) -> None:
        """Seed the random numbers of an update."""
        self._generator.manual_seed(seeds.mix(seed, "augment"))

    @contextmanager
    def applied(self, batch: Batch, counts: bool) -> Iterator[None]:
        """Augment inside the block.

        Args:
            batch: of the losses inside.
            counts: count the signs of real scores.
        """
        if self._method is None:
            yield
            return
        call = _Call(self, batch["real"], counts and self.is_adaptive)
        before, after = call.before, call.after
        if self._compiles:  # importing torch's compiler takes seconds
            before, after = map(torch.compiler.disable, (before, after))
        with ExitStack() as hooks:
            for module in _called(self._gan.discriminator):
                hooks.callback(module.register_forward_pre_hook(before).remove)
                hooks.callback(module.register_forward_hook(after).remove)
            yield

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Full strength inside the block, and no effect of it afterwards."""
        kept = self.p, self._signs, self._generator.get_state()
        self.p = 1.0
        try:
            yield
            self._counted |= self._signs is not kept[1]
        finally:
            self.p, self._signs = kept[:2]
            self._generator.set_state(kept[2])

    def check(self) -> None:
        """Check, after trials of all phases, that the discriminator's calls were augmented.

        Raises:
            ConfigError: it was not called, or ADA found no scores of real images.
        """
        if self._method is None:
            return
        asked, model = f"augment={self._recipe.augment}", type(self._gan).__name__
        if not self._calls:
            raise ConfigError(
                f"{asked}: the losses of {model} do not call its discriminator with images (N, C,"
                " H, W) first: use --augment none"
            )
        if self.is_adaptive and not self._counted:
            raise ConfigError(
                f"{asked}: the losses of {model} call its discriminator with no batch of real"
                " images, whose scores steer the strength: use --augment diff"
            )

    def adjust(self, steps: int) -> None:
        """Adjust the strength, if it is due after so many steps; waits for the device then."""
        if not self.is_adaptive or steps % INTERVAL:
            return
        total, count = distributed.all_reduce_sum(self._signs).tolist()
        self._signs = torch.zeros_like(self._signs)
        if not count:
            return
        self._latest = total / count
        change = INTERVAL * self._recipe.batch / (1000 * self._recipe.augment_kimg)
        grown = self.p + (change if self._latest > TARGET else -change)
        self.p = min(1.0, max(0.0, grown))

    def report(self) -> dict[str, float]:
        """Strength and sign of ADA, for the log."""
        if not self.is_adaptive:
            return {}
        return {"augment_p": round(self.p, 6), "augment_sign": round(self._latest, 4)}

    def state(self) -> dict[str, Any]:
        """Strength and signs for a checkpoint, summed over the processes, which all call it."""
        if not self.is_adaptive:
            return {}
        signs = distributed.all_reduce_sum(self._signs).tolist()
        return {"augment": {"p": self.p, "signs": signs, "latest": self._latest}}

    def load_state(self, numbers: Mapping[str, Any]) -> None:
        """Continue from a `state`; without one, from the start."""
        if not self.is_adaptive or "augment" not in numbers:
            return
        kept = numbers["augment"]
        self.p, self._latest = kept["p"], kept["latest"]
        signs = torch.tensor(kept["signs"], device=self._signs.device)
        self._signs = torch.zeros_like(signs) if distributed.rank() else signs

    def change(self, images: Sequence[Tensor], rows: int) -> list[Tensor]:
        """Augment images of one call, all alike.

        Args:
            images: of the same length.
            rows: rows of the batch: a longer call consists of several batches.
        """
        assert self._method is not None
        self._calls += 1
        numbers = self._numbers(len(images[0]), rows)
        with torch.autocast(images[0].device.type, enabled=False):
            return [self._method.augment(each.float(), numbers, self.p) for each in images]

    def _numbers(self, length: int, rows: int) -> Tensor:
        """Random numbers of a call: of each batch in it, this process's part."""
        assert self._method is not None
        lengths = [rows] * (length // rows) if length % rows == 0 else [length]
        return torch.cat(
            [
                distributed.local_rows(
                    torch.rand(
                        each * distributed.world_size(),
                        self._method.numbers,
                        generator=self._generator,
                    )
                )
                for each in lengths
            ]
        )

    def count(self, scores: Tensor, real: Tensor) -> None:
        """Count the signs of the scores of real rows.

        Args:
            scores: (N, ...).
            real: (N,), True for the real ones.
        """
        signs = scores.detach().float().sign().reshape(len(scores), -1).mean(1)
        counted = torch.stack([(signs * real).sum(), real.sum()])
        self._signs = self._signs.to(counted.device) + counted


class _Call:
    """Hooks around one call of a discriminator after the other."""

    def __init__(self, augmentation: Augmentation, real: Tensor, counts: bool) -> None:
        self._augmentation, self._real, self._counts = augmentation, real, counts
        self._matches: Tensor | None = None

    def before(self, module: nn.Module, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Augment the images among the arguments."""
        self._matches = None
        if not arguments or not _is_image(arguments[0]):
            return None
        first = arguments[0]
        places = [
            place
            for place, each in enumerate(arguments)
            if _is_image(each) and (len(each), *each.shape[2:]) == (len(first), *first.shape[2:])
        ]
        if self._counts:
            self._matches = _matches(first, self._real)
        changed = list(arguments)
        images = [arguments[place] for place in places]
        for place, each in zip(
            places, self._augmentation.change(images, len(self._real)), strict=True
        ):
            changed[place] = each
        return tuple(changed)

    def after(self, module: nn.Module, arguments: object, scores: object) -> None:
        """Count the scores of real images."""
        matches, self._matches = self._matches, None
        if matches is None or not isinstance(scores, Tensor) or len(scores) != len(matches):
            return
        self._augmentation.count(scores, matches)


def _check(gan: GAN, name: str) -> None:
    """Refuse a model that cannot be trained with an augmentation."""
    kind = gan.sample_spec.kind
    if kind != "images":
        raise ConfigError(
            f"augment={name}: {type(gan).__name__} makes {kind}, and only images are augmented:"
            " use --augment none"
        )
    if name in gan.no_augment:
        raise ConfigError(f"augment={name}: {type(gan).__name__}: {gan.no_augment[name]}")


def _called(discriminator: nn.Module) -> list[nn.Module]:
    """The modules that losses call: those of a container by name, any other one itself."""
    if isinstance(discriminator, nn.ModuleDict | nn.ModuleList):
        return list(discriminator.children())
    return [discriminator]


def _is_image(value: object) -> bool:
    return isinstance(value, Tensor) and value.ndim == 4 and value.is_floating_point()


def _matches(images: Tensor, real: Tensor) -> Tensor | None:
    """Rows that are those of the batch, (N,); None if the images have another form."""
    if images.shape[1:] != real.shape[1:] or len(images) % len(real):
        return None
    batches = images.detach().view(-1, *real.shape)
    return (batches == real).flatten(2).all(2).flatten()

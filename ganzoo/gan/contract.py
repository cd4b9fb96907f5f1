"""The contract: a GAN says what its losses are, the trainer alone acts on them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, final

import torch
from torch import Tensor, nn

from ganzoo.errors import ConfigError
from ganzoo.runtime import seeds
from ganzoo.spec import SampleSpec

if TYPE_CHECKING:
    from ganzoo.data import Dataset

Batch: TypeAlias = Mapping[str, Tensor]
"""Tensors of equal length by name. Reserved: ``real``, ``latent``, ``label``, ``source``, ``mask``.
Images are float, (N, C, H, W), in [-1, 1]; waveforms float, (N, C, T), in [-1, 1]; tokens int64,
(N, T); labels int64, (N,); a mask float, (N, 1, H, W), 1 where something is missing."""

Losses: TypeAlias = Mapping[str, Tensor]
"""Named scalar terms: summed for the update, logged one by one."""

PRIOR_BLOCK = 64
"""Latents are drawn in blocks of this many rows, so that row i depends on (seed, i) alone."""


@dataclass(frozen=True)
class Phase:
    """One thing that the trainer does in each step: minimise a loss over a module's parameters.

    Args:
        name: what the log calls it.
        module: whose parameters it trains; all others are frozen meanwhile. Phases that share a
            module share its optimiser.
        loss: ``(batch, fake) -> losses``. ``fake`` carries its graph if the phase trains the
            generator and is detached otherwise. A loss that returns ``{}`` idles in this step.
        repeat: updates in a step, each on a new batch.
        start: run only from so many images of the data set on.
        end: run only below so many images: a warm-up.
        interval: run only in each n-th step, with the loss scaled by n; where the module has
            another
            phase too, Adam is corrected by n/(n+1) (lazy regularisation, Karras et al. 2020,
            appendix B).
        needs_fakes: False if the loss wants none; it is then given an empty tensor.
        after_update: called, without gradients, after each update of the module: brings parameters
            back
            to where they are allowed to be (weight clipping).
    """

    name: str
    module: nn.Module
    loss: Callable[[Batch, Tensor], Losses]
    repeat: int = 1
    interval: int = 1
    needs_fakes: bool = True
    start: float = 0.0
    end: float = math.inf
    after_update: Callable[[], None] | None = None


class GAN(nn.Module, ABC):
    """A generator, a discriminator and the losses between them.

    A plugin sets ``generator`` and ``discriminator`` and writes two losses; the strange ones also
    write `phases`. All that `generate` needs lives in ``generator``: it is what is averaged, saved
    and published. Nothing here calls backward, moves to a device, prints or opens a file.

    Args:
        config: the plugin's frozen dataclass.
    """

    generator: nn.Module
    discriminator: nn.Module
    step: int = 0
    """Steps done; set by the trainer, for losses that follow a schedule."""
    images: int = 0
    """Images of the data set seen; set by the trainer."""
    rate: int = 0
    """Samples a second, where the data are waveforms."""
    vocabulary: int = 0
    """How many tokens there may be, where the data are texts."""
    needs: tuple[str, ...] = ()
    """What must be given to `sample`, because no prior has it: ``source``, for a translation."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config

    @abstractmethod
    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """What the discriminator minimises; ``fake`` arrives detached."""

    @abstractmethod
    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """What the generator minimises; ``fake`` arrives with its graph."""

    def generate(self, batch: Batch) -> Tensor:
        """Fakes for a batch, as the discriminator sees them."""
        output: Tensor = self.generator(batch["latent"])
        return output

    def judge(self, batch: Batch, data: Tensor) -> Tensor:
        """The discriminator's opinion of real or generated data, higher is more real; for the log.

        Default: ``self.discriminator(data)``. A discriminator that takes more, or several of them,
        say here how they are asked; ``batch`` holds the conditions.
        """
        scores: Tensor = self.discriminator(data)
        return scores

    def decode(self, output: Tensor) -> Tensor:
        """From what `generate` returns to data: images in [-1, 1], tokens, a waveform."""
        return output

    def prior(self, n: int) -> Batch:
        """Random inputs for n samples, drawn on the CPU from torch's global generator.

        Whatever must not depend on how a batch is split over processes (latents, the mixing
        weights of a penalty) is drawn here; it is then the same on one process and on many.
        Default: ``latent``, (n, config.latent), standard normal.
        """
        return {"latent": torch.randn(n, self.config.latent)}

    def phases(self) -> Sequence[Phase]:
        """What a step consists of. Default: the discriminator, then the generator, once each."""
        return (
            Phase("discriminator", self.discriminator, self.discriminator_loss),
            Phase("generator", self.generator, self.generator_loss),
        )

    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample, and so of one item of the data: (C, H, W) for images.

        Default: the shape of one generated sample. A model that cannot generate from its prior
        alone says it itself.
        """
        return tuple(self.sample(1, seed=0).shape[1:])

    @property
    def words(self) -> tuple[str, ...]:
        """What the tokens mean, by index; token 0 ends a text. Default: nobody knows."""
        return ()

    def prepare_data(self, data: Dataset) -> Dataset:
        """The data as this model wants to see them: the same rows, with more columns or others.

        Called on every data set before it is learned or scored against. A model of texts takes the
        words of the first one to heart here. Default: the data as they are.
        """
        return data

    @property
    def sample_spec(self) -> SampleSpec:
        """What one item of the data must be like."""
        return SampleSpec(self.sample_shape(), self.rate, self.vocabulary, self.words)

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    @final
    def sample(
        self, n: int | None = None, *, seed: int | None = None, **given: Tensor | int
    ) -> Tensor:
        """Samples as data: images are float, (n, C, H, W), in [-1, 1].

        The same seed gives the same samples, on any device: sample i depends on (seed, i) alone.

        Args:
            n: how many; left out, as many as the given tensors have rows, or one.
            seed: left out, a new one from torch's global generator.
            given: what is not to be random, e.g. ``label=3``, ``source=images``.

        Raises:
            ConfigError: a given tensor whose length is not n.
        """
        return torch.cat(list(self.samples(n, seed=seed, given=given)))

    @final
    def samples(
        self,
        n: int | None = None,
        *,
        seed: int | None = None,
        batch: int = 4 * PRIOR_BLOCK,
        given: Mapping[str, Tensor | int] | None = None,
        span: tuple[int, int] | None = None,
    ) -> Iterator[Tensor]:
        """`sample`, batch by batch: for sets that do not fit in memory.

        Args:
            n, seed, given: as `sample` takes them.
            batch: samples made at a time; they are the same for any.
            span: first and last (excluded) of the n that are wanted; left out, all. Given tensors
                then have n rows, or those of the span.
        """
        given = given or {}
        lengths = {len(rows) for rows in given.values() if isinstance(rows, Tensor)}
        if n is None:
            n = max(lengths, default=1)
        first, last = span or (0, n)
        if lengths - {n, last - first}:
            other = max(lengths - {n, last - first})
            raise ConfigError(f"sample({n}): a given tensor has {other} rows")
        if n < 1:
            raise ConfigError(f"the number of samples must be at least 1, not {n}")
        if missing := [name for name in self.needs if name not in given]:
            raise ConfigError(
                f"this model makes nothing from random numbers alone: give it a {missing[0]},"
                f" as --{missing[0]} PATH or sample({missing[0]}=images)"
            )
        if seed is None:
            seed = int(torch.randint(2**31, ()).item())
        fixed = {
            name: value if isinstance(value, Tensor) else torch.full((n,), value)
            for name, value in given.items()
        }
        for start in range(first, last, batch):
            stop = min(start + batch, last)
            with seeds.fork_rng(self.device), torch.no_grad(), evaluating(self):
                inputs = dict(self._prior_rows(start, stop, seed))
                for name, rows in fixed.items():
                    skipped = 0 if len(rows) == n else first
                    inputs[name] = rows[start - skipped : stop - skipped]
                inputs = {name: rows.to(self.device) for name, rows in inputs.items()}
                output = self.generate(inputs)
                output = self.decode(output.float() if output.is_floating_point() else output)
            yield output

    def drawn(self, n: int, seed: int) -> Batch:
        """Rows of the prior that `sample` makes n samples of a seed from, where none are given."""
        with seeds.fork_rng(torch.device("cpu")):
            return self._prior_rows(0, n, seed)

    def _prior_rows(self, start: int, stop: int, seed: int) -> Batch:
        first = start // PRIOR_BLOCK
        blocks = []
        for block in range(first, -(-stop // PRIOR_BLOCK)):
            seeds.set_seed(seeds.mix(seed, "sample", block), torch.device("cpu"))
            blocks.append(self.prior(PRIOR_BLOCK))
        rows = slice(start - first * PRIOR_BLOCK, stop - first * PRIOR_BLOCK)
        return {name: torch.cat([block[name] for block in blocks])[rows] for name in blocks[0]}


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Evaluation mode inside, and every submodule back in its own mode after."""
    training = [child for child in module.modules() if child.training]
    module.eval()
    try:
        yield
    finally:
        for child in training:
            child.training = True

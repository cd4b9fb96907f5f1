"""The contract: a GAN declares its networks, losses and samples; the trainer alone acts on them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, final

import torch
from torch import Tensor, nn

from ganzoo.errors import PluginError
from ganzoo.gan import sample_inputs
from ganzoo.gan.sample_inputs import Given
from ganzoo.runtime import seeds
from ganzoo.spec import ModelConfig, SampleInput, SampleSpec
from ganzoo.spec.sample import LATENT

if TYPE_CHECKING:
    from ganzoo.data import Dataset
    from ganzoo.gan.latent_space import LatentSpace

Batch: TypeAlias = Mapping[str, Tensor]
"""Tensors of equal length by name. Reserved: ``real``, ``latent``, ``label``, ``source``, ``mask``.
Images are float, (N, C, H, W), in [-1, 1]; waveforms float, (N, C, T), in [-1, 1]; tokens int64,
(N, T); labels int64, (N,); a mask float, (N, 1, H, W), 1 where something is missing."""

Losses: TypeAlias = Mapping[str, Tensor]
"""Named scalar terms: summed for the update, logged one by one. Never empty."""

PRIOR_BLOCK = 64
"""Latents are drawn in blocks of this many rows, so that row i depends on (seed, i) alone."""


@dataclass(frozen=True)
class Phase:
    """One part of a training step: minimize a loss over the parameters of a module.

    Args:
        name: its name in the log and in the recipe's ``optimizers``.
        module: the module to train; all other parameters are frozen meanwhile. Phases of one
            module share its optimizer.
        loss: ``(batch, fake) -> losses``. ``fake`` carries its graph if the phase trains the
            generator, and is detached otherwise.
        repeat: updates per step, each on a new batch.
        interval: run in every n-th step only, with the loss scaled by n; where the module has
            another phase too, Adam is corrected by n/(n+1) (lazy regularization, Karras et al.
            2020, appendix B).
        needs_fakes: False if the loss uses no fakes; it then gets an empty tensor.
        start: images of the data set seen before the phase runs first.
        end: images of the data set after which it runs no more.
        after_update: called without gradients after each update of the module, e.g. to clip its
            weights.
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

    A plugin sets ``generator`` and ``discriminator`` and writes two losses; models whose step is
    not one update of each also write `phases`. All that `generate` needs is in ``generator``: it is
    averaged, saved and published. A model never calls backward, moves to a device, prints or opens
    a file.

    Args:
        config: the plugin's frozen dataclass, a `ModelConfig`.
    """

    config: Any
    """The plugin's config; a subclass may declare its own type, ``config: Config``."""
    generator: nn.Module
    discriminator: nn.Module
    step: int = 0
    """Steps done, set by the trainer; for losses that follow a schedule."""
    images: int = 0
    """Images of the data set seen, set by the trainer."""
    class_names: tuple[str, ...] = ()
    """Names of the classes by label, as `ganzoo.load` finds them; empty if they are unknown."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config

    @abstractmethod
    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Loss of the discriminator; ``fake`` is detached."""

    @abstractmethod
    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Loss of the generator; ``fake`` carries its graph."""

    def phases(self) -> Sequence[Phase]:
        """Phases of a training step. Default: the discriminator, then the generator, once each."""
        return (
            Phase("discriminator", self.discriminator, self.discriminator_loss),
            Phase("generator", self.generator, self.generator_loss),
        )

    def prior(self, n: int) -> Batch:
        """Random inputs of n samples, drawn on the CPU from torch's global generator.

        Everything random that must not depend on how a batch is split over processes (latents, the
        mixing weights of a penalty) is drawn here. Default: ``latent``, (n, config.latent),
        standard normal.
        """
        return {"latent": torch.randn(n, self.config.latent)}

    def generate(self, batch: Batch) -> Tensor:
        """Fakes for a batch, as the discriminator gets them."""
        output: Tensor = self.generator(batch["latent"])
        return output

    def decode(self, output: Tensor) -> Tensor:
        """Samples from the output of `generate`: images in [-1, 1], tokens, a waveform."""
        return output

    def styles(self, batch: Batch) -> Tensor | None:
        """Intermediate latents w, (N, layers, w), of a model that maps z to w. Default: None.

        Such a model declares the input ``w``: `generate` then finds rows (N, layers, w) or (N, w)
        under this name, which replace the latents.
        """
        return None

    @property
    def sample_spec(self) -> SampleSpec:
        """Shape and kind of one sample, and so of one row of the data.

        Default: images of shape (config.channels, config.size, config.size).
        """
        try:
            channels, size = self.config.channels, self.config.size
        except AttributeError:
            reason = "write sample_spec, its config has no channels and size"
            raise PluginError(f"{type(self).__name__}: {reason}") from None
        return SampleSpec((channels, size, size))

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        """Inputs that `sample` accepts beside n and seed; a class attribute does as well.

        Default: ``latent``.
        """
        return (LATENT,)

    @property
    def num_classes(self) -> int:
        """Number of classes of ``label``; 0: no labels. Default: config.classes, if it exists."""
        return int(getattr(self.config, "classes", 0))

    @property
    def no_augment(self) -> Mapping[str, str]:
        """Augmentations (``diff``, ``ada``) that this model cannot be trained with, and the reason
        of each, which an error shows. Default: none; ADA needs scores above 0 for real images.
        """
        return {}

    def prepare_data(self, data: Dataset) -> Dataset:
        """The data set with the columns that this model needs. Default: unchanged.

        Called for every data set before it is trained on or scored against.
        """
        return data

    @property
    def device(self) -> torch.device:
        """Device of the parameters."""
        return next(self.parameters()).device

    @property
    def latent_space(self) -> LatentSpace:
        """Statistics, curves and directions of the latents; keep it to keep the statistics.

        Raises:
            ConfigError: the model has no latents.
        """
        from ganzoo.gan.latent_space import LatentSpace

        return LatentSpace(self)

    @final
    def sample(self, n: int | None = None, *, seed: int | None = None, **given: Given) -> Tensor:
        """Generate samples: images are float, (n, C, H, W), in [-1, 1].

        The same seed gives the same samples on any device: sample i depends on (seed, i) alone.
        Several threads may sample one model; they take turns.

        Args:
            n: number of samples; left out, as many as the inputs have rows, or one.
            seed: of what is drawn; left out, a new one from torch's global generator.
            given: `inputs` that are not to be drawn, e.g. ``label=3``, ``source=images``. A list
                has a value for each sample; labels are numbers or `class_names`.

        Raises:
            ConfigError: an input that the model does not take, or a value that it cannot be.
        """
        return torch.cat(list(self.samples(n, seed=seed, given=given)))

    @final
    def samples(
        self,
        n: int | None = None,
        *,
        seed: int | None = None,
        batch: int = 4 * PRIOR_BLOCK,
        given: Mapping[str, Given] | None = None,
        span: tuple[int, int] | None = None,
    ) -> Iterator[Tensor]:
        """Generate samples batch by batch, for sets that do not fit in memory.

        Args:
            n, seed, given: as for `sample`.
            batch: batch size; it does not change the samples.
            span: first and last (excluded) of the n samples that are wanted; left out, all. Inputs
                then have n rows, or those of the span.

        Raises:
            ConfigError: as `sample`.
        """
        given = given or {}
        sample_inputs.check_names(self.inputs, given)
        with seeds.fork_rng(torch.device("cpu")):
            drawn = self.prior(1) if given else {}
        rows = sample_inputs.as_rows(given, drawn, self.num_classes, self.class_names)
        sample_inputs.check_shapes(self.inputs, rows)
        n = sample_inputs.count(rows, n, span)
        if seed is None:
            with seeds.locked():
                seed = int(torch.randint(2**31, ()).item())
        return self._batches(rows, n, seed, batch, span or (0, n))

    def _batches(
        self, given: Batch, n: int, seed: int, size: int, span: tuple[int, int]
    ) -> Iterator[Tensor]:
        for start in range(*span, size):
            stop = min(start + size, span[1])
            with seeds.fork_rng(self.device), torch.no_grad(), evaluating(self):
                rows = dict(self._prior_rows(start, stop, seed))
                for name, value in given.items():
                    rows[name] = sample_inputs.part(value, n, span, start, stop)
                rows = {name: value.to(self.device) for name, value in rows.items()}
                output = self.generate(rows)
                output = self.decode(output.float() if output.is_floating_point() else output)
            yield output

    @final
    def prior_rows(self, n: int, seed: int) -> Batch:
        """Rows of the prior that `sample` uses for n samples of a seed."""
        with seeds.fork_rng(torch.device("cpu")):
            return self._prior_rows(0, n, seed)

    @final
    def sample_conditions(
        self, dataset: Dataset, n: int, seed: int, span: tuple[int, int] | None = None
    ) -> dict[str, Tensor | int]:
        """Inputs of n samples from rows of a data set in seeded order: labels, sources, masks.

        Args:
            dataset: the data set.
            n: number of samples.
            seed: of the order.
            span: first and last (excluded) of the rows that are wanted; left out, all.
        """
        names = {each.name for each in self.inputs}
        rows = dataset.sample_conditions(n, seed, span)
        return {name: value for name, value in rows.items() if name in names}

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
    """Switch to evaluation mode, and restore the mode of every submodule afterwards."""
    training = [child for child in module.modules() if child.training]
    module.eval()
    try:
        yield
    finally:
        for child in training:
            child.training = True

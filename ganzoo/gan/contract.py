"""The contract: a GAN declares its networks, losses and samples; the trainer alone acts on them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, final

import torch
from torch import Tensor, nn

from ganzoo.errors import ConfigError, PluginError
from ganzoo.gan import sample_inputs
from ganzoo.gan.evaluation_mode import evaluating
from ganzoo.gan.phase import Batch, Losses, Phase
from ganzoo.gan.sample_inputs import Given
from ganzoo.runtime import seeds
from ganzoo.runtime.arguments import check_number
from ganzoo.spec import ModelConfig, SampleInput, SampleSpec
from ganzoo.spec.sample import LATENT

if TYPE_CHECKING:
    from ganzoo.data import Dataset
    from ganzoo.gan.latent_space import LatentSpace

PRIOR_BLOCK = 64
"""Latents are drawn in blocks of this many rows, so that row i depends on (seed, i) alone."""


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
    name: str = ""
    """``arch.preset``, as `ganzoo.load` and `ganzoo.create` find it; empty if it is unknown."""
    card: str = ""
    """Model card of trained weights, Markdown; empty for an untrained model."""
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
    def latent_dim(self) -> int:
        """Length of a latent vector; 0 if the model takes none."""
        if all(each.name != LATENT.name for each in self.inputs):
            return 0
        return self.prior_rows(1, 0)[LATENT.name].shape[-1]

    @property
    def noise_maps(self) -> Mapping[str, Tensor]:
        """Buffers with fixed noise that layers add, (H, W), by name. Default: none."""
        return {}

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

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile `generate`, and so `sample`; arguments are those of `torch.compile`."""
        self.generate = torch.compile(self.generate, *args, **kwargs)  # type: ignore[method-assign]

    def forward(self, *_: object, **__: object) -> NoReturn:
        """Refuse to be called as a function, which torch.export does as well."""
        raise ConfigError(
            "a GAN is not called: gan.sample(n) returns samples; gan.compile() compiles them, and"
            " `ganzoo export SOURCE --to torch-export` (or onnx) exports them"
        )

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
        given = sample_inputs.as_mapping(given)
        sample_inputs.check_seed(n, seed)
        check_number("batch", batch, whole=True, least=1)
        sample_inputs.check_names(self.inputs, given)
        with seeds.fork_rng(torch.device("cpu")):
            drawn = sample_inputs.fixed(self.inputs, self.prior(1)) if given else {}
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
                output = self.generate({name: self._moved(value) for name, value in rows.items()})
                output = self.decode(output.float() if output.is_floating_point() else output)
            yield output

    def _moved(self, rows: Tensor) -> Tensor:
        """Rows on the generator's device, and floats in its precision."""
        dtype = next((each.dtype for each in self.generator.parameters()), torch.float32)
        return rows.to(self.device, dtype if rows.is_floating_point() else None)

    @final
    def prior_rows(self, n: int, seed: int) -> Batch:
        """Rows of the prior that `sample` uses for n samples of a seed."""
        sample_inputs.check_seed(n, seed)
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

"""Samples of a model: their shape and kind, and the inputs that they can be made from."""

from __future__ import annotations

from dataclasses import dataclass

from ganzoo.errors import ConfigError


@dataclass(frozen=True)
class SampleSpec:
    """One sample of a model, and so one row of the data that it learns."""

    shape: tuple[int | None, ...]
    """(C, H, W) of images, (C, T) of waveforms, (T,) of tokens; None: a free dimension."""
    range: tuple[float, float] = (-1.0, 1.0)
    """Lowest and highest value; images and waveforms are always in [-1, 1]."""
    rate: int = 0
    """Samples per second of a waveform; 0: not a waveform."""
    vocabulary: int = 0
    """Number of different tokens of a text; 0: not a text."""
    words: tuple[str, ...] = ()
    """Words of a text by token, as far as the model knows them; token 0 ends a text."""

    @property
    def is_image(self) -> bool:
        """True if samples can be written as gray or RGB images."""
        if self.rate or self.vocabulary or len(self.shape) != 3 or self.shape[0] not in (1, 3):
            return False
        return all(size is None or size > 0 for size in self.shape)

    @property
    def kind(self) -> str:
        """``images``, ``waveforms``, ``texts`` or ``arrays``."""
        if self.rate:
            return "waveforms"
        return "texts" if self.vocabulary else "images" if self.is_image else "arrays"

    @property
    def fixed_shape(self) -> tuple[int, ...]:
        """The shape, where every dimension is fixed.

        Raises:
            ConfigError: a dimension is free.
        """
        sizes = [size for size in self.shape if size is not None]
        if len(sizes) < len(self.shape):
            shown = ", ".join("any" if size is None else str(size) for size in self.shape)
            raise ConfigError(
                f"samples of this model are ({shown}): say which size, e.g."
                " load_data(name, (3, 64, 64))"
            )
        return tuple(sizes)

    def fits(self, shape: tuple[int, ...]) -> bool:
        """True if a sample may have this shape."""
        pairs = zip(self.shape, shape, strict=False)
        return len(shape) == len(self.shape) and all(own in (None, size) for own, size in pairs)


@dataclass(frozen=True)
class SampleInput:
    """One thing that `GAN.sample` accepts beside ``n`` and ``seed``; anything else is refused."""

    name: str
    """Keyword of `GAN.sample`, and entry of the batch that `GAN.generate` gets."""
    description: str
    """One sentence: the input's meaning, shape and range."""
    required: bool = False
    """True if nothing can be sampled without it, as `GAN.prior` does not draw it."""
    shape: tuple[int | None, ...] = ()
    """Shape of a row; None: a free dimension. Empty: as a sample, or not stated."""

    @property
    def is_free(self) -> bool:
        """True if the shape has a free dimension: rows may have different sizes."""
        return None in self.shape


LATENT = SampleInput("latent", "latent vectors z, a row for each sample")
LABEL = SampleInput("label", "class index of each sample, or one for all")

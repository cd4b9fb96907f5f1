"""What one item of data must be like, so that a model can learn it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleSpec:
    """Images, waveforms or tokens, and of which size; `GAN.sample_spec` says a model's."""

    shape: tuple[int, ...]
    """(C, H, W) of images, (C, T) of waveforms, (T,) of tokens."""
    rate: int = 0
    """Samples a second of a waveform; 0: it is none."""
    vocabulary: int = 0
    """How many tokens there may be; 0: there are none."""
    words: tuple[str, ...] = ()
    """What the tokens mean, by index, where the model knows it already."""

    @property
    def is_picture(self) -> bool:
        """Whether items can be written as images."""
        return len(self.shape) == 3 and self.shape[0] in (1, 3) and min(self.shape) > 0

    @property
    def kind(self) -> str:
        """What users call such items."""
        if self.rate:
            return "waveforms"
        return "texts" if self.vocabulary else "images" if self.is_picture else "arrays"

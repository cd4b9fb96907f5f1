"""Vocoders: adversarial, feature matching and mel losses; long sources are generated in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import GAN, Batch, Dataset, Losses, SampleInput, SampleSpec, losses
from ganzoo.errors import ConfigError
from ganzoo_hifigan.configs import BigConfig, Config, VocoderConfig
from ganzoo_hifigan.discriminators import (
    Discriminators,
    bigvgan_discriminators,
    hifigan_discriminators,
)
from ganzoo_hifigan.generators import BigGenerator, Generator
from ganzoo_hifigan.mel import LogMel

CHUNK = 512
"""Frames that are generated at a time, which bounds the memory."""


class Vocoder(GAN):
    """A source, waveforms or their log-mel spectrograms, to waveforms."""

    config: VocoderConfig
    discriminator: Discriminators

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__(config)
        self.chunk = CHUNK
        """Frames that are generated at a time; the waveforms do not depend on it."""
        self.mel = log_mel(config)
        self.loss_mel = log_mel(replace(config, high=None))

    @property
    def sample_spec(self) -> SampleSpec:
        return SampleSpec((1, self.config.row), rate=self.config.rate)

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        config = self.config
        return (
            SampleInput(
                "source",
                f"waveforms, (n, 1, T) in [-1, 1] at {config.rate} Hz, or log-mel spectrograms,"
                f" (n, {config.mels}, frames)",
                required=True,
                shape=(None, None),
            ),
        )

    def prior(self, n: int) -> Batch:
        """Start of each training segment, as a share of the row."""
        return {"offset": torch.rand(n)}

    def prepare_data(self, data: Dataset) -> Dataset:
        """The data with each waveform as its own source."""
        if "source" in data.columns:
            return data
        return replace(data, columns={**data.columns, "source": data.columns["real"]})

    def generate(self, batch: Batch) -> Tensor:
        """Waveforms of the length of the source; in training, of a segment of it."""
        source = batch["source"]
        if self.training:
            source = self._segments(source, batch["offset"])
            waves: Tensor = self.generator(self.mel(source[:, 0]))
            return waves
        if source.ndim == 3 and source.shape[1] == 1:
            return self._resynthesize(source[:, 0])
        if source.ndim != 3 or source.shape[1] != self.config.mels:
            raise ConfigError(
                f"source must be waveforms (n, 1, T) or log-mel spectrograms"
                f" (n, {self.config.mels}, frames), not {tuple(source.shape)}"
            )
        return self._in_chunks(source.shape[-1], lambda start, stop: source[..., start:stop])

    def _resynthesize(self, waves: Tensor) -> Tensor:
        """Waveforms from the spectrograms of waveforms, (N, T), of any length."""
        length, hop = waves.shape[-1], self.mel.hop
        shortest = self.mel.padding + hop
        waves = F.pad(waves, (0, max(0, shortest - length)))
        padded = self.mel.padded(waves, -waves.shape[-1] % hop)
        frames = -(-waves.shape[-1] // hop)
        return self._in_chunks(frames, self._frames_of(padded))[..., :length]

    def _frames_of(self, padded: Tensor) -> Callable[[int, int], Tensor]:
        """Log-mel frames from one place to another, of padded waveforms."""
        hop, fft = self.mel.hop, self.mel.fft

        def frames(start: int, stop: int) -> Tensor:
            return self.mel.frames(padded[:, start * hop : (stop - 1) * hop + fft])

        return frames

    def _in_chunks(self, count: int, frames: Callable[[int, int], Tensor]) -> Tensor:
        """Waveforms of frames, chunk by chunk, each with the frames that its samples depend on."""
        return torch.cat(list(self._chunks(count, frames)), -1)

    def _chunks(self, count: int, frames: Callable[[int, int], Tensor]) -> Iterator[Tensor]:
        hop, context = self.config.hop, self.config.context
        for start in range(0, count, self.chunk):
            stop = min(start + self.chunk, count)
            first, last = max(0, start - context), min(count, stop + context)
            waves = self.generator(self._moved(frames(first, last)))
            yield waves[..., (start - first) * hop : (stop - first) * hop]

    def _segments(self, waves: Tensor, offset: Tensor) -> Tensor:
        """A segment of each waveform, (N, 1, T)."""
        length = self.config.segment
        start = (offset.to(torch.float64) * (waves.shape[-1] - length + 1)).long()
        places = start[:, None, None] + torch.arange(length, device=waves.device)
        return waves.gather(2, places.clamp_max(waves.shape[-1] - 1))

    def _real(self, batch: Batch) -> Tensor:
        return self._segments(batch["real"], batch["offset"])

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Least squares, added over the discriminators (Kong et al. 2020, equation 1)."""
        pairs = zip(self.discriminator(self._real(batch)), self.discriminator(fake), strict=True)
        each = [2 * losses.least_squares_d(real, other) for (real, _), (other, _) in pairs]
        return {"adv": torch.stack(each).sum()}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Equations 2 to 4 of Kong et al. (2020)."""
        real = self._real(batch)
        judged = self.discriminator(fake)
        with torch.no_grad():
            wanted = self.discriminator(real)
            mel = self.loss_mel(real[:, 0])
        adversarial = [2 * losses.least_squares_g(scores) for scores, _ in judged]
        matching = [
            F.l1_loss(own.float(), other.float())
            for (_, own_maps), (_, other_maps) in zip(judged, wanted, strict=True)
            for own, other in zip(own_maps, other_maps, strict=True)
        ]
        return {
            "adv": torch.stack(adversarial).sum(),
            "features": self.config.feature_weight * torch.stack(matching).sum(),
            "mel": self.config.mel_weight * F.l1_loss(self.loss_mel(fake[:, 0]), mel),
        }


class HiFiGAN(Vocoder):
    """Kong et al. (2020)."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = hifigan_discriminators(config)


class BigVGAN(Vocoder):
    """Lee et al. (2023)."""

    def __init__(self, config: BigConfig) -> None:
        super().__init__(config)
        self.generator = BigGenerator(config)
        self.discriminator = bigvgan_discriminators(config)


def log_mel(config: VocoderConfig) -> LogMel:
    """The log-mel spectrogram of a config."""
    return LogMel(
        rate=config.rate,
        mels=config.mels,
        fft=config.fft,
        hop=config.hop,
        window=config.window,
        band=config.band,
    )

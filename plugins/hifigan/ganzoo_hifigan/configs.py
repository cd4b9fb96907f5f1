"""Configs of the two vocoders: log-mel spectrogram, generator, discriminators, loss weights."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Annotated

from ganzoo import ModelConfig
from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Count, Counts, Weight
from ganzoo.spec.fields import AtLeast, MultipleOf, OneOf

CONVOLUTIONS = {1: 3, 2: 2}
"""Dilated convolutions of a residual block, by its type."""


@dataclass(frozen=True)
class VocoderConfig(ModelConfig):
    """Log-mel spectrogram, generator, period discriminators and loss weights of a vocoder."""

    rate: Annotated[Count, "samples per second"] = 22_050
    mels: Annotated[Count, "mel bands"] = 80
    fft: Annotated[int, AtLeast(2), "length of the Fourier transform"] = 1024
    window: Annotated[int, AtLeast(2), "length of the Hann window, at most fft"] = 1024
    low: Annotated[Weight, "lowest frequency of the mel bands, in Hz"] = 0.0
    high: Annotated[Weight | None, "highest frequency of the mel bands; none: half the rate"] = (
        8000.0
    )
    width: Annotated[Count, "feature maps next to the spectrogram; halved with each stage"] = 512
    rates: Annotated[Counts, "upsampling factor of each stage; their product is the hop"] = (
        *(8, 8),
        *(2, 2),
    )
    kernels: Annotated[Counts, "kernel sizes of the transposed convolutions"] = (16, 16, 4, 4)
    block: Annotated[int, OneOf(1, 2), "type of the residual blocks: 1 is larger"] = 1
    block_kernels: Annotated[Counts, "kernel sizes of the residual blocks of a stage"] = (3, 7, 11)
    dilations: Annotated[
        Counts, "dilations in each residual block of a stage, one block after the other"
    ] = (1, 3, 5) * 3
    periods: Annotated[Counts, "periods of the period discriminators"] = (2, 3, 5, 7, 11)
    period_widths: Annotated[Counts, "feature maps of a period discriminator"] = (
        *(32, 128, 512),
        *(1024, 1024),
    )
    segment: Annotated[Count, "samples of a training segment, a multiple of the hop"] = 8192
    row: Annotated[Count, "samples of a row of data, from which segments are cut at random"] = (
        32_768
    )
    mel_weight: Annotated[Weight, "weight of the mel loss"] = 45.0
    feature_weight: Annotated[Weight, "weight of the feature matching loss"] = 2.0

    def check(self) -> None:
        if len(self.kernels) != len(self.rates):
            raise ConfigError(f"kernels={self.kernels}: must be {len(self.rates)}, as the rates")
        for rate, kernel in zip(self.rates, self.kernels, strict=True):
            if kernel < rate or (kernel - rate) % 2:
                raise ConfigError(f"kernels={self.kernels}: {kernel} is no rate {rate} + 2 n")
        if self.width % 2 ** len(self.rates):
            raise ConfigError(f"width={self.width}: must be divisible by {2 ** len(self.rates)}")
        if any(kernel % 2 == 0 for kernel in self.block_kernels):
            raise ConfigError(f"block_kernels={self.block_kernels}: each must be odd")
        wanted = len(self.block_kernels) * CONVOLUTIONS[self.block]
        if len(self.dilations) != wanted:
            raise ConfigError(f"dilations={self.dilations}: must be {wanted} numbers")
        if self.fft < max(self.window, self.hop) or (self.fft - self.hop) % 2:
            raise ConfigError(
                f"fft={self.fft}: must be at least window={self.window} and the hop {self.hop},"
                " and differ from the hop by an even number"
            )
        for name in ("segment", "row"):
            if getattr(self, name) % self.hop or getattr(self, name) <= self.fft // 2:
                raise ConfigError(
                    f"{name}={getattr(self, name)}: must be a multiple of the hop {self.hop},"
                    f" above {self.fft // 2}"
                )
        if self.row < self.segment:
            raise ConfigError(f"row={self.row}: must be at least segment={self.segment}")
        if self.band[0] >= self.band[1] or self.band[1] > self.rate / 2:
            raise ConfigError(f"high={self.high}: must be above low and at most {self.rate / 2:g}")

    @property
    def hop(self) -> int:
        """Samples between two frames of the spectrogram."""
        return prod(self.rates)

    @property
    def band(self) -> tuple[float, float]:
        """Lowest and highest frequency of the mel bands, in Hz."""
        return self.low, self.rate / 2 if self.high is None else self.high

    @property
    def blocks(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Kernel size and dilations of each residual block of a stage."""
        count = CONVOLUTIONS[self.block]
        return tuple(
            (kernel, self.dilations[index * count : (index + 1) * count])
            for index, kernel in enumerate(self.block_kernels)
        )

    @property
    def activation_reach(self) -> int:
        """Samples on either side that an activation of a block depends on."""
        return 0

    @property
    def context(self) -> int:
        """Frames on either side of a frame that its samples depend on, at most.

        Added up from the last layer to the first, in samples of each stage.
        """
        reach = 3 + self.activation_reach
        for rate, kernel in zip(self.rates[::-1], self.kernels[::-1], strict=True):
            reach += max(self._block_reach(*block) for block in self.blocks)
            reach = -(-(reach + kernel) // rate)
        return reach + 3

    def _block_reach(self, kernel: int, dilations: tuple[int, ...]) -> int:
        second = [1] * len(dilations) if self.block == 1 else []
        layers = [*dilations, *second]
        return sum(kernel // 2 * each + self.activation_reach for each in layers)


@dataclass(frozen=True)
class Config(VocoderConfig):
    """HiFi-GAN: the vocoder's config and its scale discriminators."""

    scales: Annotated[Count, "scale discriminators: raw, halved, halved twice, ..."] = 3
    scale_widths: Annotated[
        tuple[int, ...], MultipleOf(16), "feature maps of a scale discriminator, seven numbers"
    ] = (128, 128, 256, 512, 1024, 1024, 1024)

    def check(self) -> None:
        super().check()
        if len(self.scale_widths) != 7 or min(self.scale_widths) < 16:
            raise ConfigError(f"scale_widths={self.scale_widths}: must be seven, each 16 or more")


@dataclass(frozen=True)
class BigConfig(VocoderConfig):
    """BigVGAN: the vocoder's config, its activations and its resolution discriminators."""

    periodic: Annotated[str, OneOf("snake", "snakebeta"), "periodic activation"] = "snakebeta"
    log_scale: Annotated[bool, "the parameters of the activation are logarithms"] = True
    final_tanh: Annotated[bool, "end with tanh; otherwise samples are clamped"] = True
    final_bias: Annotated[bool, "bias in the last convolution"] = True
    resolutions: Annotated[
        Counts, "Fourier transform, hop and window of each resolution discriminator"
    ] = (1024, 120, 600, 2048, 240, 1200, 512, 50, 240)
    resolution_width: Annotated[Count, "feature maps of a resolution discriminator"] = 32

    def check(self) -> None:
        super().check()
        if len(self.resolutions) % 3:
            raise ConfigError(f"resolutions={self.resolutions}: must be three for each")

    @property
    def activation_reach(self) -> int:
        """Six taps at twice the rate before and after the activation."""
        return 6
